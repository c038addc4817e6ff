"""The film as data: items in order, on whole frames. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from adreel.domain.errors import ClipError, InputError
from adreel.domain.films.film import FilmSpec, Transition
from adreel.domain.films.formats import TRANSITION_FRAMES, to_seconds


@dataclass(frozen=True, slots=True)
class Item:
    """One card or clip: its display name and its length in frames. `closing`: the end card."""

    id: str
    frames: int
    closing: bool = False


@dataclass(frozen=True, slots=True)
class CopySpan:
    """Frames [first, last) of an item, copied bit-exact from its segment."""

    item: int
    first: int
    last: int

    @property
    def frames(self) -> int:
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class FadeSpan:
    """A crossfade from the end of item `left` into the beginning of the item after it."""

    left: int

    @property
    def right(self) -> int:
        return self.left + 1

    @property
    def frames(self) -> int:
        return TRANSITION_FRAMES


Span = CopySpan | FadeSpan


@dataclass(frozen=True, slots=True)
class Timeline:
    """Items in order with one kind of transition between all neighbours.

    Raises InputError when empty, ClipError when an item is too short for its crossfades.
    """

    items: tuple[Item, ...]
    transition: Transition = Transition.CUT

    def __post_init__(self) -> None:
        if not any(item.frames for item in self.items):
            raise InputError("there is nothing to show: the film has no clip and no card")
        for index, item in enumerate(self.items):
            needed = self._fade_in(index) + self._fade_out(index)
            if item.frames < max(needed, 1):
                raise ClipError(
                    f"{item.id} lasts {to_seconds(item.frames):.2f} s, too short for crossfades, which need "
                    f"{to_seconds(needed):.2f} s; make it longer or set the transition to cut"
                )

    @property
    def frames(self) -> int:
        """Length of the film."""
        return sum(span.frames for span in self.spans)

    @property
    def starts(self) -> tuple[int, ...]:
        """First film frame on which each item is seen; crossfaded neighbours overlap."""
        overlap = self._overlap
        lengths = (item.frames - overlap for item in self.items[:-1])
        return tuple(accumulate(lengths, initial=0))

    @property
    def cuts(self) -> tuple[int, ...]:
        """The frame at which each item but the first takes over: its first one, or the middle of its crossfade."""
        return tuple(start + self._overlap // 2 for start in self.starts[1:])

    @property
    def spans(self) -> tuple[Span, ...]:
        """The pieces of the film in order, without gaps."""
        spans: list[Span] = []
        for index, item in enumerate(self.items):
            copied = CopySpan(index, self._fade_in(index), item.frames - self._fade_out(index))
            if copied.frames:
                spans.append(copied)
            if self._fade_out(index):
                spans.append(FadeSpan(index))
        return tuple(spans)

    @property
    def _overlap(self) -> int:
        return TRANSITION_FRAMES if self.transition is Transition.CROSSFADE else 0

    def _fade_in(self, index: int) -> int:
        return self._overlap if index > 0 else 0

    def _fade_out(self, index: int) -> int:
        return self._overlap if index < len(self.items) - 1 else 0


def film_timeline(spec: FilmSpec, clips: Sequence[Item]) -> Timeline:
    """The timeline of a film: the clips between the cards of `spec`. Raises like `Timeline`."""
    intro = [Item("the intro card", spec.intro_frames)] if spec.has_intro else []
    outro = [Item("the outro card", spec.outro_frames, closing=True)] if spec.has_outro else []
    return Timeline((*intro, *clips, *outro), spec.transition)
