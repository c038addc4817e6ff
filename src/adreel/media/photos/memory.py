"""Estimates the memory needed to decode a photo from its header. Pure, except for reading the head of the file.

No decoder is used: some need hundreds of megabytes to report a picture's size. A false header gains nothing, since the decoder
is limited to the estimate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

_BYTES_PER_PIXEL = {"PNG": 9.0, "WEBP": 18.0, "AVIF": 19.0, "HEIF": 16.0}
"""Memory while decoding, bytes per pixel of the file.

Measured (Linux, Pillow 12, one thread, peak of the resident set, 48 to 100 megapixels): PNG up to 8.2 (two pictures of 4
bytes), WebP 16.3 to 17.4 (two canvases and the picture of libwebp, then a copy), AVIF 10.4 and HEIC 9.4 at 8 bits 4:2:0, of which
the decoders' own planes are 3 and grow fourfold at 12 bits 4:4:4.
"""

_HDR_BYTES = 24.0
"""Additional bytes per pixel of an HDR photo: its colours in 16 bits, as decoded, and as two pictures of 8."""
_HDR = re.compile(rb"nclx..\x00[\x10\x12]|cICP.[\x10\x12]", re.DOTALL)
"""Code points of PQ and HLG (ITU-T H.273, table 3) in a ``colr`` box and in a PNG chunk."""

_JPEG_PICTURE = 8.0
"""Bytes per decoded pixel of a JPEG: the picture and a second copy for rotation or colour conversion."""

_COEFFICIENT_BYTES = 2
"""libjpeg holds all coefficients of a picture with several scans: a progressive one, or one with a scan for each component."""

_NEARLY = 0.98
"""Share of the requested size that a JPEG may be decoded at: a phone's 200 megapixels, 16320 wide, become 4080 and not 8160."""

_RESULT_BYTES = 8.0
"""Bytes per pixel of the result: RGBA, once in Pillow and once as returned."""

_UNKNOWN_BYTES = 16 * 2**20
"""For a file that is not a photo: enough for a decoder to reject it."""

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of frame headers (ITU-T T.81, table B.1)."""
_JPEG_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_JPEG_SCAN = 0xDA
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length field."""
_MOST_SEGMENTS = 2000
_CHUNKS_BYTES = 2**16
_HEAD_BYTES = 2**20
"""The item properties of an AVIF or HEIC file are near its start."""


@dataclass(frozen=True, slots=True)
class PhotoHeader:
    """Header of a photo file. `samples`: samples per pixel of a JPEG, 3 for 4:4:4 colour, 1.5 for 4:2:0; `scans`: whether it has
    several. `is_hdr`: it may be HDR.
    """

    format: str
    width: int
    height: int
    samples: float = 3.0
    scans: bool = True
    is_hdr: bool = False


def memory_needed(header: PhotoHeader | None, side: int) -> int:
    """Upper bound in bytes for decoding to a longest side of `side` pixels. `header` is None for a file that is not a photo."""
    if header is None:
        return _UNKNOWN_BYTES
    pixels = header.width * header.height
    longest = max(header.width, header.height, 1)
    result = _RESULT_BYTES * pixels * min(1.0, side / longest) ** 2
    if header.format != "JPEG":
        decoded = pixels * (_BYTES_PER_PIXEL[header.format] + (_HDR_BYTES if header.is_hdr else 0))
        return _UNKNOWN_BYTES + int(decoded + result)
    decoded = pixels / jpeg_scale(longest, side) ** 2
    coefficients = pixels * header.samples * _COEFFICIENT_BYTES if header.scans else 0
    return _UNKNOWN_BYTES + int(coefficients + decoded * _JPEG_PICTURE + result)


def jpeg_scale(longest: int, side: int) -> int:
    """Factor by which the JPEG decoder shrinks a picture while decoding: 1, 2, 4 or 8, never below `draft_side`."""
    return next((scale for scale in (8, 4, 2) if longest >= scale * draft_side(side)), 1)


def draft_side(side: int) -> int:
    """The least longest side, pixels, at which a JPEG is decoded for a picture of `side`."""
    return int(side * _NEARLY)


def read_header(path: Path) -> PhotoHeader | None:
    """The header of a photo; None when the file is not a photo or cannot be read."""
    try:
        with path.open("rb") as file:
            return header_of(file)
    except (OSError, IndexError, ValueError):
        return None


def header_of(file: BinaryIO) -> PhotoHeader | None:
    """The header of the photo in an open file. Raises IndexError or ValueError when it is truncated."""
    head = file.read(32)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        is_hdr = _HDR.search(file.read(_CHUNKS_BYTES)) is not None
        return PhotoHeader("PNG", _big(head[16:20]), _big(head[20:24]), is_hdr=is_hdr)
    if head.startswith(b"\xff\xd8"):
        file.seek(2)
        return _jpeg(file)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    if head[4:8] == b"ftyp":
        return _boxes(head + file.read(_HEAD_BYTES))
    return None


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _jpeg(file: BinaryIO) -> PhotoHeader | None:
    """Reads the frame header and the first scan header, and skips all other segments."""
    header: PhotoHeader | None = None
    components = 0
    for _ in range(_MOST_SEGMENTS):
        marker = _jpeg_marker(file)
        if marker is None:
            return header
        if marker in _JPEG_ALONE:
            continue
        length = _big(file.read(2))
        body = file.read(max(0, length - 2)) if marker == _JPEG_SCAN or marker in _JPEG_FRAMES else b""
        if marker == _JPEG_SCAN and header is not None:
            return replace(header, scans=header.scans or body[0] < components)
        if marker in _JPEG_FRAMES:
            header, components = _jpeg_frame(body, progressive=marker in _JPEG_PROGRESSIVE), body[5]
        elif not body:
            file.seek(max(0, length - 2), 1)
    return header


def _jpeg_marker(file: BinaryIO) -> int | None:
    """The next marker, skipping fill bytes and stray bytes, as decoders do; None at the end."""
    while byte := file.read(1):
        if byte != b"\xff":
            continue
        while byte == b"\xff":
            byte = file.read(1)
        if byte not in (b"\x00", b""):
            return byte[0]
    return None


def _jpeg_frame(body: bytes, *, progressive: bool) -> PhotoHeader:
    """Parses precision, height, width, then identifier, sampling and table of each component (T.81, B.2.2)."""
    sampling = [(body[at] >> 4, body[at] & 15) for at in range(7, 6 + 3 * body[5], 3)]
    most = max((across for across, _ in sampling), default=1) * max((down for _, down in sampling), default=1)
    samples = sum(across * down for across, down in sampling) / max(most, 1)
    return PhotoHeader("JPEG", _big(body[3:5]), _big(body[1:3]), samples, progressive)


def _webp(head: bytes) -> PhotoHeader | None:
    """RFC 9649: the canvas of an extended file, the frame of a simple one."""
    kind = head[12:16]
    if kind == b"VP8X":
        return PhotoHeader("WEBP", _little(head[24:27]) + 1, _little(head[27:30]) + 1)
    if kind == b"VP8L":
        bits = _little(head[21:25])
        return PhotoHeader("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        return PhotoHeader("WEBP", _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF)
    return None


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _boxes(head: bytes) -> PhotoHeader | None:
    """The largest size in the item properties (`ispe`, ISO/IEC 23008-12): a grid is larger than its tiles."""
    sizes: list[tuple[int, int]] = []
    at = head.find(b"ispe")
    while at >= 0:
        sizes.append((_big(head[at + 8 : at + 12]), _big(head[at + 12 : at + 16])))
        at = head.find(b"ispe", at + 4)
    if not sizes:
        return None
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    kind = "AVIF" if b"avif" in head[8:64] or b"avis" in head[8:64] else "HEIF"
    return PhotoHeader(kind, width, height, is_hdr=_HDR.search(head) is not None)
