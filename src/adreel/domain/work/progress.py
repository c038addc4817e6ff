"""Progress as typed events, and the reporters that turn the progress of segments and stages into a job's percentage."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.percentages import ProgressSpan, ProgressStage, Spans


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent` is 0–100 of the whole job and never falls within one job. `cost` is the job's cost so far in US dollars, None
    for a job that costs nothing.
    """

    stage: ProgressStage
    percent: float
    message: str
    cost: Decimal | None = None


ProgressSink = Callable[[Progress], None]
"""Called from any thread; must return at once."""


def ignore_progress(_event: Progress) -> None:
    """A sink that discards all events."""


class ProgressReporter(Protocol):
    """Receives the progress of a piece of work."""

    def report(self, fraction: float, message: str) -> None:
        """`fraction` is 0–1 of the work that this reporter covers. Called from any thread, often."""
        ...


class SilentReporter:
    """A reporter that discards progress."""

    def report(self, fraction: float, message: str) -> None:
        pass


class PartReporter:
    """Reports a part of a job: maps its 0–1 to `span`, which has shares (0–1) of the whole."""

    def __init__(self, reporter: ProgressReporter, span: ProgressSpan) -> None:
        self._reporter = reporter
        self._span = span

    def report(self, fraction: float, message: str) -> None:
        self._reporter.report(self._span.at(fraction), message)


class FrameProgress:
    """Adds up the frames of several segments, of `total` frames in all; any thread may call `done`, which also stops the
    thread once `cancellation` is requested.
    """

    def __init__(self, reporter: ProgressReporter, cancellation: CancellationToken, total: int) -> None:
        self._reporter = reporter
        self._cancellation = cancellation
        self._total = max(total, 1)
        self._frames: dict[int, int] = {}
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises CancelledError when the work must stop."""
        self._cancellation.check()

    def done(self, index: int, frames: int) -> None:
        """Records that segment `index` has `frames` frames so far. Raises CancelledError when the work must stop."""
        self.check()
        with self._lock:
            self._frames[index] = frames
            finished = sum(self._frames.values())
        self._reporter.report(min(1.0, finished / self._total), f"{finished} of {self._total} frames")


class JobReporter:
    """One job's progress, shared by the reporters of its stages. Percentages never fall."""

    def __init__(self, sink: ProgressSink, spans: Spans) -> None:
        self._sink = sink
        self._spans = spans
        self._lock = threading.Lock()
        self._percent = 0.0

    def stage(self, stage: ProgressStage) -> StageReporter:
        return StageReporter(self, stage)

    def report(self, stage: ProgressStage, fraction: float, message: str) -> None:
        percent = self._spans[stage].at(fraction)
        with self._lock:
            self._percent = max(self._percent, percent)
            self._sink(Progress(stage, self._percent, message))


class StageReporter:
    """The reporter of one stage."""

    def __init__(self, job: JobReporter, stage: ProgressStage) -> None:
        self._job = job
        self._stage = stage

    def report(self, fraction: float, message: str) -> None:
        self._job.report(self._stage, fraction, message)
