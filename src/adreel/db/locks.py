"""Advisory locks for work that one process at a time does for all, and row locks.

Row locks are always taken in the order session, paid call, user, so that transactions never deadlock."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import SessionRow
from adreel.domain.errors import NotFoundError


async def try_lock(session: AsyncSession, name: str) -> bool:
    """Tries to take PostgreSQL's advisory lock of this name until the transaction ends. False when another session holds it."""
    key = int.from_bytes(hashlib.sha256(f"adreel {name}".encode()).digest()[:8], signed=True)
    return bool(await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}))


@asynccontextmanager
async def alone(db: Database, name: str) -> AsyncGenerator[bool]:
    """Yields False when another process holds the lock. True on SQLite, which has a single executor process.

    Raises StorageError when the database cannot be reached.
    """
    if db.is_sqlite:
        yield True
        return
    async with db.reading() as session:
        yield await try_lock(session, name)


async def lock_session(transaction: AsyncSession, session_id: str) -> SessionRow | None:
    """Locks and returns the session's row until the transaction ends; None when it was deleted.

    On SQLite a writing transaction already locks the whole database.
    """
    query = select(SessionRow).where(SessionRow.id == session_id).with_for_update()
    return await transaction.scalar(query.execution_options(populate_existing=True))


async def lock_own_session(transaction: AsyncSession, user_id: str, session_id: str) -> SessionRow:
    """Like `lock_session`, for one user. Raises NotFoundError for a session that is unknown or belongs to another user."""
    row = await lock_session(transaction, session_id)
    if row is None or row.user_id != user_id:
        raise no_session(session_id)
    return row


def no_session(session_id: str) -> NotFoundError:
    return NotFoundError(f"there is no session {session_id}")
