"""Turns what agents report of their own work into the percentage of the whole job."""

from __future__ import annotations

import threading

from adreel.domain.errors import CancelledError
from adreel.domain.events import Progress, ProgressSink, ProgressStage, Spans


class JobWatch:
    """One job's progress and stop switch, shared by the watches of its stages. Percentages never fall."""

    def __init__(self, sink: ProgressSink, spans: Spans) -> None:
        self._sink = sink
        self._spans = spans
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._percent = 0.0

    def stop(self) -> None:
        """Makes every later `check` raise."""
        self._stopped.set()

    def check(self) -> None:
        """Raises CancelledError after `stop`."""
        if self._stopped.is_set():
            raise CancelledError("stopped")

    def stage(self, stage: ProgressStage) -> StageWatch:
        return StageWatch(self, stage)

    def report(self, stage: ProgressStage, fraction: float, message: str) -> None:
        start, end = self._spans[stage]
        with self._lock:
            self._percent = max(self._percent, start + (end - start) * min(1.0, max(0.0, fraction)))
            self._sink(Progress(stage, self._percent, message))


class StageWatch:
    """The Watch of one stage."""

    def __init__(self, job: JobWatch, stage: ProgressStage) -> None:
        self._job = job
        self._stage = stage

    def report(self, fraction: float, message: str) -> None:
        self._job.report(self._stage, fraction, message)

    def check(self) -> None:
        self._job.check()
