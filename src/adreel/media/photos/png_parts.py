"""Reads the chunks of a PNG file (W3C PNG, third edition): those of the pixels, and what the others say."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from adreel.media.photos.color_spaces import ColorSpace, Primaries, coded_space, measured_space
from adreel.media.photos.parts import MOST_METADATA, Metadata, Parts, size_of
from adreel.media.photos.spliced import Piece, Span

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})
_NOTES = frozenset({b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"iTXt", b"tEXt", b"zTXt"})
_END = struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))
_AROUND = 12
"""Bytes of a chunk beside its data: length, name, checksum."""
_MOST_CHUNKS = 200_000
_MOST_MISSING = 64
"""Bytes: as many may be missing at the end of the data, which end in checksums, and all pixels still be there."""
_SCALE = 100_000
"""Chromaticities and gamma are stored as whole numbers of this fraction."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """`missing`: bytes of its data and checksum that lie beyond the file's end."""

    name: bytes
    offset: int
    length: int
    missing: int


def read_png(file: BinaryIO) -> Parts:
    """The parts of a PNG file. Ancillary chunks that do not match their checksum are ignored, as viewers do."""
    pieces: list[Piece] = [SIGNATURE]
    notes: dict[bytes, bytes] = {}
    is_cut = False
    for chunk in _chunks(file):
        if chunk.name in _NOTES and not chunk.missing and chunk.length <= MOST_METADATA:
            _note(file, chunk, notes)
        elif chunk.name == b"tRNS" and not _is_intact(file, chunk):
            continue
        elif chunk.name in _PIXELS:
            pieces += _pieces(chunk)
            is_cut = is_cut or chunk.missing > _MOST_MISSING
    return Parts((*pieces, _END), _metadata(notes), is_cut)


def _chunks(file: BinaryIO) -> Iterator[_Chunk]:
    """The chunks up to the end, or up to the first bytes that are no chunk."""
    size, at = size_of(file), len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        head = file.read(8)
        name = head[4:]
        if len(head) < 8 or name == b"IEND" or not name.isalpha():
            return
        length = int.from_bytes(head[:4], "big")
        yield _Chunk(name, at, length, max(0, at + _AROUND + length - size))
        at += _AROUND + length


def _pieces(chunk: _Chunk) -> list[Piece]:
    """The chunk as it is, or as much of it as is there: decoders do not check the checksums of pixels."""
    if not chunk.missing:
        return [Span(chunk.offset, _AROUND + chunk.length)]
    there = max(0, chunk.length - max(0, chunk.missing - 4))
    return [there.to_bytes(4, "big") + chunk.name, Span(chunk.offset + 8, there), bytes(4)]


def _is_intact(file: BinaryIO, chunk: _Chunk) -> bool:
    file.seek(chunk.offset + 8)
    data = file.read(min(chunk.length, MOST_METADATA))
    return zlib.crc32(chunk.name + data) == int.from_bytes(file.read(4), "big")


def _note(file: BinaryIO, chunk: _Chunk, notes: dict[bytes, bytes]) -> None:
    """Adds an intact chunk's data. Of text chunks only those are kept that hold Exif or XMP data."""
    if not _is_intact(file, chunk):
        return
    file.seek(chunk.offset + 8)
    data = file.read(chunk.length)
    name, data = _text(chunk.name, data) if chunk.name in (b"iTXt", b"tEXt", b"zTXt") else (chunk.name, data)
    notes.setdefault(name, data)


def _text(kind: bytes, data: bytes) -> tuple[bytes, bytes]:
    """A text chunk's keyword and text; an empty text when it cannot be read."""
    keyword, _, rest = data.partition(b"\0")
    if kind == b"zTXt":
        return keyword, _inflated(rest[1:])
    if kind == b"tEXt":
        return keyword, rest
    is_packed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    return keyword, _inflated(text) if is_packed else text


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_METADATA)
    except zlib.error:
        return b""


def _metadata(notes: dict[bytes, bytes]) -> Metadata:
    found = Metadata(xmp=notes.get(b"XML:com.adobe.xmp", b""))
    found.exif = notes.get(b"eXIf", b"") or _raw_profile(notes)
    coded = notes.get(b"cICP", b"")
    if len(coded) == 4:
        found.space = coded_space(coded[0], coded[1], full_range=coded[3] == 1)
    elif b"iCCP" in notes:
        found.icc = _inflated(notes[b"iCCP"].partition(b"\0")[2][1:]) or None
    elif b"sRGB" not in notes:
        found.space = _measured(notes.get(b"cHRM", b""), notes.get(b"gAMA", b""))
    return found


def _raw_profile(notes: dict[bytes, bytes]) -> bytes:
    """Exif data as ImageMagick stores them in a text: a name and a length on lines of their own, then hexadecimal digits."""
    lines = (notes.get(b"Raw profile type exif") or notes.get(b"Raw profile type APP1") or b"").split(b"\n")
    try:
        return bytes.fromhex(b"".join(lines[3:]).decode("ascii"))
    except ValueError:
        return b""


def _measured(chromaticities: bytes, gamma: bytes) -> ColorSpace | None:
    primaries = None
    if len(chromaticities) == 32:
        wx, wy, rx, ry, gx, gy, bx, by = (value / _SCALE for value in struct.unpack(">8I", chromaticities))
        primaries = Primaries((wx, wy), (rx, ry), (gx, gy), (bx, by))
    exponent = int.from_bytes(gamma, "big") / _SCALE if len(gamma) == 4 else None
    return measured_space(primaries, exponent or None)
