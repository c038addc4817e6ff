"""Reconciles sessions and engine after crashes, and deletes old workflows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from adreel.db.engine import Database
from adreel.db.locks import alone
from adreel.domain.errors import AdreelError
from adreel.domain.sessions.session import Job, Json
from adreel.domain.sessions.stage import Action
from adreel.orchestrator.engine.client import Outcome
from adreel.orchestrator.engine.steps import JobState

_log = logging.getLogger(__name__)
_FORGET_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Route:
    """The flow that does the work of an action, and its queue."""

    flow: str
    queue: str


class SweptSessions(Protocol):
    async def jobs_under_way(self, limit: int) -> tuple[tuple[str, Job], ...]: ...


class SweptEngine(Protocol):
    """Fulfilled by DurableEngine and DurableClient."""

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None: ...

    async def states(self, workflow_ids: Collection[str]) -> Mapping[str, JobState]: ...

    async def outcomes(self, workflow_ids: Collection[str]) -> Mapping[str, Outcome]: ...

    async def forget(self, before: datetime, limit: int = 200) -> int: ...


ReportOutcome = Callable[[str, Job, Outcome], Awaitable[None]]
"""Reports the outcome of a job to its session (the id). Must be idempotent."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many jobs were enqueued again, outcomes reported to sessions, and old workflows deleted."""

    restarted: int = 0
    reported: int = 0
    forgotten: int = 0


class Sweeper:
    """Sweeps every `every_seconds`, in one process at a time. Ignores jobs younger than `patience_seconds`: their process is just
    starting them. The engine deletes workflows that ended `keep` ago; sessions and their events stay. Each sweep also runs the
    `hooks`; one that fails does not stop the others.
    """

    def __init__(
        self,
        db: Database,
        sessions: SweptSessions,
        engine: SweptEngine,
        routes: Mapping[Action, Route],
        report: ReportOutcome,
        *,
        clock: Callable[[], datetime],
        keep: timedelta = timedelta(days=30),
        hooks: Sequence[Callable[[], Awaitable[None]]] = (),
        every_seconds: float = 30.0,
        patience_seconds: float = 10.0,
        limit: int = 1000,
    ) -> None:
        self._db = db
        self._sessions = sessions
        self._engine = engine
        self._routes = routes
        self._report = report
        self._clock = clock
        self._keep = keep
        self._hooks = hooks
        self._every_seconds = every_seconds
        self._patience = timedelta(seconds=patience_seconds)
        self._limit = limit

    async def run(self) -> None:
        """Sweeps until cancelled. Logs errors and continues."""
        while True:
            try:
                await self.sweep()
            except AdreelError as error:
                _log.warning("sweeping failed, trying again: %s", error)
            await asyncio.sleep(self._every_seconds)

    async def sweep(self) -> Swept | None:
        """Sweeps once; None when another process is sweeping. Raises StorageError."""
        async with alone(self._db, "sweeper") as is_alone:
            if not is_alone:
                return None
            restarted, reported = await self._sweep_jobs()
            await self._run_hooks()
            forgotten = await self._engine.forget(self._clock() - self._keep, _FORGET_AT_ONCE)
            return Swept(restarted, reported, forgotten)

    async def _sweep_jobs(self) -> tuple[int, int]:
        jobs = await self._older_jobs()
        states = await self._engine.states([job.id for _, job in jobs])
        unknown = [job for _, job in jobs if job.id not in states]
        over = [(session_id, job) for session_id, job in jobs if job.id in states and states[job.id].is_over]
        for job in unknown:
            await self._restart(job)
        return len(unknown), await self._report_outcomes(over)

    async def _older_jobs(self) -> list[tuple[str, Job]]:
        """The running jobs except recent ones. A job that seems to come from the future was begun by a machine whose clock is
        ahead, or before this one's was set back: it is included, since enqueueing is idempotent."""
        now = self._clock()
        jobs = await self._sessions.jobs_under_way(self._limit)
        return [one for one in jobs if abs(now - one[1].started_at) >= self._patience]

    async def _restart(self, job: Job) -> None:
        route = self._routes[job.action]
        _log.warning("job %s is unknown to the engine: it is enqueued again", job.id)
        await self._engine.enqueue(route.flow, job.id, job.order, route.queue)

    async def _report_outcomes(self, over: Sequence[tuple[str, Job]]) -> int:
        outcomes = await self._engine.outcomes([job.id for _, job in over])
        reported = 0
        for session_id, job in over:
            if job.id in outcomes:
                await self._report(session_id, job, outcomes[job.id])
                reported += 1
        return reported

    async def _run_hooks(self) -> None:
        for hook in self._hooks:
            try:
                await hook()
            except AdreelError as error:
                _log.warning("a part of the sweep failed, trying again: %s", error)
