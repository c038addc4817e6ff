"""What stands beside the pixels may be broken: the picture is read as every viewer reads it, and nothing is warned of."""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adreel.domain.errors import PhotoError
from adreel.media.photos.budget import MemoryBudget
from adreel.media.photos.photo import check_photo, load_photo
from adreel.media.photos.readers import IsolatedReader
from support.photo_files import TURNED, gradient, png_chunk, tiff, with_chunks, with_segment

LYING = gradient().transpose(1, 0, 2)[::-1]
"""Turned by a quarter, it is `gradient`."""
ODD_ENTRIES = {
    "negative resolution": (0x011A, 10, 1, struct.pack("<ii", -72, 1)),
    "resolution in letters": (0x011A, 2, 5, b"72/1\0"),
    "resolution through zero": (0x011A, 5, 1, bytes(8)),
    "value beyond the file": (0x011A, 5, 9_999_999, b"\xff\xff\xff\xff"),
    "unknown type": (0x011B, 99, 3, b"\1\2\3\4"),
}


def encoded(kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(LYING).save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    return encoded("JPEG", quality=90)


@pytest.fixture(scope="module")
def png() -> bytes:
    return encoded("PNG")


def read(folder: Path, content: bytes) -> np.ndarray:
    """The pixels; fails for any warning, which would show a path in the terminal."""
    path = folder / "photo"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_photo(path)
        return load_photo(path).rgb.astype(int)


def is_upright(rgb: np.ndarray) -> bool:
    return rgb.shape == (240, 320, 3) and bool(np.abs(rgb - gradient()).mean() < 4)


@pytest.mark.parametrize("entry", ODD_ENTRIES.values(), ids=ODD_ENTRIES)
def test_one_odd_value_does_not_hide_how_a_photo_is_turned(
    tmp_path: Path, jpeg: bytes, png: bytes, entry: tuple[int, int, int, bytes]
) -> None:
    exif = tiff(TURNED, entry)
    assert is_upright(read(tmp_path, with_segment(jpeg, 0xE1, b"Exif\0\0" + exif)))
    assert is_upright(read(tmp_path, with_chunks(png, png_chunk(b"eXIf", exif))))
    assert is_upright(read(tmp_path, encoded("WEBP", quality=95, exif=b"Exif\0\0" + exif)))


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_odd_values_in_newer_formats_are_ignored(tmp_path: Path, kind: str) -> None:
    """There, boxes of the picture say how it is turned, not its Exif data."""
    roomy = tiff((0x010F, 2, 300, b"a" * 299 + b"\0"), (0x0112, 3, 1, struct.pack("<H", 1)))
    if kind == "HEIF":
        file = io.BytesIO()
        heif = pytest.importorskip("pillow_heif")
        heif.from_pillow(Image.fromarray(LYING)).save(file, quality=95, exif=b"Exif\0\0" + roomy)
        content = file.getvalue()
    else:
        content = encoded("AVIF", quality=95, exif=roomy)
    at = max(content.rfind(b"II*\0"), content.rfind(b"MM\0*"))
    odd = tiff(TURNED, ODD_ENTRIES["negative resolution"])
    assert np.abs(read(tmp_path, content[:at] + odd + content[at + len(odd) :]) - LYING).mean() < 4


def test_the_orientation_in_xmp_data_counts_where_exif_has_none(tmp_path: Path, jpeg: bytes) -> None:
    xmp = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><r tiff:Orientation="6"/></x:xmpmeta>'
    assert is_upright(read(tmp_path, with_segment(jpeg, 0xE1, xmp)))


BROKEN_CHUNKS = {
    b"eXIf": b"\0\x08\0\2\1\x12\0\3",
    b"iCCP": b"q\0\0zzz",
    b"sRGB": b"",
    b"gAMA": b"1",
    b"cHRM": bytes(31),
    b"pHYs": b"123",
    b"tIME": b"",
    b"acTL": bytes(8),
    b"zTXt": b"a\0\0" + zlib.compress(bytes(80_000_000), 1),
}


@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_a_broken_chunk_beside_the_pixels_is_ignored(tmp_path: Path, png: bytes, name: bytes) -> None:
    chunk = png_chunk(name, BROKEN_CHUNKS[name])
    assert np.array_equal(read(tmp_path, with_chunks(png, chunk)), LYING)
    wrong_sum = chunk[:-1] + bytes([chunk[-1] ^ 1])
    assert np.array_equal(read(tmp_path, with_chunks(png, wrong_sum)), LYING)


def test_a_colour_in_a_chunk_with_a_wrong_checksum_does_not_count(tmp_path: Path, png: bytes) -> None:
    linear = png_chunk(b"gAMA", struct.pack(">I", 100_000))
    assert not np.array_equal(read(tmp_path, with_chunks(png, linear)), LYING)
    assert np.array_equal(read(tmp_path, with_chunks(png, linear[:-1] + b"\0")), LYING)


@pytest.mark.parametrize("missing", [4, 12, 14, 16])
def test_a_png_without_its_last_checksums_is_whole(tmp_path: Path, png: bytes, missing: int) -> None:
    assert np.array_equal(read(tmp_path, png[:-missing]), LYING)


def test_a_broken_checksum_of_the_picture_itself_is_refused(tmp_path: Path, png: bytes) -> None:
    damaged = png[:29] + bytes([png[29] ^ 1]) + png[30:]
    with pytest.raises(PhotoError, match="photo"):
        read(tmp_path, damaged)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_marker_is_whole(tmp_path: Path, progressive: bool) -> None:
    content = encoded("JPEG", quality=90, progressive=progressive)
    whole = read(tmp_path, content)
    assert np.array_equal(read(tmp_path, content[:-2]), whole)
    assert load_photo(tmp_path / "photo").note == ""


ODD_SEGMENTS = {
    "one of three parts of an ICC profile": (0xE2, b"ICC_PROFILE\0\1\3" + bytes(300)),
    "an ICC profile of zeros": (0xE2, b"ICC_PROFILE\0\1\1" + bytes(200)),
    "an index of pictures": (0xE2, b"MPF\0" + b"\xff" * 40),
    "Adobe's marker, cut short": (0xEE, b"Adobe"),
}


@pytest.mark.parametrize("segment", ODD_SEGMENTS.values(), ids=ODD_SEGMENTS)
def test_an_odd_segment_of_a_jpeg_changes_nothing(tmp_path: Path, jpeg: bytes, segment: tuple[int, bytes]) -> None:
    marker, data = segment
    odd = jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + jpeg[2:]
    assert np.array_equal(read(tmp_path, odd + b"\0\0\0\x18ftypmp42" + bytes(5000)), read(tmp_path, jpeg))


@pytest.mark.parametrize("missing", [8, 20])
def test_a_jpeg_a_few_bytes_short_is_read_with_a_note(tmp_path: Path, jpeg: bytes, missing: int) -> None:
    whole = read(tmp_path, jpeg)
    assert np.array_equal(read(tmp_path, jpeg[:-missing])[:-20], whole[:-20])
    photo = tmp_path / "photo"
    for info in (check_photo(photo), IsolatedReader(MemoryBudget(2**30)).verify(photo)):
        assert info.note.startswith(f"{photo} is cut short: its last ")
        assert "rows" in info.note


@pytest.mark.parametrize("missing", [3, 8, 20])
def test_a_progressive_jpeg_a_few_bytes_short_misses_nothing_that_shows(tmp_path: Path, missing: int) -> None:
    content = encoded("JPEG", quality=90, progressive=True)
    whole = read(tmp_path, content)
    assert np.abs(read(tmp_path, content[:-missing]) - whole).mean() < 1


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_a_jpeg_that_lacks_a_visible_part_is_refused(tmp_path: Path, progressive: bool, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8))
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=90, progressive=progressive)
    path = tmp_path / "photo"
    path.write_bytes(file.getvalue()[: int(len(file.getvalue()) * share)])
    with pytest.raises(PhotoError, match="photo is damaged or cut short: a visible part is missing"):
        check_photo(path)


@pytest.mark.parametrize("claimed", [-5000, -4, 4, 5000, 2**31])
def test_a_webp_is_as_long_as_its_chunks(tmp_path: Path, claimed: int) -> None:
    content = encoded("WEBP", lossless=True)
    length = max(4, len(content) - 8 + claimed).to_bytes(4, "little")
    assert np.array_equal(read(tmp_path, content[:4] + length + content[8:]), LYING)


def test_a_webp_without_the_end_of_its_picture_is_refused(tmp_path: Path) -> None:
    content = encoded("WEBP", lossless=True)
    with pytest.raises(PhotoError, match="photo"):
        read(tmp_path, content[: len(content) // 2])


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "photo")
    with pytest.raises(PhotoError, match="photo is not a file"):
        check_photo(tmp_path / "photo")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_photo_of_which_nothing_is_seen_is_refused(tmp_path: Path, kind: str) -> None:
    file = io.BytesIO()
    Image.fromarray(np.dstack([gradient(), np.zeros((240, 320), np.uint8)])).save(file, kind)
    with pytest.raises(PhotoError, match="photo is transparent everywhere"):
        read(tmp_path, file.getvalue())
    with pytest.raises(PhotoError, match="photo is transparent everywhere"):
        IsolatedReader(MemoryBudget(2**30)).verify(tmp_path / "photo")
