"""Harmony: chord progressions over the bars, a cadence at the end, then the final chord. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from numpy.random import Generator

from adreel.media.music.form import Bar
from adreel.media.music.genre import Genre
from adreel.media.music.score import BEATS_PER_BAR, pick
from adreel.media.music.theory import Chord, Key, chord


@dataclass(frozen=True, slots=True)
class Span:
    """A chord from beat ``start``, ``beats`` long."""

    start: float
    beats: float
    chord: Chord

    @property
    def end(self) -> float:
        return self.start + self.beats


@dataclass(frozen=True, slots=True)
class Harmony:
    """The spans of a piece in order, the final chord last."""

    key: Key
    spans: tuple[Span, ...]

    def index(self, beat: float) -> int:
        return max(0, bisect_right(self.spans, beat, key=lambda span: span.start) - 1)

    def at(self, beat: float) -> Span:
        return self.spans[self.index(beat)]

    @property
    def final(self) -> Span:
        return self.spans[-1]

    def within(self, bar: Bar) -> tuple[Span, ...]:
        return tuple(span for span in self.spans[:-1] if bar.start <= span.start < bar.start + bar.beats)


def harmonise(genre: Genre, key: Key, bars: tuple[Bar, ...], ring_beats: float, rng: Generator) -> Harmony:
    """Chooses the progressions, the cadence and the final chord of a piece and assigns them to its bars."""
    theme, contrast = pick(rng, genre.progressions), pick(rng, genre.contrasts)
    cadence, final = pick(rng, genre.cadences), pick(rng, genre.finals)
    spans: list[Span] = []
    for number, bar in enumerate(bars):
        symbols = _symbols(bar, theme, contrast, cadence, opening=number == 0)
        length = bar.beats / len(symbols)
        spans += [Span(bar.start + i * length, length, chord(symbol, key)) for i, symbol in enumerate(symbols)]
    end = bars[-1].start + bars[-1].beats
    return Harmony(key, (*spans, Span(end, ring_beats, chord(final, key))))


def _symbols(
    bar: Bar, theme: tuple[str, ...], contrast: tuple[str, ...], cadence: tuple[str, ...], *, opening: bool
) -> tuple[str, ...]:
    if bar.cadence:
        return cadence if bar.beats == BEATS_PER_BAR else cadence[-1:]
    if bar.section == "B":
        return (contrast[bar.place],)
    return (theme[0 if opening else bar.place],)
