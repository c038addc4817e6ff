"""Word between processes, by PostgreSQL's LISTEN and NOTIFY: that a session has something new, that a job has ended.

SQLite has no such thing.
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
"""Called with what was sent. Must return at once."""


async def notify(transaction: AsyncSession, session_id: str, seq: int) -> None:
    """Tells all processes, once the transaction is committed, of the session's newest event; 0 says that the session is gone."""
    await send(transaction, PROGRESS, f"{session_id} {seq}")


def read_notice(notice: str) -> tuple[str, int] | None:
    """The session's id and number that `notify` sent."""
    session_id, _, seq = notice.partition(" ")
    return (session_id, int(seq)) if session_id and seq.isdecimal() else None


async def send(transaction: AsyncSession, channel: str, notice: str) -> None:
    """Sends to all processes that listen, once the transaction is committed. Does nothing on SQLite."""
    if transaction.get_bind().dialect.name == "postgresql":
        values = {"channel": channel, "notice": notice}
        await transaction.execute(text("SELECT pg_notify(:channel, :notice)"), values)


class NoticeListener:
    """One connection that listens to a channel for as long as `run` runs, and is made again whenever it is lost."""

    def __init__(
        self, engine: AsyncEngine, channel: str, on_notice: OnNotice, on_connected: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._channel = channel
        self._on_notice = on_notice
        self._on_connected = on_connected
        self._pause = FIRST_PAUSE_SECONDS

    async def run(self) -> None:
        """Listens until it is cancelled. `on_connected` is called each time: notices before that may have been missed."""
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
            driver.add_termination_listener(_teller(lost))
            try:
                await driver.add_listener(self._channel, self._heard)
                self._pause = FIRST_PAUSE_SECONDS
                self._on_connected()
                await _until(lost, driver)
            finally:
                # It listens: it must not go back among the others.
                await connection.invalidate()

    def _heard(self, _connection: object, _pid: object, _channel: object, payload: object) -> None:
        self._on_notice(str(payload))


def _teller(lost: asyncio.Event) -> Callable[[object], None]:
    def tell(_connection: object) -> None:
        lost.set()

    return tell


async def _until(lost: asyncio.Event, driver: asyncpg.Connection) -> None:
    """Returns, or raises, when the connection is lost; a silent one is asked now and then whether it is still there."""
    while not lost.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await lost.wait()
        if not lost.is_set():
            async with asyncio.timeout(ANSWER_SECONDS):
                await driver.execute("SELECT 1")
