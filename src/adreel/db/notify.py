"""Notifications between processes, by PostgreSQL's LISTEN and NOTIFY: a session has a new event, a job has ended.

SQLite has no equivalent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

PROGRESS = "adreel_progress"
JOBS = "adreel_jobs"
"""Channels."""

HEARTBEAT_SECONDS = 15.0
ANSWER_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
_LOST = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

_log = logging.getLogger(__name__)

OnNotice = Callable[[str], None]
"""Called with the notification's text. Must return at once."""


async def notify(transaction: AsyncSession, session_id: str, seq: int) -> None:
    """Notifies all processes of the session's newest event when the transaction commits; 0: the session was deleted."""
    await send(transaction, PROGRESS, f"{session_id} {seq}")


def read_notice(notice: str) -> tuple[str, int] | None:
    """Parses the session's id and event number that `notify` sent; None for malformed text."""
    session_id, _, seq = notice.partition(" ")
    return (session_id, int(seq)) if session_id and seq.isdecimal() else None


async def send(transaction: AsyncSession, channel: str, notice: str) -> None:
    """Notifies all processes that listen to the channel when the transaction commits. Does nothing on SQLite."""
    if transaction.get_bind().dialect.name == "postgresql":
        values = {"channel": channel, "notice": notice}
        await transaction.execute(text("SELECT pg_notify(:channel, :notice)"), values)


class NoticeListener:
    """Listens to a channel on a connection of its own while `run` runs, and reconnects whenever it is lost."""

    def __init__(
        self, engine: AsyncEngine, channel: str, on_notice: OnNotice, on_connected: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._channel = channel
        self._on_notice = on_notice
        self._on_connected = on_connected
        self._pause = FIRST_PAUSE_SECONDS

    async def run(self) -> None:
        """Listens until cancelled. Calls `on_connected` after each connect: earlier notifications may have been missed."""
        while True:
            try:
                await self._listen()
            except _LOST as error:
                _log.warning("the connection that listens to %s was lost, trying again: %s", self._channel, error)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    async def _listen(self) -> None:
        async with self._engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert isinstance(driver, asyncpg.Connection)  # noqa: S101 (the only driver that PostgreSQL is opened with)
            lost = asyncio.Event()
            driver.add_termination_listener(_setter(lost))
            try:
                await driver.add_listener(self._channel, self._received)
                self._pause = FIRST_PAUSE_SECONDS
                self._on_connected()
                await _until(lost, driver)
            finally:
                # The connection still listens: it must not return to the pool.
                await connection.invalidate()

    def _received(self, _connection: object, _pid: object, _channel: object, payload: object) -> None:
        self._on_notice(str(payload))


def _setter(lost: asyncio.Event) -> Callable[[object], None]:
    def on_termination(_connection: object) -> None:
        lost.set()

    return on_termination


async def _until(lost: asyncio.Event, driver: asyncpg.Connection) -> None:
    """Returns, or raises, when the connection is lost; sends a query on a silent one every `HEARTBEAT_SECONDS`."""
    while not lost.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await lost.wait()
        if not lost.is_set():
            async with asyncio.timeout(ANSWER_SECONDS):
                await driver.execute("SELECT 1")
