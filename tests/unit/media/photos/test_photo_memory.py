"""The memory that a photo takes is reckoned from its header: arithmetic, and headers of every format read without a decoder."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adreel.media.photos.memory import PhotoHeader, draft_side, header_of, jpeg_scale, memory_needed
from support.photo_files import png_chunk, with_chunks

MB = 2**20
SIDE = 4096


def encoded(kind: str, size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (encoded("PNG"), PhotoHeader("PNG", 640, 480)),
        (encoded("JPEG"), PhotoHeader("JPEG", 640, 480, 1.5, scans=False)),
        (encoded("JPEG", subsampling=0), PhotoHeader("JPEG", 640, 480, 3.0, scans=False)),
        (encoded("JPEG", progressive=True, mode="L"), PhotoHeader("JPEG", 640, 480, 1.0, scans=True)),
        (encoded("JPEG", mode="CMYK", subsampling=0), PhotoHeader("JPEG", 640, 480, 4.0, scans=False)),
        (encoded("JPEG", exif=b"Exif\0\0" + b"\xff\xc0" * 20000), PhotoHeader("JPEG", 640, 480, 1.5, scans=False)),
        (encoded("WEBP"), PhotoHeader("WEBP", 640, 480)),
        (encoded("WEBP", lossless=True), PhotoHeader("WEBP", 640, 480)),
        (encoded("WEBP", exif=b"Exif\0\0x"), PhotoHeader("WEBP", 640, 480)),
        (encoded("AVIF"), PhotoHeader("AVIF", 640, 480)),
        (encoded("GIF"), None),
        (b"", None),
        (b"\xff\xd8\xff\xe0\xff\xff" + b"x" * 100, None),
    ],
)
def test_a_header_is_read_without_a_decoder(content: bytes, header: PhotoHeader | None) -> None:
    assert header_of(io.BytesIO(content)) == header


def test_of_an_avif_the_largest_picture_counts() -> None:
    def ispe(width: int, height: int) -> bytes:
        return b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", width, height)

    content = b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + ispe(512, 512) + ispe(10_000, 9_000) + ispe(512, 512)
    assert header_of(io.BytesIO(content)) == PhotoHeader("AVIF", 10_000, 9_000)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        # Measured peaks of whole processes, in megabytes, less the 23 that Python and Pillow take.
        (PhotoHeader("PNG", 10_000, 10_000), 772, 1100),
        (PhotoHeader("WEBP", 16_383, 6_100), 1570, 2000),
        (PhotoHeader("AVIF", 8_000, 6_000), 467, 1100),
        (PhotoHeader("HEIF", 8_000, 6_000), 400, 1000),
        (PhotoHeader("JPEG", 10_000, 10_000, 1.5), 384, 800),
        (PhotoHeader("JPEG", 8_000, 6_000, 4.0), 551, 1000),
        (None, 1, 32),
    ],
)
def test_the_estimate_is_above_what_was_measured_and_not_far_above(
    header: PhotoHeader | None, least: int, most: int
) -> None:
    assert least * MB <= memory_needed(header, SIDE) <= most * MB


def test_what_a_usual_photo_takes_lets_several_be_read_at_a_time() -> None:
    assert memory_needed(PhotoHeader("JPEG", 4032, 3024, 1.5), SIDE) < 300 * MB
    assert memory_needed(PhotoHeader("JPEG", 4032, 3024, 1.5), 512) < 64 * MB


@pytest.mark.parametrize(
    ("longest", "side", "scale"),
    [(4096, 4096, 1), (8027, 4096, 1), (8028, 4096, 2), (16_320, 4096, 4), (10_000, 512, 8)],
)
def test_jpegs_are_shrunk_by_powers_of_two_and_hardly_below_the_side(longest: int, side: int, scale: int) -> None:
    assert jpeg_scale(longest, side) == scale
    image = Image.open(io.BytesIO(encoded("JPEG", (longest, 200))))
    shrink = longest / draft_side(side)
    image.draft(image.mode, (int(longest / shrink), int(200 / shrink)))
    assert image.width == -(-longest // scale) >= draft_side(side) > 0.975 * side


def test_a_jpeg_with_one_scan_for_all_colours_holds_no_coefficients() -> None:
    """A phone's 200 megapixels take less than 12 megapixels of PNG do; progressive, or with a scan for each colour, much more."""
    baseline = PhotoHeader("JPEG", 16_320, 12_240, 1.5, scans=False)
    assert memory_needed(baseline, SIDE) < 250 * MB
    assert memory_needed(replace(baseline, scans=True), SIDE) > 700 * MB


def test_a_baseline_jpeg_with_a_scan_for_each_colour_is_one_with_several_scans() -> None:
    content = encoded("JPEG")
    at = content.index(b"\xff\xda")
    one_colour = content[:at] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + content[at + 14 :]
    header = header_of(io.BytesIO(one_colour))
    assert header is not None
    assert header.scans


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reading_of_a_header_fail_otherwise_than_by_its_own_errors(content: bytes) -> None:
    for start in (b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8X", b"\0\0\0\x18ftypavif"):
        try:
            header = header_of(io.BytesIO(start + content))
        except (IndexError, ValueError):
            continue
        assert memory_needed(header, SIDE) > 0


@pytest.mark.parametrize("codes", [b"\x00\x09\x00\x10", b"\x00\x0c\x00\x12"])
def test_an_hdr_photo_takes_more(codes: bytes) -> None:
    sdr = encoded("AVIF")
    at = sdr.index(b"nclx") + 4
    plain, hdr = header_of(io.BytesIO(sdr)), header_of(io.BytesIO(sdr[:at] + codes + sdr[at + 4 :]))
    assert hdr is not None
    assert plain is not None
    assert (plain.is_hdr, hdr.is_hdr) == (False, True)
    assert memory_needed(hdr, SIDE) == memory_needed(plain, SIDE) + 24 * 640 * 480


def test_an_hdr_png_is_told_by_its_chunk() -> None:
    png = encoded("PNG")
    chunk = png_chunk(b"cICP", bytes((9, 16, 0, 1)))
    assert header_of(io.BytesIO(with_chunks(png, chunk))) == PhotoHeader("PNG", 640, 480, is_hdr=True)
