"""The event log of sessions: appends numbered events and streams them to listeners, whichever process appended them.

`append_event_in` and `write_event_in` are for use within a transaction that the caller opened.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.locks import no_session
from adreel.db.notify import notify
from adreel.db.tables import SESSIONS, EventRow, SessionRow
from adreel.domain.errors import StorageError
from adreel.domain.ids import Clock, utc_now
from adreel.domain.sessions.session import Json, SessionEvent
from adreel.domain.sessions.stage import Stage
from adreel.services.events.bus import EventBus, EventPoller
from adreel.services.sessions.mapping import event_of, event_row
from adreel.services.sessions.records import EventDraft


async def append_event_in(
    transaction: AsyncSession,
    session_id: str,
    draft: EventDraft,
    now: datetime,
    *,
    only_in_job: str | None = None,
    **changes: object,
) -> SessionEvent | None:
    """Appends the session's next event, with the session's total cost.

    None when the session does not exist, or does not run the job `only_in_job`. The statement that numbers the event also locks
    the session's row and applies `changes` to it.
    """
    numbered = update(SESSIONS).where(SESSIONS.c.id == session_id)
    if only_in_job is not None:
        numbered = numbered.where(SESSIONS.c.job_id == only_in_job)
    counted = numbered.values(last_seq=SESSIONS.c.last_seq + 1, **changes)
    found = (await transaction.execute(counted.returning(SESSIONS.c.last_seq, SESSIONS.c.total_cost))).one_or_none()
    if found is None:
        return None
    event = SessionEvent(
        session_id, found.last_seq, draft.stage, draft.progress, draft.message, found.total_cost, dict(draft.data), now
    )
    await write_event_in(transaction, event)
    return event


async def write_event_in(transaction: AsyncSession, event: SessionEvent) -> None:
    """Stores a numbered event and notifies listeners. The caller has locked the session's row and updated its `last_seq`."""
    transaction.add(event_row(event))
    await notify(transaction, event.session_id, event.seq)


PAGE = 500
_log = logging.getLogger(__name__)
_NO_DATA: Mapping[str, Any] = {}


class ProgressService:
    """Call `start` to receive events of other processes, `close` at the end. Appending and replaying need neither."""

    def __init__(self, database: Database, bus: EventBus, clock: Clock = utc_now, poll_seconds: float = 2.0) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._poller = EventPoller(database, bus, poll_seconds)

    async def append(
        self, session_id: str, stage: Stage, progress: float, message: str, data: Json = _NO_DATA
    ) -> SessionEvent:
        """Appends the session's next event and publishes it. `progress` is 0–100. Raises NotFoundError."""
        draft = EventDraft(stage, progress, message, data)
        async with self._database.writing() as transaction:
            event = await append_event_in(transaction, session_id, draft, self._clock())
        if event is None:
            raise no_session(session_id)
        self._bus.publish(event)
        return event

    async def append_in_job(self, session_id: str, job_id: str, draft: EventDraft) -> SessionEvent | None:
        """As `append`, if the session still runs the job; else appends nothing and returns None."""
        async with self._database.writing() as transaction:
            event = await append_event_in(transaction, session_id, draft, self._clock(), only_in_job=job_id)
        if event is not None:
            self._bus.publish(event)
        return event

    def publish(self, event: SessionEvent) -> None:
        """Publishes an event that the transaction of a session change has appended."""
        self._bus.publish(event)

    def end(self, session_id: str) -> None:
        """Ends the listeners of a deleted session in this process. Other processes learn of it by notification or poll."""
        self._bus.end(session_id)

    async def publish_appended(self, session_id: str) -> None:
        """Publishes to this process's listeners the events that the transaction of a session change has appended.

        Never raises: the change is committed, and the next poll publishes what cannot be read now.
        """
        try:
            await self._poller.fetch({session_id})
        except (StorageError, SQLAlchemyError) as error:
            _log.warning("an event of session %s is published later: %s", session_id, error)

    async def replay(self, session_id: str, after: int, limit: int = PAGE) -> tuple[SessionEvent, ...]:
        """Stored events after number `after`, in order, `limit` at most."""
        query = select(EventRow).where(EventRow.session_id == session_id, EventRow.seq > after)
        async with self._database.reading() as transaction:
            rows = await transaction.scalars(query.order_by(EventRow.seq).limit(limit))
            return tuple(event_of(row) for row in rows)

    async def listen(self, session_id: str, after: int = 0) -> AsyncGenerator[SessionEvent]:
        """Yields events after number `after`: stored ones, then new ones as they come, in order and without gaps.

        Ends when the session is deleted or this service is closed. Raises SlowListener when the caller reads too slowly: it
        may listen again after the last event that it got.
        """
        newest = await self._newest(session_id)
        if newest is None:
            return
        last = min(after, newest)
        listener = self._bus.subscribe(session_id, newest)
        try:
            async for event in self._stored(session_id, last):
                yield event
                last = event.seq
            while (fresh := await listener.next()) is not None:
                # Another process appended the events between, and its notification has not arrived.
                if fresh.seq > last + 1:
                    async for event in self._stored(session_id, last):
                        yield event
                        last = event.seq
                if fresh.seq > last:
                    yield fresh
                    last = fresh.seq
        finally:
            self._bus.unsubscribe(listener)

    async def start(self) -> None:
        """Starts to receive events that other processes append."""
        await self._poller.start()

    async def close(self) -> None:
        """Stops the poller and ends all listeners."""
        await self._poller.close()
        self._bus.end_all()

    async def _newest(self, session_id: str) -> int | None:
        async with self._database.reading() as transaction:
            return await transaction.scalar(select(SessionRow.last_seq).where(SessionRow.id == session_id))

    async def _stored(self, session_id: str, after: int) -> AsyncGenerator[SessionEvent]:
        while page := await self.replay(session_id, after):
            for event in page:
                yield event
            after = page[-1].seq
            if len(page) < PAGE:
                return
