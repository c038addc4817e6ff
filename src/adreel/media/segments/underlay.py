"""The frames beneath words that change often, kept nearly lossless: for other words they are decoded, not drawn again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.films.box import Box
from adreel.domain.films.clip import Segment
from adreel.domain.films.formats import TRANSITION_FRAMES
from adreel.domain.films.subject import Subject
from adreel.media.overlays.overlay import Captioned
from adreel.media.segments import decode
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.inspect import packets_digest
from adreel.media.segments.join import Piece, join

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

VERSION = "1"
"""Part of the key of segments with words over kept frames. Increased when they are made otherwise."""

_ENDING = ".subject"


def write_subject(video: Path, subject: Subject | None) -> None:
    """Keeps where the subject of the segment in this file is, beside it: the store removes both together. Raises OSError."""
    facts = None if subject is None else asdict(subject)
    temporary = video.with_name(f".{video.stem}{_ENDING}")
    temporary.write_text(json.dumps(facts), encoding="utf-8")
    temporary.replace(video.with_suffix(_ENDING))


def read_subject(video: Path) -> Subject | None:
    """Where the subject is; None where that is not known."""
    try:
        facts = json.loads(video.with_suffix(_ENDING).read_text(encoding="utf-8"))
        return None if facts is None else Subject(**{name: _boxes(boxes) for name, boxes in facts.items()})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _boxes(plain: Sequence[dict[str, float]]) -> tuple[Box, ...]:
    return tuple(Box(**each) for each in plain)


_HELD_BYTES = 200_000_000
"""Decoded frames that are held in memory from their measuring to their encoding: two seconds at 1080p."""


class KeptFootage:
    """The first `count` frames of an underlay, and where its subject is. They are decoded once if memory has room for them."""

    def __init__(self, segment: Segment, count: int) -> None:
        self._segment = segment
        self._count = count
        self.subject = read_subject(segment.video)
        self._held: list[YuvFrame] = []

    def samples(self, indexes: Sequence[int]) -> Iterator[YuvFrame]:
        """Copies: the frames themselves are drawn over."""
        size = self._segment.size
        if self._count * size.width * size.height * 3 // 2 <= _HELD_BYTES:
            self._held = self._held or list(self._decoded())
            return (self._held[index].copy() for index in indexes)
        wanted = set(indexes)
        return (frame for index, frame in enumerate(self._decoded()) if index in wanted)

    def frames(self) -> Iterator[YuvFrame]:
        held, self._held = self._held, []
        return iter(held) if held else self._decoded()

    def _decoded(self) -> Iterator[YuvFrame]:
        return decode_frames(self._segment.video, 0, self._count)


def joined_parts(head: Path, tail: Segment, out: Path) -> None:
    """Writes the frames of a new file and then those of a segment, by copying packets. Raises JoinError, RenderError."""
    coded = decode.read_coded(head)
    count = len(coded.packets)
    first = replace(tail, key="the frames with words", video=head, frames=count, digest=packets_digest(coded.packets))
    join([Piece(first, 0, count), Piece(tail, 0, tail.frames)], None, out)


def worded_frames(captioned: Captioned) -> int:
    """The frames of a shot that words are laid over, from its first: the others are the same for all words. Raises TextError."""
    gone = captioned.times(1).gone
    without = captioned.frames - TRANSITION_FRAMES
    splits = captioned.mark is None and TRANSITION_FRAMES < gone <= without
    return without if splits else captioned.frames
