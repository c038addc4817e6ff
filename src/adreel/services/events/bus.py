"""Publishes events to the listeners of this process, without ever waiting for a listener.

Polls for events that other processes append, for the sessions that have listeners in this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from adreel.db.engine import Database
from adreel.db.notify import PROGRESS, NoticeListener, read_notice
from adreel.db.tables import EventRow, SessionRow
from adreel.domain.errors import AdreelError, StorageError
from adreel.domain.sessions.session import SessionEvent
from adreel.services.batches import batches
from adreel.services.sessions.mapping import event_of

QUEUE_SIZE = 512
"""Events that a listener may be behind before it is dropped."""


class SlowListener(AdreelError):  # noqa: N818 (named after the listener)
    """The listener was dropped. It may subscribe again, after the last event that it got."""

    http_status = 429
    retryable = True


class Listener:
    """A bounded queue of one session's events."""

    def __init__(self, session_id: str, size: int) -> None:
        self.session_id = session_id
        self._queue: asyncio.Queue[SessionEvent | None] = asyncio.Queue(size)
        self._overflowed = False

    def offer(self, event: SessionEvent | None) -> bool:
        """False when the listener is too far behind and must be dropped."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._overflowed = True
        return not self._overflowed

    async def next(self) -> SessionEvent | None:
        """The next event; None when the session has ended. Raises SlowListener once it was dropped."""
        if self._overflowed:
            raise SlowListener(f"events of session {self.session_id} came faster than they were read: listen again")
        return await self._queue.get()


class EventBus:
    """Listeners by session, and the number of the newest event published to them. For one event loop."""

    def __init__(self, queue_size: int = QUEUE_SIZE) -> None:
        self._queue_size = queue_size
        self._listeners: dict[str, set[Listener]] = {}
        self._newest: dict[str, int] = {}

    @property
    def newest(self) -> Mapping[str, int]:
        """Sessions that have listeners, with the number of their newest published event."""
        return self._newest

    def subscribe(self, session_id: str, newest: int) -> Listener:
        """Returns a new listener, to be released by `unsubscribe`. Events up to `newest` count as published."""
        listener = Listener(session_id, self._queue_size)
        self._listeners.setdefault(session_id, set()).add(listener)
        self._newest.setdefault(session_id, newest)
        return listener

    def unsubscribe(self, listener: Listener) -> None:
        others = self._listeners.get(listener.session_id, set())
        others.discard(listener)
        if not others:
            self._listeners.pop(listener.session_id, None)
            self._newest.pop(listener.session_id, None)

    def publish(self, event: SessionEvent) -> None:
        """Offers an event to all listeners of its session and drops those that do not read. Returns at once."""
        newest = self._newest.get(event.session_id)
        if newest is None:
            return
        self._newest[event.session_id] = max(newest, event.seq)
        self._offer(event.session_id, event)

    def end(self, session_id: str) -> None:
        """Ends all listeners of a session."""
        self._offer(session_id, None)

    def end_all(self) -> None:
        for session_id in tuple(self._listeners):
            self.end(session_id)

    def _offer(self, session_id: str, event: SessionEvent | None) -> None:
        for listener in tuple(self._listeners.get(session_id, ())):
            if not listener.offer(event):
                self.unsubscribe(listener)


PAGE = 500
"""Sessions and events per query."""

CANCEL_SECONDS = 1.0

_log = logging.getLogger(__name__)


class EventPoller:
    """Fetches events and publishes them: at once on a PostgreSQL notification, and every `poll_seconds` in any case."""

    def __init__(self, database: Database, bus: EventBus, poll_seconds: float) -> None:
        self._database = database
        self._bus = bus
        self._poll_seconds = poll_seconds
        self._pending: set[str] = set()
        self._poll_now = False
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks.append(asyncio.create_task(self._follow()))
        if not self._database.is_sqlite:
            listener = NoticeListener(self._database.engine, PROGRESS, self._on_notice, self._on_connected)
            self._tasks.append(asyncio.create_task(listener.run()))

    async def close(self) -> None:
        pending = set(self._tasks)
        self._tasks.clear()
        while pending:
            # A driver that has just finished a call may ignore a cancellation.
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=CANCEL_SECONDS)

    async def fetch(self, sessions: Collection[str]) -> None:
        """Publishes the events of these sessions that were not published yet."""
        for batch in batches(sessions, PAGE):
            while missing := [(name, self._bus.newest[name]) for name in batch if name in self._bus.newest]:
                beyond = (and_(EventRow.session_id == name, EventRow.seq > newest) for name, newest in missing)
                query = select(EventRow).where(or_(*beyond)).order_by(EventRow.session_id, EventRow.seq).limit(PAGE)
                async with self._database.reading() as transaction:
                    events = [event_of(row) for row in await transaction.scalars(query)]
                for event in events:
                    self._bus.publish(event)
                if len(events) < PAGE:
                    break

    def _on_notice(self, notice: str) -> None:
        parsed = read_notice(notice)
        if parsed is None:
            return
        session_id, seq = parsed
        if seq == 0:
            self._bus.end(session_id)
        elif seq > self._bus.newest.get(session_id, seq):
            self._pending.add(session_id)
            self._wake.set()

    def _on_connected(self) -> None:
        self._poll_now = True
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
                if self._poll_now or now() >= due:
                    self._poll_now, due = False, now() + self._poll_seconds
                    await self._catch_up()
                await self.fetch(self._take_pending())
            except (StorageError, SQLAlchemyError) as error:
                _log.warning("progress of other processes cannot be read now, trying again: %s", error)

    def _take_pending(self) -> set[str]:
        taken, self._pending = self._pending, set()
        return taken

    async def _catch_up(self) -> None:
        """Fetches the missing events of all sessions that have listeners; ends the listeners of deleted sessions."""
        for batch in batches(self._bus.newest, PAGE):
            reached = await self._reached(batch)
            for session_id in batch:
                if session_id not in reached:
                    self._bus.end(session_id)
            newest = self._bus.newest
            await self.fetch({name for name, seq in reached.items() if seq > newest.get(name, seq)})

    async def _reached(self, sessions: Collection[str]) -> Mapping[str, int]:
        query = select(SessionRow.id, SessionRow.last_seq).where(SessionRow.id.in_(sessions))
        async with self._database.reading() as transaction:
            rows = (await transaction.execute(query)).all()
        return {row.id: row.last_seq for row in rows}
