"""Reads the boxes of an AVIF or HEIC file (ISO/IEC 23008-12): the colours of its picture, and where its Exif data are named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from adreel.media.photos.color_spaces import ColorSpace, coded_space
from adreel.media.photos.parts import Metadata, Parts, size_of
from adreel.media.photos.spliced import Piece, Span

_HEAD_BYTES = 2**20
"""The item properties are near the start of a file."""
_EXIF_ITEM = re.compile(rb"infe(?:\x02.{7}|\x03.{9})(?=Exif)", re.DOTALL)
"""An item entry of version 2 or 3 up to its type: flags, number, protection."""
_HIDDEN = b"Exi_"


def read_boxes(file: BinaryIO) -> Parts:
    """The parts of an AVIF or HEIC file. Its Exif data are hidden from the decoder: they do not say how it is turned."""
    size = size_of(file)
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    pieces: list[Piece] = []
    at = 0
    for found in _EXIF_ITEM.finditer(head):
        pieces += [Span(at, found.end() - at), _HIDDEN]
        at = found.end() + len(_HIDDEN)
    return Parts((*pieces, Span(at, size - at)), Metadata(space=_space(head)))


def _space(head: bytes) -> ColorSpace | None:
    """What the ``colr`` box of the primary item names, else the first one that names code points."""
    meta = next((body for kind, body in _boxes(head) if kind == b"meta"), b"")[4:]
    inside = dict(_boxes(meta))
    properties = dict(_boxes(inside.get(b"iprp", b"")))
    contained = list(_boxes(properties.get(b"ipco", b"")))
    of_primary = _associated(properties.get(b"ipma", b""), _primary(inside.get(b"pitm", b"")))
    named = [contained[index - 1] for index in of_primary if 0 < index <= len(contained)]
    codes = [body for kind, body in [*named, *contained] if kind == b"colr" and body[:4] == b"nclx" and len(body) >= 10]
    if not codes:
        return None
    return coded_space(int.from_bytes(codes[0][4:6], "big"), int.from_bytes(codes[0][6:8], "big"))


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each box (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at + 8 <= len(data):
        size, kind, start = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = at + size if size else len(data)
        if end < at + start:
            return
        yield kind, data[at + start : end]
        at = end


def _primary(body: bytes) -> int:
    """The number of the primary item, of two or four bytes by the version."""
    return int.from_bytes(body[4 : 8 if body[:1] == b"\1" else 6], "big")


def _associated(body: bytes, item: int) -> list[int]:
    """The properties of an item, as indices from 1 (``ipma``, ISO/IEC 23008-12, 9.3)."""
    number, index = 4 if body[:1] == b"\1" else 2, 2 if body[3:4] and body[3] & 1 else 1
    at = 8
    for _ in range(int.from_bytes(body[4:8], "big")):
        count = body[at + number : at + number + 1]
        if not count:
            break
        places = range(at + number + 1, at + number + 1 + count[0] * index, index)
        if int.from_bytes(body[at : at + number], "big") == item:
            mask = (1 << 8 * index - 1) - 1
            return [int.from_bytes(body[place : place + index], "big") & mask for place in places]
        at = places.stop
    return []
