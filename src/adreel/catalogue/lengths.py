"""How the length of a clip is asked for: in whole seconds, as a number of frames and a rate, or freely."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from adreel.catalogue.fields import Value

_TOLERANCE = 1e-6
"""Seconds by which a length may be missed: what arithmetic on floats leaves over."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The input fields that ask for a length, and the seconds that the clip will really last."""

    inputs: Mapping[str, Value]
    seconds: float


class Length(Protocol):
    """A way to ask for a length. What is made is never shorter than what was asked."""

    @property
    def max_seconds(self) -> float: ...

    @property
    def fields(self) -> Mapping[str, tuple[Value, ...]]:
        """The input fields it uses, with the values it may give to each: of a range its ends."""
        ...

    def ask(self, seconds: float) -> Asked:
        """For at most `max_seconds`; the caller checks."""
        ...


@dataclass(frozen=True, slots=True)
class FreeLength:
    """Any length up to a limit, without a field of its own: an engine that draws frame by frame."""

    max_seconds: float

    @property
    def fields(self) -> Mapping[str, tuple[Value, ...]]:
        return {}

    def ask(self, seconds: float) -> Asked:
        return Asked({}, seconds)


@dataclass(frozen=True, slots=True)
class WholeSeconds:
    """One of several lengths in whole seconds, ascending: the shortest that is long enough is taken."""

    field: str
    choices: tuple[int, ...]

    @property
    def max_seconds(self) -> float:
        return float(self.choices[-1])

    @property
    def fields(self) -> Mapping[str, tuple[Value, ...]]:
        return {self.field: self.choices}

    def ask(self, seconds: float) -> Asked:
        chosen = next(choice for choice in self.choices if choice >= seconds - _TOLERANCE)
        return Asked({self.field: chosen}, float(chosen))


@dataclass(frozen=True, slots=True)
class FrameChoice:
    """What the model calls a number of frames."""

    value: Value
    frames: int


@dataclass(frozen=True, slots=True)
class FramesAtRate:
    """A number of frames, ascending, played at a rate in frames per second: fewest frames first, then the highest rate.

    The clip lasts frames / rate seconds, so a rate too high would leave it shorter than asked.
    """

    field: str
    choices: tuple[FrameChoice, ...]
    rate_field: str
    least_rate: int
    most_rate: int

    @property
    def max_seconds(self) -> float:
        return self.choices[-1].frames / self.least_rate

    @property
    def fields(self) -> Mapping[str, tuple[Value, ...]]:
        values = tuple(choice.value for choice in self.choices)
        return {self.field: values, self.rate_field: (self.least_rate, self.most_rate)}

    def ask(self, seconds: float) -> Asked:
        chosen = next(choice for choice in self.choices if choice.frames / self.least_rate >= seconds - _TOLERANCE)
        rate = min(self.most_rate, max(self.least_rate, math.floor(chosen.frames / seconds + _TOLERANCE)))
        return Asked({self.field: chosen.value, self.rate_field: rate}, chosen.frames / rate)
