"""What the index of an MP4 file says, read box by box (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

CODEC_DELAY = 0.1
"""Seconds that an edit list may skip for reordered pictures and the first frames of AAC."""


def index_first(film: Path) -> bool:
    """Whether `moov` stands before the first `mdat`."""
    kinds = [kind for kind, _, _ in _top(film)]
    return kinds.index(b"moov") < kinds.index(b"mdat")


def cuts(film: Path) -> bool:
    """Whether a track has an edit list with a gap, with several pieces, or that skips more than the delay of a codec."""
    place = next((start, end) for kind, start, end in _top(film) if kind == b"moov")
    with film.open("rb") as file:
        file.seek(place[0])
        moov = file.read(place[1] - place[0])
    return any(map(_track_cuts, (moov[start:end] for kind, start, end in _boxes(moov) if kind == b"trak")))


def _top(film: Path) -> Iterator[tuple[bytes, int, int]]:
    size, at = film.stat().st_size, 0
    with film.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            head = 8
            if length == 1:
                length, head = struct.unpack(">Q", file.read(8))[0], 16
            yield kind, at + head, at + (length or size - at)
            at += length or size


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at + 8, at + length
        at += max(length, 8)


def _find(data: bytes, *path: bytes) -> bytes | None:
    for wanted in path:
        found = next(((start, end) for kind, start, end in _boxes(data) if kind == wanted), None)
        if found is None:
            return None
        data = data[found[0] : found[1]]
    return data


def _track_cuts(track: bytes) -> bool:
    edits, header = _find(track, b"edts", b"elst"), _find(track, b"mdia", b"mdhd")
    if edits is None or header is None:
        return False
    scale = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)[0]
    count = struct.unpack_from(">I", edits, 4)[0]
    start = struct.unpack_from(">q" if edits[0] == 1 else ">i", edits, 16 if edits[0] == 1 else 12)[0]
    return count > 1 or start < 0 or start / scale > CODEC_DELAY
