"""Puts right what a crash has left between the sessions and the engine, and forgets what is long over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from adreel.db.engine import Database
from adreel.domain.errors import AdreelError
from adreel.domain.session import Job, Json
from adreel.domain.stage import Action
from adreel.orchestrator.durable_client import Outcome
from adreel.orchestrator.locks import alone
from adreel.orchestrator.steps import JobState

_log = logging.getLogger(__name__)
_FORGET_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Route:
    """Which flow does the work of an action, and the queue that it waits in."""

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


Told = Callable[[str, Job, Outcome], Awaitable[None]]
"""Tells a session (its id) how its job ended. May be called for one that has been told by now."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many jobs were given to the engine again, sessions told of an end, and old workflows forgotten."""

    restarted: int = 0
    told: int = 0
    forgotten: int = 0


class Sweeper:
    """Sweeps every `every_seconds`, in one process at a time. Jobs younger than `patience_seconds` are left to whoever has
    just begun them. Workflows that ended `keep` ago are forgotten by the engine; sessions and their events are not touched.
    `hooks` are swept along, each on its own: one that fails does not keep the others from running.
    """

    def __init__(
        self,
        db: Database,
        sessions: SweptSessions,
        engine: SweptEngine,
        routes: Mapping[Action, Route],
        told: Told,
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
        self._told = told
        self._clock = clock
        self._keep = keep
        self._hooks = hooks
        self._every_seconds = every_seconds
        self._patience = timedelta(seconds=patience_seconds)
        self._limit = limit

    async def run(self) -> None:
        """Until it is cancelled. Errors are logged: the next sweep comes."""
        while True:
            try:
                await self.sweep()
            except AdreelError as error:
                _log.warning("sweeping failed, trying again: %s", error)
            await asyncio.sleep(self._every_seconds)

    async def sweep(self) -> Swept | None:
        """One sweep; None when another process is at it. Raises StorageError."""
        async with alone(self._db, "sweeper") as is_alone:
            if not is_alone:
                return None
            restarted, told = await self._sweep_jobs()
            await self._sweep_along()
            forgotten = await self._engine.forget(self._clock() - self._keep, _FORGET_AT_ONCE)
            return Swept(restarted, told, forgotten)

    async def _sweep_jobs(self) -> tuple[int, int]:
        jobs = await self._settled_jobs()
        states = await self._engine.states([job.id for _, job in jobs])
        unknown = [job for _, job in jobs if job.id not in states]
        over = [(session_id, job) for session_id, job in jobs if job.id in states and states[job.id].is_over]
        for job in unknown:
            await self._restart(job)
        return len(unknown), await self._tell(over)

    async def _settled_jobs(self) -> list[tuple[str, Job]]:
        latest = self._clock() - self._patience
        return [one for one in await self._sessions.jobs_under_way(self._limit) if one[1].started_at <= latest]

    async def _restart(self, job: Job) -> None:
        route = self._routes[job.action]
        _log.warning("job %s was never given to the engine, or lost there: it begins again", job.id)
        await self._engine.enqueue(route.flow, job.id, job.order, route.queue)

    async def _tell(self, over: Sequence[tuple[str, Job]]) -> int:
        outcomes = await self._engine.outcomes([job.id for _, job in over])
        told = 0
        for session_id, job in over:
            if job.id in outcomes:
                await self._told(session_id, job, outcomes[job.id])
                told += 1
        return told

    async def _sweep_along(self) -> None:
        for hook in self._hooks:
            try:
                await hook()
            except AdreelError as error:
                _log.warning("a part of the sweep failed, trying again: %s", error)
