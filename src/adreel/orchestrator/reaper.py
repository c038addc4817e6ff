"""Takes over the work of executors that have died. PostgreSQL only: on SQLite the next start takes up what is left."""

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
from adreel.db.tables import ExecutorRow
from adreel.domain.errors import StorageError
from adreel.orchestrator.lease import TTL_SECONDS
from adreel.orchestrator.locks import try_lock

_log = logging.getLogger(__name__)


class Recovering(Protocol):
    """The engine, as the reaper needs it."""

    async def running_executors(self) -> frozenset[str]: ...

    async def recover(self, executor_ids: Collection[str]) -> int: ...


class Reaper:
    """Watches the beats of all other executors.

    One is dead when its beat has not changed for `ttl` seconds of this process's own monotonic clock, while this process
    was looking on all the time: a look that failed, or came late, begins the observation anew. So an outage of the
    database, during which nobody can beat, kills nobody. An executor without a row that has work gave its lease back or
    lost it, and is taken over from at once: rows are written before work is taken.
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
        self._seen: dict[str, tuple[int, float]] = {}
        self._last_look = float("-inf")

    async def run(self) -> None:
        """Looks every quarter of `ttl` seconds, until it is cancelled."""
        while True:
            try:
                await self.look()
            except StorageError as error:
                _log.warning("cannot see which executors are alive: %s", error)
            await asyncio.sleep(self._ttl / 4)

    async def look(self) -> int:
        """One look. Returns how many workflows were put back into their queues. Raises StorageError."""
        began = self._monotonic()
        if began - self._last_look > self._ttl / 2:
            self._seen.clear()
        self._last_look = float("-inf")
        # In this order: who takes work has written its row before.
        running = await self._engine.running_executors()
        beats = await self._beats()
        if self._monotonic() - began > self._ttl / 2:
            return 0
        self._last_look = began
        dead = self._silent(beats, began)
        orphaned = running - beats.keys() - {self._executor_id}
        return await self._take_over(dead, orphaned) if dead or orphaned else 0

    async def _beats(self) -> Mapping[str, int]:
        async with self._db.reading() as session:
            rows = await session.execute(select(ExecutorRow.id, ExecutorRow.beat))
            return {row.id: row.beat for row in rows}

    def _silent(self, beats: Mapping[str, int], now: float) -> Mapping[str, int]:
        before = self._seen
        self._seen = {
            one: before[one] if one in before and before[one][0] == beat else (beat, now) for one, beat in beats.items()
        }
        silent = {one: beat for one, (beat, since) in self._seen.items() if now - since >= self._ttl}
        silent.pop(self._executor_id, None)
        return silent

    async def _take_over(self, dead: Mapping[str, int], orphaned: frozenset[str]) -> int:
        # Rows go first and the transaction ends last: whoever wakes up meanwhile waits at its row, and then finds none.
        async with self._db.writing() as session:
            if not await try_lock(session, "reaper"):
                return 0
            buried = [one for one, beat in dead.items() if await _bury(session, one, beat)]
            recovered = await self._engine.recover([*buried, *orphaned]) if buried or orphaned else 0
        _log.warning("executors %s are dead; %d workflows go on elsewhere", ", ".join([*buried, *orphaned]), recovered)
        return recovered


async def _bury(session: AsyncSession, executor_id: str, beat: int) -> bool:
    """False when it has beaten meanwhile."""
    row = delete(ExecutorRow).where(ExecutorRow.id == executor_id, ExecutorRow.beat == beat)
    result = await session.execute(row)
    return isinstance(result, CursorResult) and result.rowcount == 1
