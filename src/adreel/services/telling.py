"""Keeping what is told of a session. For use within a transaction that somebody else opened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import SESSIONS
from adreel.domain.session import SessionEvent
from adreel.services.notices import notify
from adreel.services.records import Telling
from adreel.services.rows import event_row


async def tell_in(
    transaction: AsyncSession, session_id: str, told: Telling, now: datetime, **changes: object
) -> SessionEvent | None:
    """The session's next event, with what it has cost by now; None when the session is gone.

    `changes` are made to the session's row by the same statement, which numbers the event and locks the row.
    """
    numbered = (
        update(SESSIONS)
        .where(SESSIONS.c.id == session_id)
        .values(last_seq=SESSIONS.c.last_seq + 1, **changes)
        .returning(SESSIONS.c.last_seq, SESSIONS.c.total_cost)
    )
    found = (await transaction.execute(numbered)).one_or_none()
    if found is None:
        return None
    event = SessionEvent(
        session_id, found.last_seq, told.stage, told.progress, told.message, found.total_cost, dict(told.data), now
    )
    transaction.add(event_row(event))
    await notify(transaction, session_id, event.seq)
    return event
