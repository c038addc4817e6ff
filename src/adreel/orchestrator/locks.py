"""Work that one process at a time does for all."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database


async def try_lock(session: AsyncSession, name: str) -> bool:
    """True when nobody else holds the lock of this name on PostgreSQL; it is held until the transaction ends."""
    key = int.from_bytes(hashlib.sha256(f"adreel {name}".encode()).digest()[:8], signed=True)
    return bool(await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}))


@asynccontextmanager
async def alone(db: Database, name: str) -> AsyncGenerator[bool]:
    """False when another process is at it. SQLite has one executor process, which is alone anyway.

    Raises StorageError when the database cannot be reached.
    """
    if db.is_sqlite:
        yield True
        return
    async with db.reading() as session:
        yield await try_lock(session, name)
