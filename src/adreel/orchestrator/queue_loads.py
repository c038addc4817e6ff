"""The load of the service's queues, for metrics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from adreel.domain.ids import Clock, utc_now
from adreel.domain.work.usage import QueueLoad
from adreel.orchestrator.queues import queue_limits


class WaitingWork(Protocol):
    """Fulfilled by DurableEngine and DurableClient."""

    async def waiting(self) -> Mapping[str, tuple[int, datetime]]: ...


class QueueLoads:
    """Reads the load of every queue, also of those in which nothing waits."""

    def __init__(self, engine: WaitingWork, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    async def read(self) -> tuple[QueueLoad, ...]:
        """One query. Raises StorageError when the engine's database cannot be reached."""
        found = await self._engine.waiting()
        now = self._clock()
        return tuple(_load(name, found.get(name), now) for name in sorted(queue_limits()))


def _load(name: str, waits: tuple[int, datetime] | None, now: datetime) -> QueueLoad:
    if waits is None:
        return QueueLoad(name, 0, 0.0)
    count, since = waits
    # The clock of the process that ordered the oldest may be ahead.
    return QueueLoad(name, count, max(0.0, (now - since).total_seconds()))
