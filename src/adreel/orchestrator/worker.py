"""The worker of a process: its lease, its engine, and its background duties."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.lease import Lease

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 5.0


class Worker:
    """Executes workflows from `start` to `close`, and runs `duties` meanwhile: `Sweeper.run`, `Reaper.run` on PostgreSQL."""

    def __init__(self, lease: Lease, engine: DurableEngine, duties: Sequence[Callable[[], Awaitable[None]]]) -> None:
        self._lease = lease
        self._engine = engine
        self._duties = duties
        self._running: list[asyncio.Task[None]] = []

    @property
    def engine(self) -> DurableEngine:
        return self._engine

    async def start(self) -> None:
        """Raises SetupError when another process holds the lease, StorageError when a database is away."""
        await self._lease.start()
        try:
            await self._engine.launch()
        except BaseException:
            await self._lease.close()
            raise
        self._running = [asyncio.create_task(_duty(duty)) for duty in self._duties]

    async def lost(self) -> None:
        """Returns when others have taken over this process's work. It must then close and end with an exit code other than 0,
        so that its supervisor restarts it."""
        await self._lease.lost()

    async def close(self, patience: float = 10.0) -> None:
        """See DurableEngine.close. Releases the lease when nothing runs any more."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._engine.close(patience)
        await self._lease.close()


async def _duty(duty: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await duty()
        except Exception:  # noqa: BLE001 (a mistake in one duty must not end it for the life of the process)
            _log.exception("a duty of the worker failed unexpectedly and is restarted")
        await asyncio.sleep(_PAUSE_SECONDS)
