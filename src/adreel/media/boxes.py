"""The outermost structure of MP4 files (ISO/IEC 14496-12, boxes)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")


def top_level_boxes(path: Path) -> Iterator[bytes]:
    """Types of the outermost boxes, in file order; stops at the first that cannot be one."""
    end = path.stat().st_size
    with path.open("rb") as file:
        place = 0
        while place + _HEADER.size <= end:
            file.seek(place)
            length, kind = _HEADER.unpack(file.read(_HEADER.size))
            if length == 1:
                length = _LARGE.unpack(file.read(_LARGE.size))[0]
            elif length == 0:
                length = end - place
            if length < _HEADER.size:
                return
            yield kind
            place += length


def moov_is_first(path: Path) -> bool:
    """True when a player finds the index before the media data."""
    kinds = list(top_level_boxes(path))
    return b"moov" in kinds and b"mdat" in kinds and kinds.index(b"moov") < kinds.index(b"mdat")
