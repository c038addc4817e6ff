"""Wakes waiters by name, in any process."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from adreel.db.engine import Database
from adreel.db.notify import JOBS, NoticeListener, send


class Wakeups:
    """For one event loop. Waiters must poll as well: a wakeup can be lost or spurious.

    With PostgreSQL as `database`, all processes between `start` and `close` receive each wakeup; else only this process does.
    """

    def __init__(self, database: Database | None = None) -> None:
        self._database = None if database is None or database.is_sqlite else database
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def listening(self, name: str) -> Generator[asyncio.Event]:
        """Within the block each wakeup sets the event; the waiter clears it."""
        event = asyncio.Event()
        self._waiting.setdefault(name, set()).add(event)
        try:
            yield event
        finally:
            others = self._waiting[name]
            others.discard(event)
            if not others:
                del self._waiting[name]

    async def notify(self, name: str) -> None:
        """Sets the events of all waiters for `name`. Raises StorageError when other processes cannot be notified."""
        if self._database is None:
            self._wake(name)
            return
        async with self._database.writing() as transaction:
            await send(transaction, JOBS, name)

    async def start(self) -> None:
        """Starts to receive wakeups from other processes."""
        if self._database is not None:
            listener = NoticeListener(self._database.engine, JOBS, self._wake, self._wake_all)
            self._listener = asyncio.create_task(listener.run())

    async def close(self) -> None:
        pending = set() if self._listener is None else {self._listener}
        while pending:
            # A driver that has just finished a call may ignore a cancellation.
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=1.0)

    def _wake(self, name: str) -> None:
        for event in self._waiting.get(name, ()):
            event.set()

    def _wake_all(self) -> None:
        """The connection is new: wakeups before it may have been missed."""
        for name in self._waiting:
            self._wake(name)
