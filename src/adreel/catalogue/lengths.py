"""How a length of a clip is asked for: in whole seconds, as frames at a rate, or freely."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from adreel.catalogue.fields import Value

_TOLERANCE = 1e-6
"""Seconds by which a length may be missed: the rounding error of floats."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The input fields that request a length, and the clip's actual length in seconds.

    `clips` is the number of clips of usual length that are billed, for a model priced per clip.
    """

    inputs: Mapping[str, Value]
    seconds: float
    clips: Decimal = Decimal(1)


class Length(Protocol):
    """A way to request a length. The clip is never shorter than requested."""

    @property
    def max_seconds(self) -> float: ...

    @property
    def fields(self) -> Mapping[str, tuple[Value, ...]]:
        """The input fields it uses, with the values it may send in each; for a range its ends."""
        ...

    def ask(self, seconds: float) -> Asked:
        """Requests at most `max_seconds`; the caller checks."""
        ...


@dataclass(frozen=True, slots=True)
class FreeLength:
    """Any length up to a limit, without an input field: for an engine that renders frame by frame."""

    max_seconds: float

    @property
    def fields(self) -> Mapping[str, tuple[Value, ...]]:
        return {}

    def ask(self, seconds: float) -> Asked:
        return Asked({}, seconds)


@dataclass(frozen=True, slots=True)
class WholeSeconds:
    """One of several lengths in whole seconds, ascending: picks the shortest that is long enough."""

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
    """A number of frames and the input value that requests it."""

    value: Value
    frames: int


@dataclass(frozen=True, slots=True)
class FramesAtRate:
    """A number of frames at a rate in frames per second: picks the fewest frames, then the highest rate. `choices` ascend.

    The clip lasts frames / rate seconds, so too high a rate would make it shorter than requested. A price per clip covers
    `billed_frames`, and more frames cost more in proportion; None when every number of frames costs the same.
    """

    field: str
    choices: tuple[FrameChoice, ...]
    rate_field: str
    least_rate: int
    most_rate: int
    billed_frames: int | None = None

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
        billed = self.billed_frames or chosen.frames
        clips = max(Decimal(1), Decimal(chosen.frames) / billed)
        return Asked({self.field: chosen.value, self.rate_field: rate}, chosen.frames / rate, clips)
