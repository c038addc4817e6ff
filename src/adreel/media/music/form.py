"""The form of a piece: bars with sections and energy. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

from adreel.media.music.score import BEATS_PER_BAR

PHRASE = 4
"""Bars of a phrase."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: first beat, length in beats, section, position in its phrase, energy 0-1, whether a fill closes it."""

    start: int
    beats: int
    section: str
    place: int
    energy: float
    fill: bool

    @property
    def cadence(self) -> bool:
        return self.section == "cadence"


def plan_bars(beats: int, tag: int = 0) -> tuple[Bar, ...]:
    """Bars for ``beats`` beats: introduction, phrases A, B, A' and so on, the last bar a cadence; an uneven start is a pickup.

    The last ``tag`` of the beats begin with a bar of their own: they are what plays on the end card.
    """
    count, pickup = divmod(beats - tag, BEATS_PER_BAR)
    more, rest = divmod(tag, BEATS_PER_BAR)
    lengths = ([pickup] if pickup else []) + [BEATS_PER_BAR] * (count + more) + ([rest] if rest else [])
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
    """One or two opening bars; instead of a third one, the theme enters early."""
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
    """The order of phrases: contrast in the middle, the first theme at the end."""
    if count <= 3:
        return (("A",), ("A", "A'"), ("A", "B", "A'"))[count - 1]
    return ("A", *islice(cycle(("A'", "B", "A", "break")), count - 2), "A'")
