"""Word between processes that a session has something new, by PostgreSQL's LISTEN and NOTIFY. SQLite has no such thing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

CHANNEL = "adreel_progress"
HEARTBEAT_SECONDS = 15.0
ANSWER_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
_LOST = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

_log = logging.getLogger(__name__)

OnNotice = Callable[[str, int], None]
"""Called with the session's id and the number of its newest event, 0 when the session is gone. Must return at once."""


async def notify(transaction: AsyncSession, session_id: str, seq: int) -> None:
    """Tells all processes, once the transaction is committed, of the session's newest event; 0 says that the session is gone."""
    if transaction.get_bind().dialect.name == "postgresql":
        values = {"channel": CHANNEL, "notice": f"{session_id} {seq}"}
        await transaction.execute(text("SELECT pg_notify(:channel, :notice)"), values)


class NoticeListener:
    """One connection that listens for as long as `run` runs, and is made again whenever it is lost."""

    def __init__(self, engine: AsyncEngine, on_notice: OnNotice, on_connected: Callable[[], None]) -> None:
        self._engine = engine
        self._on_notice = on_notice
        self._on_connected = on_connected
        self._pause = FIRST_PAUSE_SECONDS

    async def run(self) -> None:
        """Listens until it is cancelled. `on_connected` is called each time: notices before that may have been missed."""
        while True:
            try:
                await self._listen()
            except _LOST as error:
                _log.warning("the connection that listens for progress was lost, trying again: %s", error)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    async def _listen(self) -> None:
        async with self._engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert isinstance(driver, asyncpg.Connection)  # noqa: S101 (the only driver that PostgreSQL is opened with)
            lost = asyncio.Event()
            driver.add_termination_listener(_teller(lost))
            try:
                await driver.add_listener(CHANNEL, self._heard)
                self._pause = FIRST_PAUSE_SECONDS
                self._on_connected()
                await _until(lost, driver)
            finally:
                # It listens: it must not go back among the others.
                await connection.invalidate()

    def _heard(self, _connection: object, _pid: object, _channel: object, payload: object) -> None:
        session_id, _, seq = str(payload).partition(" ")
        if session_id and seq.isdecimal():
            self._on_notice(session_id, int(seq))


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
