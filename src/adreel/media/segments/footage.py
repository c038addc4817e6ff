"""A segment as the footage that words are measured against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adreel.domain.films.clip import Segment
from adreel.domain.films.subject import Subject
from adreel.media.segments.decode import decode_frames

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


class SegmentFootage:
    """The frames of a segment; where its subject is, is not known."""

    subject: Subject | None = None

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def samples(self, indexes: Sequence[int]) -> Iterator[YuvFrame]:
        wanted = set(indexes)
        return (frame for index, frame in enumerate(self.frames()) if index in wanted)

    def frames(self) -> Iterator[YuvFrame]:
        return decode_frames(self._segment.video)
