"""Progress as typed events, and how agents report it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class ProgressStage(StrEnum):
    """What is going on, in the order of a film's making."""

    READING = "reading"
    IMAGES = "making images"
    PLANNING = "planning scenes"
    CLIPS = "making clips"
    COMPOSING = "composing"
    COMPLETE = "complete"


Spans = Mapping[ProgressStage, tuple[float, float]]
"""Percent of the whole job at which each stage begins and ends."""

MAKE_SPANS: Spans = {
    ProgressStage.READING: (0, 2),
    ProgressStage.PLANNING: (2, 4),
    ProgressStage.CLIPS: (4, 92),
    ProgressStage.COMPOSING: (92, 100),
    ProgressStage.COMPLETE: (100, 100),
}
"""Photos to film: nearly all of it is drawing clips."""

HOSTED_SPANS: Spans = {
    ProgressStage.READING: (0, 2),
    ProgressStage.IMAGES: (2, 20),
    ProgressStage.PLANNING: (20, 22),
    ProgressStage.CLIPS: (22, 90),
    ProgressStage.COMPOSING: (90, 100),
    ProgressStage.COMPLETE: (100, 100),
}
"""Words or photos to film with hosted models: nearly all of it is waiting for clips."""

COMPOSE_SPANS: Spans = {
    ProgressStage.READING: (0, 10),
    ProgressStage.COMPOSING: (10, 100),
    ProgressStage.COMPLETE: (100, 100),
}
"""Clips to film: examining them, then conforming and joining."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent` is 0–100 of the whole job and never falls within one job. `cost` is what it has cost so far, in US dollars,
    when anything can cost.
    """

    stage: ProgressStage
    percent: float
    message: str
    cost: Decimal | None = None


ProgressSink = Callable[[Progress], None]
"""Called from any thread; must return at once."""


def ignore_progress(_event: Progress) -> None:
    """The sink for callers that do not look."""


class Watch(Protocol):
    """How work in progress is seen and stopped. Both methods may be called from any thread, often."""

    def report(self, fraction: float, message: str) -> None:
        """`fraction` is 0–1 of the work that was handed out with this watch."""
        ...

    def check(self) -> None:
        """Raises CancelledError when the work is to stop."""
        ...


class Unwatched:
    """A Watch for callers that neither look nor stop."""

    def report(self, fraction: float, message: str) -> None:
        pass

    def check(self) -> None:
        pass
