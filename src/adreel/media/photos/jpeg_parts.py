"""Reads the segments of a JPEG file (ITU-T T.81): those of the pixels, and what the others say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from adreel.media.photos.parts import MOST_METADATA, Metadata, Parts, size_of
from adreel.media.photos.spliced import Piece, Span

START, END = b"\xff\xd8", b"\xff\xd9"
_SCAN = 0xDA
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length field."""
_JFIF, _EXIF_XMP, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_NOTES = frozenset({*range(0xE0, 0xF0), 0xFE})
"""Application segments and comments."""
_DECODED = {_JFIF: (b"JFIF\0", 14), _ADOBE: (b"Adobe", 12)}
"""What decides how colours are coded, with its shortest length."""
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF_PREFIX = b"Exif\0\0"
_ICC_PREFIX = b"ICC_PROFILE\0"
_MOST_SEGMENTS = 5000
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class _Segment:
    """`offset` of its length field, and `length` by that field, which counts itself."""

    marker: int
    offset: int
    length: int


def read_jpeg(file: BinaryIO) -> Parts:
    """The parts of a JPEG file. What lies before the first scan is sorted; the scans are taken as they are."""
    size = size_of(file)
    pieces: list[Piece] = [START]
    metadata = Metadata()
    profile: dict[int, bytes] = {}
    for segment in _segments(file, size):
        if segment.marker == _SCAN:
            metadata.icc = _joined(profile)
            start = segment.offset - 2
            return Parts((*pieces, Span(start, size - start)), metadata, not _has_end(file, start))
        if segment.marker not in _NOTES or _decides(file, segment):
            pieces += [bytes((0xFF, segment.marker)), Span(segment.offset, segment.length)]
        else:
            _note(_body(file, segment), segment.marker, metadata, profile)
    # Without a scan there is no picture: the decoder says so.
    return Parts((Span(0, size),))


def _segments(file: BinaryIO, size: int) -> Iterator[_Segment]:
    """The segments up to the first scan, without stray bytes between them."""
    at = len(START)
    for _ in range(_MOST_SEGMENTS):
        file.seek(at)
        marker = _marker(file)
        if marker is None:
            return
        at = file.tell()
        if marker in _ALONE:
            continue
        length = int.from_bytes(file.read(2), "big")
        if length < 2 or at + length > size:
            return
        yield _Segment(marker, at, length)
        at += length


def _marker(file: BinaryIO) -> int | None:
    """The next marker, skipping fill bytes and stray bytes, as decoders do; None at the end."""
    while byte := file.read(1):
        while byte == b"\xff":
            byte = file.read(1)
            if byte not in (b"\xff", b"\x00", b""):
                return byte[0]
    return None


def _body(file: BinaryIO, segment: _Segment) -> bytes:
    file.seek(segment.offset + 2)
    return file.read(segment.length - 2)


def _decides(file: BinaryIO, segment: _Segment) -> bool:
    prefix, shortest = _DECODED.get(segment.marker, (b"", 0))
    return bool(prefix) and segment.length - 2 >= shortest and _body(file, segment).startswith(prefix)


def _note(body: bytes, marker: int, metadata: Metadata, profile: dict[int, bytes]) -> None:
    if marker == _EXIF_XMP and body.startswith(_EXIF_PREFIX):
        metadata.exif = metadata.exif or body
    elif marker == _EXIF_XMP and body.startswith(_XMP_PREFIX):
        metadata.xmp = metadata.xmp or body
    elif marker == _ICC and body.startswith(_ICC_PREFIX) and len(body) > len(_ICC_PREFIX) + 2:
        profile.setdefault(body[len(_ICC_PREFIX)], body[len(_ICC_PREFIX) + 1 :])


def _joined(profile: dict[int, bytes]) -> bytes | None:
    """The pieces of a profile, each after the number of pieces; None when one is missing (ICC.1:2022, B.4)."""
    numbers = sorted(profile)
    if not numbers or numbers != list(range(1, profile[numbers[0]][0] + 1)):
        return None
    return b"".join(profile[number][1:] for number in numbers)[:MOST_METADATA]


def _has_end(file: BinaryIO, start: int) -> bool:
    """Whether an end marker follows, which coded pixels never look like (T.81, B.1.1.5)."""
    file.seek(start)
    last = b""
    while block := file.read(_BLOCK):
        if END in last + block:
            return True
        last = block[-1:]
    return False
