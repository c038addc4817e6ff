"""Frames together with the words that they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adreel.domain.films.shown_words import Words

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


@dataclass(frozen=True, slots=True)
class WordedFrames:
    """An iterator over frames, drawn as they are asked for; `words` are known before the first. `between` draws frames
    [first, last) from any thread; None for pictures that come in order only."""

    words: Words
    frames: Iterator[YuvFrame]
    between: Callable[[int, int], Iterator[YuvFrame]] | None = None

    def __iter__(self) -> Iterator[YuvFrame]:
        return self.frames

    def __next__(self) -> YuvFrame:
        return next(self.frames)


def words_of(frames: object) -> Words:
    """The words that frames show: those of WordedFrames, none of others."""
    return frames.words if isinstance(frames, WordedFrames) else ()
