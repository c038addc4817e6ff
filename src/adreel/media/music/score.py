"""Notes in beats, as written by parts and played by the synthesizer, and the step notation of rhythms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.random import Generator

T = TypeVar("T")

STEPS_PER_BEAT = 4
BEATS_PER_BAR = 4
STEPS_PER_BAR = STEPS_PER_BEAT * BEATS_PER_BAR

CENTRE, LEFT, RIGHT = 0, 1, 2
"""Channels of a layer: the position of a note in its stereo spread."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note: ``start`` and ``duration`` in beats, MIDI ``pitch`` and ``velocity`` (1-127), channel of its layer."""

    start: float
    duration: float
    pitch: int
    velocity: int
    channel: int = CENTRE

    @property
    def end(self) -> float:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Step:
    """A symbol of a step pattern with its onset and duration in beats."""

    onset: float
    duration: float
    symbol: str


def steps(pattern: str, beats: int = BEATS_PER_BAR) -> tuple[Step, ...]:
    """Parses a bar of sixteen steps: ``.`` is a rest, ``-`` holds the current note, any other character begins a note.

    A bar shorter than four beats plays the end of the pattern, like a pickup. Raises ValueError for a pattern that is not
    sixteen steps long.
    """
    if len(pattern) != STEPS_PER_BAR:
        raise ValueError(f"step pattern {pattern!r} has {len(pattern)} steps instead of {STEPS_PER_BAR}")
    tail = pattern[STEPS_PER_BAR - beats * STEPS_PER_BEAT :]
    return tuple(
        Step(i / STEPS_PER_BEAT, _held(tail, i) / STEPS_PER_BEAT, symbol)
        for i, symbol in enumerate(tail)
        if symbol not in ".-"
    )


def _held(pattern: str, start: int) -> int:
    rest = pattern[start + 1 :]
    return 1 + len(rest) - len(rest.lstrip("-"))


def velocity(level: float, rng: Generator, spread: float = 4.0) -> int:
    """A MIDI velocity for a loudness level of 0-9, humanised by a normal spread."""
    return int(np.clip(round(15 + level * 12 + rng.normal(0.0, spread)), 1, 127))


def pick(rng: Generator, choices: tuple[T, ...]) -> T:
    return choices[int(rng.integers(len(choices)))]
