"""The clock that all machines of an installation share: the database's."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from adreel.db.engine import Database
from adreel.domain.errors import StorageError
from adreel.domain.ids import Clock, utc_now

SYNC_SECONDS = 60.0

_log = logging.getLogger(__name__)


class CommonTime:
    """A Clock for times that one machine writes and another compares: when a ticket expires, when a job began.

    On PostgreSQL it is the server's clock, continued between two readings by a monotonic clock, so that neither differences
    between machines nor a changed system clock matter. On SQLite it is the clock of the one machine.
    """

    def __init__(
        self, database: Database, local: Clock = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._local = local
        self._monotonic = monotonic
        self._last_reading: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        if self._last_reading is None:
            return self._local()
        moment, since = self._last_reading
        return moment + timedelta(seconds=self._monotonic() - since)

    async def sync(self) -> None:
        """Reads the database's clock. Raises StorageError."""
        if self._database.is_sqlite:
            return
        began = self._monotonic()
        async with self._database.reading() as transaction:
            moment: datetime = (await transaction.execute(text("SELECT clock_timestamp()"))).scalar_one()
        # The server read its clock at some time in between.
        self._last_reading = moment.astimezone(UTC), (began + self._monotonic()) / 2

    async def run(self) -> None:
        """Calls `sync` every minute until cancelled. While the database is away the monotonic clock continues."""
        while True:
            try:
                await self.sync()
            except StorageError as error:
                _log.warning("the database's clock cannot be read, using this machine's: %s", error)
            await asyncio.sleep(SYNC_SECONDS)
