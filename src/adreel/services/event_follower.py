"""Follows what other processes append, for the sessions that somebody in this process listens to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from adreel.db.engine import Database
from adreel.db.tables import EventRow, SessionRow
from adreel.domain.errors import StorageError
from adreel.services.event_hub import EventHub
from adreel.services.notices import PROGRESS, NoticeListener, read_notice
from adreel.services.rows import event_of

PAGE = 500
"""Sessions asked for, and events fetched, by one query."""

CANCEL_SECONDS = 1.0

_log = logging.getLogger(__name__)


class EventFollower:
    """Fetches events and publishes them: at once on a notice, and every `poll_seconds` whatever no notice told of."""

    def __init__(self, database: Database, hub: EventHub, poll_seconds: float) -> None:
        self._database = database
        self._hub = hub
        self._poll_seconds = poll_seconds
        self._noticed: set[str] = set()
        self._look_at_all = False
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks.append(asyncio.create_task(self._follow()))
        if not self._database.is_sqlite:
            notices = NoticeListener(self._database.engine, PROGRESS, self._on_notice, self._on_connected)
            self._tasks.append(asyncio.create_task(notices.run()))

    async def close(self) -> None:
        pending = set(self._tasks)
        self._tasks.clear()
        while pending:
            # A driver that is just done with something may take no notice of being cancelled.
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=CANCEL_SECONDS)

    async def fetch(self, sessions: Collection[str]) -> None:
        """Publishes what these sessions have beyond what was published."""
        for some in _batches(sessions):
            while missing := [(name, self._hub.newest[name]) for name in some if name in self._hub.newest]:
                beyond = (and_(EventRow.session_id == name, EventRow.seq > newest) for name, newest in missing)
                query = select(EventRow).where(or_(*beyond)).order_by(EventRow.session_id, EventRow.seq).limit(PAGE)
                async with self._database.reading() as transaction:
                    events = [event_of(row) for row in await transaction.scalars(query)]
                for event in events:
                    self._hub.publish(event)
                if len(events) < PAGE:
                    break

    def _on_notice(self, notice: str) -> None:
        read = read_notice(notice)
        if read is None:
            return
        session_id, seq = read
        if seq == 0:
            self._hub.end(session_id)
        elif seq > self._hub.newest.get(session_id, seq):
            self._noticed.add(session_id)
            self._wake.set()

    def _on_connected(self) -> None:
        self._look_at_all = True
        self._wake.set()

    async def _follow(self) -> None:
        now = asyncio.get_running_loop().time
        due = now() + self._poll_seconds
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            self._wake.clear()
            try:
                if self._look_at_all or now() >= due:
                    self._look_at_all, due = False, now() + self._poll_seconds
                    await self._catch_up()
                await self.fetch(self._take_noticed())
            except (StorageError, SQLAlchemyError) as error:
                _log.warning("progress of other processes cannot be read now, trying again: %s", error)

    def _take_noticed(self) -> set[str]:
        taken, self._noticed = self._noticed, set()
        return taken

    async def _catch_up(self) -> None:
        """Asks for all sessions that are listened to how far they are; fetches what is missing, ends those that are gone."""
        for some in _batches(self._hub.newest):
            reached = await self._reached(some)
            for session_id in some:
                if session_id not in reached:
                    self._hub.end(session_id)
            newest = self._hub.newest
            await self.fetch({name for name, seq in reached.items() if seq > newest.get(name, seq)})

    async def _reached(self, sessions: Collection[str]) -> Mapping[str, int]:
        query = select(SessionRow.id, SessionRow.last_seq).where(SessionRow.id.in_(sessions))
        async with self._database.reading() as transaction:
            rows = (await transaction.execute(query)).all()
        return {row.id: row.last_seq for row in rows}


def _batches(names: Collection[str]) -> Iterator[list[str]]:
    rest = iter(tuple(names))
    while batch := list(islice(rest, PAGE)):
        yield batch
