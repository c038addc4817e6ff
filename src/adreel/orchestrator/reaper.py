"""Takes over the work of dead executors. PostgreSQL only: on SQLite the next start recovers the work."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.locks import try_lock
from adreel.db.tables import ExecutorRow
from adreel.domain.errors import StorageError
from adreel.orchestrator.lease import TTL_SECONDS

_log = logging.getLogger(__name__)


class Recovering(Protocol):
    """The methods of the engine that the reaper calls."""

    async def running_executors(self) -> frozenset[str]: ...

    async def recover(self, executor_ids: Collection[str]) -> int: ...


class Reaper:
    """Polls the beats of all other executors.

    An executor is dead when its beat has not changed for `ttl` seconds of this process's monotonic clock, during which this
    process polled without interruption: a failed or late poll restarts the observation. So an outage of the database, during
    which no executor can beat, makes none of them dead. The work of an executor without a row is taken over at once, since it
    has released or lost its lease: executors write their row before they take work.
    """

    def __init__(
        self,
        db: Database,
        engine: Recovering,
        executor_id: str,
        *,
        ttl: float = TTL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._engine = engine
        self._executor_id = executor_id
        self._ttl = ttl
        self._monotonic = monotonic
        self._observed: dict[str, tuple[int, float]] = {}
        self._last_poll = float("-inf")

    async def run(self) -> None:
        """Polls every quarter of `ttl` seconds, until cancelled."""
        while True:
            try:
                await self.poll()
            except StorageError as error:
                _log.warning("cannot see which executors are alive: %s", error)
            await asyncio.sleep(self._ttl / 4)

    async def poll(self) -> int:
        """Polls once. Returns how many workflows were returned to their queues. Raises StorageError."""
        began = self._monotonic()
        if began - self._last_poll > self._ttl / 2:
            self._observed.clear()
        self._last_poll = float("-inf")
        # In this order: an executor writes its row before it takes work.
        running = await self._engine.running_executors()
        beats = await self._beats()
        if self._monotonic() - began > self._ttl / 2:
            return 0
        self._last_poll = began
        dead = self._silent(beats, began)
        orphaned = running - beats.keys() - {self._executor_id}
        return await self._take_over(dead, orphaned) if dead or orphaned else 0

    async def _beats(self) -> Mapping[str, int]:
        async with self._db.reading() as session:
            rows = await session.execute(select(ExecutorRow.id, ExecutorRow.beat))
            return {row.id: row.beat for row in rows}

    def _silent(self, beats: Mapping[str, int], now: float) -> Mapping[str, int]:
        before = self._observed
        self._observed = {
            one: before[one] if one in before and before[one][0] == beat else (beat, now) for one, beat in beats.items()
        }
        silent = {one: beat for one, (beat, since) in self._observed.items() if now - since >= self._ttl}
        silent.pop(self._executor_id, None)
        return silent

    async def _take_over(self, dead: Mapping[str, int], orphaned: frozenset[str]) -> int:
        # Rows go first and the transaction ends last: an executor that beats meanwhile waits for its row, then finds none.
        async with self._db.writing() as session:
            if not await try_lock(session, "reaper"):
                return 0
            removed = [one for one, beat in dead.items() if await _remove(session, one, beat)]
            recovered = await self._engine.recover([*removed, *orphaned]) if removed or orphaned else 0
        _log.warning("executors %s are dead; %d workflows are recovered", ", ".join([*removed, *orphaned]), recovered)
        return recovered


async def _remove(session: AsyncSession, executor_id: str, beat: int) -> bool:
    """Deletes the executor's row; False when its beat has changed."""
    row = delete(ExecutorRow).where(ExecutorRow.id == executor_id, ExecutorRow.beat == beat)
    result = await session.execute(row)
    return isinstance(result, CursorResult) and result.rowcount == 1
