"""What has to be made for one draft: its items, its parts and its sound, as units of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adreel.agents.drafts.cache import Recent
from adreel.agents.drafts.strips import CodedStrip, DrawnStrip, Prepared, SegmentFrames, Strip
from adreel.agents.drafts.units import Unit
from adreel.domain.films.clip import Segment
from adreel.domain.films.formats import FPS, TRANSITION_FRAMES, FrameSize
from adreel.domain.work.cancellation import CancellationToken
from adreel.media.fragments.coded import CodedPart, CodedSound, encode_part
from adreel.media.segments.render import faded
from adreel.media.segments.store import segment_key
from adreel.media.timeline import CopySpan, FadeSpan, Timeline

_PART, _FIRST = FPS, FPS // 2
"""Frames of a part, and of the first one, which is what one waits for."""

MakeSound = Callable[[Sequence[tuple[int, Segment]]], CodedSound | None]
"""Makes the soundtrack of a film over the segments of files, each with its first frame."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """Frames [first, last) of the `item`th item."""

    item: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the film from frame `place` on: of one item, or of two that fade into one another."""

    place: int
    shown: tuple[_Shown, ...]

    @property
    def frames(self) -> int:
        return self.shown[0].last - self.shown[0].first


class DraftParts:
    """`parts` in the film's order and its `sound`; `units` are all that must be done for them. Parts in `kept` are there."""

    def __init__(
        self,
        timeline: Timeline,
        strips: Sequence[Strip],
        size: FrameSize,
        make_sound: MakeSound,
        kept: Recent[CodedPart],
        cancellation: CancellationToken,
    ) -> None:
        self._timeline, self._strips, self._size = timeline, strips, size
        self._make_sound, self._kept, self._cancellation = make_sound, kept, cancellation
        self._prepared: dict[int, Unit[Prepared]] = {}
        self.parts = [self._part(piece) for piece in _pieces(timeline, strips)]
        own = [item for item, strip in enumerate(strips) if isinstance(strip, CodedStrip) and strip.may_sound]
        self.sound = Unit(0, lambda: self._sound(own), [self._prepare(item, 0) for item in own])

    @property
    def frames(self) -> int:
        return self._timeline.frames

    @property
    def units(self) -> list[Unit[Any]]:
        return [self.sound, *self._prepared.values(), *(part for part in self.parts if not part.has_ended)]

    def _part(self, piece: _Piece) -> Unit[CodedPart]:
        key = self._key(piece)
        found = None if key is None else self._kept.find(key)
        if found is not None:
            return Unit.of(piece.place, found)
        needs = [self._prepare(shown.item, piece.place) for shown in piece.shown]

        def make() -> CodedPart:
            made = self._coded(piece, [need.result for need in needs])
            return made if key is None else self._kept.keep(key, made)

        return Unit(piece.place, make, needs)

    def _prepare(self, item: int, place: int) -> Unit[Prepared]:
        if item not in self._prepared:
            self._prepared[item] = Unit(place, lambda: self._strips[item].prepare(self._cancellation))
        return self._prepared[item]

    def _key(self, piece: _Piece) -> str | None:
        """None for what segments keep themselves."""
        keys: list[object] = []
        for shown in piece.shown:
            strip = self._strips[shown.item]
            if not isinstance(strip, DrawnStrip):
                return None
            keys += [strip.key, shown.first, shown.last]
        return segment_key("part of a draft", *keys)

    def _coded(self, piece: _Piece, prepared: Sequence[Prepared]) -> CodedPart:
        shown = piece.shown
        if len(shown) == 1:
            return prepared[0].part(shown[0].first, shown[0].last)
        tail, head = (each.pictures(part.first, part.last) for each, part in zip(prepared, shown, strict=True))
        return encode_part(faded(tail, head), self._size, piece.frames)

    def _sound(self, own: Sequence[int]) -> CodedSound | None:
        made = [(self._timeline.starts[item], self._prepared[item].result) for item in own]
        placed = [(start, each.segment) for start, each in made if isinstance(each, SegmentFrames)]
        return self._make_sound(placed)


def _pieces(timeline: Timeline, strips: Sequence[Strip]) -> Iterator[_Piece]:
    place = 0
    for each in timeline.spans:
        if isinstance(each, FadeSpan):
            left, frames = each.left, strips[each.left].frames
            fade = (_Shown(left, frames - TRANSITION_FRAMES, frames), _Shown(each.right, 0, TRANSITION_FRAMES))
            yield _Piece(place, fade)
        else:
            for first, last in _ranges(each, place, divides=isinstance(strips[each.item], DrawnStrip)):
                yield _Piece(place + first - each.first, (_Shown(each.item, first, last),))
        place += each.frames


def _ranges(copied: CopySpan, place: int, *, divides: bool) -> Iterator[tuple[int, int]]:
    """The frames of an item in parts; what is one segment stays whole."""
    first = copied.first
    while first < copied.last:
        length = (_PART if place + first - copied.first else _FIRST) if divides else copied.frames
        yield first, min(first + length, copied.last)
        first += length
