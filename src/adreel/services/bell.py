"""Wakes those who wait for something by its name, in whichever process they wait."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from adreel.db.engine import Database
from adreel.services.notices import JOBS, NoticeListener, send


class Bell:
    """For one event loop. Who waits must look for themselves as well: a ring can be lost, and may come for nothing.

    With PostgreSQL as `database` all processes between `start` and `close` hear each ring; else this process alone does.
    """

    def __init__(self, database: Database | None = None) -> None:
        self._database = None if database is None or database.is_sqlite else database
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def listening(self, name: str) -> Generator[asyncio.Event]:
        """Within the block the event is set at each ring; whoever waits clears it."""
        event = asyncio.Event()
        self._waiting.setdefault(name, set()).add(event)
        try:
            yield event
        finally:
            others = self._waiting[name]
            others.discard(event)
            if not others:
                del self._waiting[name]

    async def ring(self, name: str) -> None:
        """Raises StorageError when other processes cannot be told."""
        if self._database is None:
            self._heard(name)
            return
        async with self._database.writing() as transaction:
            await send(transaction, JOBS, name)

    async def start(self) -> None:
        """Begins to hear what other processes ring."""
        if self._database is not None:
            notices = NoticeListener(self._database.engine, JOBS, self._heard, self._heard_all)
            self._listener = asyncio.create_task(notices.run())

    async def close(self) -> None:
        pending = set() if self._listener is None else {self._listener}
        while pending:
            # A driver that is just done with something may take no notice of being cancelled.
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=1.0)

    def _heard(self, name: str) -> None:
        for event in self._waiting.get(name, ()):
            event.set()

    def _heard_all(self) -> None:
        """The connection is new: what was rung before it may have been missed."""
        for name in self._waiting:
            self._heard(name)
