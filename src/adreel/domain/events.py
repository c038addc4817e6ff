"""Progress as typed events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class ProgressStage(StrEnum):
    """What is going on, in the order of a film's making."""

    READING = "reading photos"
    PLANNING = "planning scenes"
    CLIPS = "making clips"
    COMPOSING = "composing"
    CHECKING = "checking"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent` is 0–100 of the whole job and never falls within one job."""

    stage: ProgressStage
    percent: float
    message: str


ProgressSink = Callable[[Progress], None]
"""Called from any thread; must return at once."""


def ignore_progress(_event: Progress) -> None:
    """The sink for callers that do not watch."""
