"""Publishes that a phase without parts goes on, such as the planning of scenes by a language model, and that parts are queued."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from adreel.domain.work.percentages import Phase
from adreel.orchestrator.flows.board import AllParts, PartKind
from adreel.orchestrator.flows.heartbeat import Pace, beating
from adreel.orchestrator.flows.hosted_parts import duration
from adreel.orchestrator.flows.progress import Reporter

_LONGER = 1.5
"""Events of parts at work come in time despite the delays of a busy machine."""


class PhaseProgress:
    """Shows how long phases have lasted. `clock` gives seconds that never go back."""

    def __init__(
        self, reporter: Reporter, pace: Pace | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reporter = reporter
        self._pace = pace or Pace()
        self._clock = clock

    def during(
        self,
        phase: Phase,
        session_id: str,
        job_id: str,
        message: str,
        is_unanswered: Callable[[], bool] = lambda: False,
    ) -> AbstractAsyncContextManager[None]:
        """Publishes the message, with the time so far, while the block lasts; and that a provider does not answer, while
        `is_unanswered`."""
        pulse = _PhasePulse(
            self._reporter, phase, session_id, job_id, message, self._clock(), self._clock, is_unanswered
        )
        return beating(pulse, self._pace, self._clock)

    def queued(self, kind: PartKind, job: AllParts) -> AbstractAsyncContextManager[None]:
        """Publishes during the block that a job waits, whenever it is silent for longer than parts at work are."""
        pace = Pace(self._pace.apart, _LONGER * self._pace.quiet)
        return beating(_QueuePulse(self._reporter, kind, job, self._clock(), self._clock), pace, self._clock)


@dataclass(slots=True)
class _QueuePulse:
    """A Pulse of parts that no worker has begun, since the queue is full. `heard` is the number of the event last seen."""

    reporter: Reporter
    kind: PartKind
    job: AllParts
    since: float
    clock: Callable[[], float]
    heard: int = 0

    def state(self) -> Hashable:
        return None

    async def publish(self) -> None:
        message = f"Waiting for a free place ({duration(self.clock() - self.since)} so far)"
        self.heard = await self.reporter.silent(self.kind, self.job, self.heard, message)


@dataclass(frozen=True, slots=True)
class _PhasePulse:
    """A Pulse of one phase, `since` a time of the clock."""

    reporter: Reporter
    phase: Phase
    session_id: str
    job_id: str
    message: str
    since: float
    clock: Callable[[], float]
    is_unanswered: Callable[[], bool]

    def state(self) -> Hashable:
        return self.is_unanswered()

    async def publish(self) -> None:
        trouble = "; its provider does not answer and is asked again" if self.is_unanswered() else ""
        message = f"{self.message}{trouble} ({duration(self.clock() - self.since)} so far)"
        await self.reporter.still(self.phase, self.session_id, self.job_id, message)
