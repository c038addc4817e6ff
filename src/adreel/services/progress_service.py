"""Progress of sessions: numbered events, kept and handed to all who listen, whichever process they came from."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from adreel.db.engine import Database
from adreel.db.tables import EventRow, SessionRow
from adreel.domain.errors import StorageError
from adreel.domain.session import Json, SessionEvent
from adreel.domain.stage import Stage
from adreel.services.defaults import Clock, utc_now
from adreel.services.event_follower import EventFollower
from adreel.services.event_hub import EventHub
from adreel.services.locking import no_session
from adreel.services.records import Telling
from adreel.services.rows import event_of
from adreel.services.telling import tell_in

PAGE = 500
_log = logging.getLogger(__name__)
_NO_DATA: Mapping[str, Any] = {}


class ProgressService:
    """`start` before others' events are to be heard, `close` at the end. Appending and replaying need neither."""

    def __init__(self, database: Database, hub: EventHub, clock: Clock = utc_now, poll_seconds: float = 2.0) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._follower = EventFollower(database, hub, poll_seconds)

    async def append(
        self, session_id: str, stage: Stage, progress: float, message: str, data: Json = _NO_DATA
    ) -> SessionEvent:
        """Keeps the session's next event and hands it on. `progress` is 0–100. Raises NotFoundError."""
        told = Telling(stage, progress, message, data)
        async with self._database.writing() as transaction:
            event = await tell_in(transaction, session_id, told, self._clock())
        if event is None:
            raise no_session(session_id)
        self._hub.publish(event)
        return event

    def publish(self, event: SessionEvent) -> None:
        """Hands on an event that was kept with a change of the session itself."""
        self._hub.publish(event)

    async def hand_on(self, session_id: str) -> None:
        """Hands on what was kept with a change of the session itself, to those who listen in this process.

        What cannot be read now reaches them by the poll: the change itself has been made, and this raises nothing.
        """
        try:
            await self._follower.fetch({session_id})
        except (StorageError, SQLAlchemyError) as error:
            _log.warning("an event of session %s is handed on later: %s", session_id, error)

    async def replay(self, session_id: str, after: int, limit: int = PAGE) -> tuple[SessionEvent, ...]:
        """Kept events after number `after`, in order, `limit` at most."""
        query = select(EventRow).where(EventRow.session_id == session_id, EventRow.seq > after)
        async with self._database.reading() as transaction:
            rows = await transaction.scalars(query.order_by(EventRow.seq).limit(limit))
            return tuple(event_of(row) for row in rows)

    async def listen(self, session_id: str, after: int = 0) -> AsyncGenerator[SessionEvent]:
        """Events after number `after`: those that are kept, then new ones as they come, in order and without gaps.

        Ends when the session is deleted, or this service closed. Raises SlowListener when events came faster than they were
        taken: then listen again after the last one that came.
        """
        newest = await self._newest(session_id)
        if newest is None:
            return
        last = min(after, newest)
        listener = self._hub.subscribe(session_id, newest)
        try:
            async for event in self._kept(session_id, last):
                yield event
                last = event.seq
            while (fresh := await listener.next()) is not None:
                # What lies between was published by somebody whom this process did not hear, or not yet.
                if fresh.seq > last + 1:
                    async for event in self._kept(session_id, last):
                        yield event
                        last = event.seq
                if fresh.seq > last:
                    yield fresh
                    last = fresh.seq
        finally:
            self._hub.unsubscribe(listener)

    async def start(self) -> None:
        """Begins to hear of events that other processes append."""
        await self._follower.start()

    async def close(self) -> None:
        """Stops hearing and ends all listeners."""
        await self._follower.close()
        self._hub.end_all()

    async def _newest(self, session_id: str) -> int | None:
        async with self._database.reading() as transaction:
            return await transaction.scalar(select(SessionRow.last_seq).where(SessionRow.id == session_id))

    async def _kept(self, session_id: str, after: int) -> AsyncGenerator[SessionEvent]:
        while page := await self.replay(session_id, after):
            for event in page:
                yield event
            after = page[-1].seq
            if len(page) < PAGE:
                return
