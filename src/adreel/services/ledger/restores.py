"""Purchases after the restore of a backup: some were made after the backup was taken, and only the provider knows them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import ExecutorRow, PaidCallRow, RestoreRow

SEARCHED = timedelta(hours=1)
"""How long after a restore a purchase is searched at the provider before it is made. By then the provider has removed the
inputs that identify an order (decision 0056)."""


async def note_restore(database: Database, restore_id: str, taken_at: datetime, now: datetime) -> None:
    """Records that a backup was restored, and removes its executors: none is alive, so their work is recovered at once."""
    async with database.writing() as transaction:
        transaction.add(RestoreRow(id=restore_id, taken_at=taken_at, restored_at=now))
        await transaction.execute(delete(ExecutorRow))


async def latest_restore(transaction: AsyncSession) -> RestoreRow | None:
    return await transaction.scalar(select(RestoreRow).order_by(RestoreRow.restored_at.desc()).limit(1))


async def doubt(
    transaction: AsyncSession,
    call: PaidCallRow,
    previous: str | None,
    session_began: datetime,
    restore: RestoreRow,
    now: datetime,
) -> None:
    """Marks a new purchase as possibly posted already, so that it is searched at the provider before it is ordered.

    `previous` is the key of the failed attempt at the same work, if any.
    Only for sessions that the backup contains, since others had other ids; and not after a search that found nothing.
    """
    if session_began > restore.taken_at or now > restore.restored_at + SEARCHED:
        return
    before = None if previous is None else await transaction.get(PaidCallRow, previous)
    if before is not None and before.settled_at is not None and before.settled_at >= restore.restored_at:
        return
    call.created_at, call.posted_at = restore.taken_at, restore.restored_at
    call.provider_posted_at = await _last_order_before(transaction, call.provider, restore.taken_at)


async def _last_order_before(transaction: AsyncSession, provider: str, taken_at: datetime) -> datetime | None:
    """The provider's own time of the last order that the backup knows: the search for those it does not know begins there.

    Without one the whole list is searched. Both times that are compared here are of this ledger's clock.
    """
    known = select(PaidCallRow.provider_created_at).where(
        PaidCallRow.provider == provider,
        PaidCallRow.provider_created_at.is_not(None),
        PaidCallRow.posted_at <= taken_at,
    )
    return await transaction.scalar(known.order_by(PaidCallRow.provider_created_at.desc()).limit(1))
