"""The shape of a piece: a tempo whose beats fill the film, then bars with sections and energy. Pure.

The last chord begins on a downbeat, ``Tempo.beats`` beats in, and rings until the film ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle, islice

from adreel.media.music.score import BEATS_PER_BAR

PHRASE = 4
"""Bars of a phrase."""

LONGEST_RING = 0.42
"""Part of the film that the last chord may take."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """``beats`` before the last chord at ``bpm``, then ``ring`` seconds of it; together the length of the film."""

    bpm: float
    beats: int
    ring: float

    @property
    def seconds_per_beat(self) -> float:
        return 60.0 / self.bpm


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: first beat, length in beats, section, place in its phrase, energy 0-1, whether a fill closes it."""

    start: int
    beats: int
    section: str
    place: int
    energy: float
    fill: bool

    @property
    def cadence(self) -> bool:
        return self.section == "cadence"


def fit_tempo(seconds: float, bpm: tuple[float, float], preferred: float, ring: float) -> Tempo:
    """The tempo nearest to ``preferred`` within ``bpm`` at which whole bars and a ring of about ``ring`` seconds fill the film.

    Films too short for two bars get half bars or a single upbeat. Films too short even for one upbeat (under
    about a second) get a faster one than ``bpm`` allows.
    """
    ring = min(ring, LONGEST_RING * seconds)
    most = math.ceil(seconds * bpm[1] / 60.0)
    whole_bars = range(BEATS_PER_BAR, most + BEATS_PER_BAR, BEATS_PER_BAR)
    candidates = [_tempo(seconds, beats, bpm, ring) for beats in (1, 2, 6, *whole_bars)]
    possible = [tempo for tempo in candidates if tempo.ring >= 0.5 * ring]
    if not possible:
        return Tempo(60.0 / (seconds - ring), 1, ring)
    return min(possible, key=lambda tempo: _misfit(tempo, preferred, ring))


def _tempo(seconds: float, beats: int, bpm: tuple[float, float], ring: float) -> Tempo:
    wanted = 60.0 * beats / (seconds - ring)
    chosen = min(max(wanted, bpm[0]), bpm[1])
    return Tempo(chosen, beats, seconds - 60.0 * beats / chosen)


def _misfit(tempo: Tempo, preferred: float, ring: float) -> float:
    bars, over = divmod(tempo.beats, BEATS_PER_BAR)
    uneven = 0.12 if over else (0.0, 0.03, 0.015, 0.03)[bars % PHRASE]
    return abs(math.log(tempo.bpm / preferred)) + abs(math.log(tempo.ring / ring)) + uneven


def plan_bars(beats: int) -> tuple[Bar, ...]:
    """Bars for ``beats`` beats: introduction, phrases A, B, A' and so on, the last bar a cadence; an uneven start is a pickup."""
    count, pickup = divmod(beats, BEATS_PER_BAR)
    lengths = ([pickup] if pickup else []) + [BEATS_PER_BAR] * count
    outline = _outline(len(lengths))
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    return tuple(Bar(start, length, *shape) for start, length, shape in zip(starts, lengths, outline, strict=True))


def _outline(bars: int) -> list[tuple[str, int, float, bool]]:
    """(section, place in phrase, energy, fill) for each bar."""
    phrases, lead = divmod(bars, PHRASE)
    if phrases == 0 or bars == PHRASE:
        body = [("A", i % PHRASE, 0.45 + 0.55 * (i + 1) / bars, i == bars - 2) for i in range(bars)]
    else:
        body = _intro(lead) + _phrases(phrases)
        if lead == 0:
            body[:2] = _intro(2)
    _, place, energy, _ = body[-1]
    return [*body[:-1], ("cadence", place, max(energy, 0.9), True)]


def _intro(bars: int) -> list[tuple[str, int, float, bool]]:
    """One or two bars that open the piece; a third would keep the tune waiting, so the theme sets in early instead."""
    if bars == PHRASE - 1:
        return [("intro", 1, 0.55, True), ("A", 2, 0.72, False), ("A", 3, 0.78, True)]
    first = PHRASE - bars
    return [("intro", first + i, 0.3 + 0.3 * (i + 1) / bars, i == bars - 1) for i in range(bars)]


def _phrases(count: int) -> list[tuple[str, int, float, bool]]:
    energies = {"A": 0.8, "A'": 0.9, "B": 0.85, "break": 0.45}
    sections = phrase_sections(count)
    body: list[tuple[str, int, float, bool]] = []
    for number, section in enumerate(sections):
        energy = 1.0 if number == count - 1 else energies[section]
        body += [(section, place, energy, place == PHRASE - 1) for place in range(PHRASE)]
    return body


def phrase_sections(count: int) -> tuple[str, ...]:
    """The order of phrases: contrast in the middle, the first theme again at the end."""
    if count <= 3:
        return (("A",), ("A", "A'"), ("A", "B", "A'"))[count - 1]
    return ("A", *islice(cycle(("A'", "B", "A", "break")), count - 2), "A'")
