"""Reads an MP4 file's edit lists from its index (ISO/IEC 14496-12), without a decoder."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from adreel.media.checks import top_level_box_places

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")
_LARGEST_INDEX = 64 * 2**20
_MOST_BOXES = 500
"""Top-level boxes that are looked at: the first fragment comes right after the index."""
_CODEC_DELAY = 0.1
"""Seconds that an edit list may skip at the start: reordered pictures and the first frames of an AAC encoder."""
_PARENTS = frozenset({b"moov", b"trak", b"edts", b"mdia"})


@dataclass(frozen=True, slots=True)
class _Edit:
    """`duration` in units of the movie, `start` in units of the track; -1 for a gap."""

    duration: int
    start: int


def has_edits(path: Path) -> bool:
    """Whether an edit list does more than skip the delay of a codec at the start: cuts, gaps, several pieces.

    False for an index larger than 64 MiB, which no ad has.
    """
    index = next((place for place in top_level_box_places(path) if place.kind == b"moov"), None)
    if index is None or index.length > _LARGEST_INDEX:
        return False
    with path.open("rb") as file:
        file.seek(index.offset)
        moov = file.read(index.length)
    movie, tracks = _tracks(moov)
    return any(_is_cut(movie, scale, length, edits) for scale, length, edits in tracks)


def is_fragmented(path: Path) -> bool:
    """Whether the samples are in fragments: some players and upload pages do not read such a file."""
    return any(place.kind == b"moof" for place in islice(top_level_box_places(path), _MOST_BOXES))


def _tracks(moov: bytes) -> tuple[int, list[tuple[int, int, list[_Edit]]]]:
    """The time scale of the movie; of each track its scale, its length in that scale and its edits."""
    movie, scale, length, edits = 1, 1, 0, list[_Edit]()
    tracks: list[tuple[int, int, list[_Edit]]] = []
    for kind, body in _boxes(moov):
        if kind == b"mvhd":
            movie, _ = _times(body)
        elif kind == b"elst":
            edits = _edits(body)
        elif kind == b"mdhd":
            scale, length = _times(body)
            tracks.append((scale, length, edits))
            edits = []
    return movie, tracks


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """All boxes within `data` in file order, with their content; stops at the first invalid one."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind = _HEADER.unpack_from(data, at)
        start = at + _HEADER.size
        if length == 1 and at + 16 <= len(data):
            length, start = _LARGE.unpack_from(data, at + 8)[0], at + 16
        if length < start - at or at + length > len(data):
            return
        body = data[start : at + length]
        yield kind, body
        if kind in _PARENTS:
            yield from _boxes(body)
        at += length


def _times(body: bytes) -> tuple[int, int]:
    """Time scale and length of an mvhd or mdhd box."""
    large = bool(body[:1] == b"\x01")
    form, at = (">IQ", 20) if large else (">II", 12)
    return struct.unpack_from(form, body, at) if len(body) >= at + struct.calcsize(form) else (1, 0)


def _edits(body: bytes) -> list[_Edit]:
    form = struct.Struct(">QqI" if body[:1] == b"\x01" else ">IiI")
    return [_Edit(duration, start) for duration, start, _rate in form.iter_unpack(_whole(body[8:], form.size))]


def _whole(data: bytes, size: int) -> bytes:
    return data[: len(data) - len(data) % size]


def _is_cut(movie: int, scale: int, length: int, edits: list[_Edit]) -> bool:
    if not edits:
        return False
    if len(edits) > 1 or edits[0].start < 0:
        return True
    skipped = edits[0].start / max(scale, 1)
    left = length / max(scale, 1) - skipped - edits[0].duration / max(movie, 1)
    return skipped > _CODEC_DELAY or (edits[0].duration > 0 and left > _CODEC_DELAY)
