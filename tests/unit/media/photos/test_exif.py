from __future__ import annotations

import struct

import pytest

from adreel.media.photos.exif import ExifFacts, read_exif, xmp_orientation
from support.photo_files import TURNED, tiff


def big_endian(orientation: int) -> bytes:
    return b"MM\0*" + struct.pack(">IHHHIHxxI", 8, 1, 0x0112, 3, 1, orientation, 0)


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_the_orientation_is_read_in_either_byte_order(prefix: bytes) -> None:
    assert read_exif(prefix + tiff(TURNED)).orientation == 6
    assert read_exif(prefix + big_endian(8)).orientation == 8


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_none(value: int) -> None:
    assert read_exif(big_endian(value)).orientation is None


def test_the_first_of_equal_tags_counts() -> None:
    assert read_exif(tiff(TURNED, (0x0112, 3, 1, struct.pack("<H", 3)))).orientation == 6


def test_data_cut_anywhere_say_less_but_raise_nothing() -> None:
    whole = tiff((0x010F, 2, 8, b"a" * 8), TURNED, (0x8769, 4, 1, struct.pack("<I", 8)))
    found = [read_exif(whole[:length]).orientation for length in range(len(whole) + 1)]
    assert set(found) == {None, 6}
    assert found[-1] == 6


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"\0\x08\0\2\1\x12\0\3", bytes(100)])
def test_other_data_say_nothing(data: bytes) -> None:
    assert read_exif(data) == ExifFacts()


def test_the_orientation_in_xmp() -> None:
    assert xmp_orientation(b'<a tiff:Orientation="6"/>') == 6
    assert xmp_orientation(b"<tiff:Orientation>3</tiff:Orientation>") == 3
    assert xmp_orientation(b'<a tiff:Orientation="9"/>') is None
