"""Locks of rows, always taken in the order session, paid call, user, so that transactions never wait for each other in a ring."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import SessionRow
from adreel.domain.errors import NotFoundError


async def lock_session(transaction: AsyncSession, session_id: str) -> SessionRow | None:
    """The session's row, which nobody else changes until the transaction ends; None when it is gone.

    On SQLite a writing transaction holds the whole database already.
    """
    query = select(SessionRow).where(SessionRow.id == session_id).with_for_update()
    return await transaction.scalar(query.execution_options(populate_existing=True))


async def lock_own_session(transaction: AsyncSession, user_id: str, session_id: str) -> SessionRow:
    """The same for a person. Raises NotFoundError for a session that is unknown or somebody else's."""
    row = await lock_session(transaction, session_id)
    if row is None or row.user_id != user_id:
        raise no_session(session_id)
    return row


def no_session(session_id: str) -> NotFoundError:
    return NotFoundError(f"there is no session {session_id}")
