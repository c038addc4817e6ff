"""Deletes rows within a transaction, and records pending deletions in other stores."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.notify import notify
from adreel.db.tables import AssetRow, DeletionRow, EventRow, IdempotencyRow, PaidCallRow, SessionRow
from adreel.domain.ids import MakeId

DELETED_USER = "deleted"
"""The account of purchases whose account was deleted."""


async def erase_session(transaction: AsyncSession, row: SessionRow, make_id: MakeId, now: datetime) -> None:
    """Deletes a locked session's rows. The ledger keeps its purchases, without the provider's error messages."""
    session_id, user_id = row.id, row.user_id
    jobs = await _jobs(transaction, row)
    assets = await transaction.scalars(select(AssetRow.id).where(AssetRow.session_id == session_id))
    await forget_answers(transaction, user_id, {session_id, *jobs, *assets})
    calls = update(PaidCallRow).where(PaidCallRow.session_id == session_id, PaidCallRow.error.is_not(None))
    await transaction.execute(calls.values(error=None))
    transaction.add(_deletion(session_id, [f"sessions/{session_id}/"], sorted(jobs), make_id, now))
    await transaction.execute(delete(SessionRow).where(SessionRow.id == session_id))
    await notify(transaction, session_id, 0)


def erase_files(transaction: AsyncSession, keys: Sequence[str], make_id: MakeId, now: datetime) -> None:
    """Records that stored files are to be deleted."""
    transaction.add(_deletion(None, list(keys), [], make_id, now))


def record_deletion(
    transaction: AsyncSession, owner_id: str, keys: Sequence[str], make_id: MakeId, now: datetime
) -> None:
    """Records that stored files, the workflows and the cached files of a batch are to be deleted."""
    transaction.add(_deletion(owner_id, list(keys), [], make_id, now))


async def let_in_again(transaction: AsyncSession, session_id: str, now: datetime) -> bool:
    """Whether a session may be created under a deleted session's id; if so, cancels further passes over its files.

    False until one pass over every store is done, and while a process makes one.
    """
    rows = (await transaction.scalars(select(DeletionRow).where(DeletionRow.session_id == session_id))).all()
    if any(row.passes == 0 or (row.claimed_until is not None and row.claimed_until > now) for row in rows):
        return False
    for row in rows:
        await transaction.delete(row)
    return True


async def _jobs(transaction: AsyncSession, row: SessionRow) -> set[str]:
    """The ids of all jobs of a session: each event of a job names the job."""
    found = await transaction.scalars(select(EventRow.data).where(EventRow.session_id == row.id))
    jobs = {data["job"] for data in found if isinstance(data.get("job"), str)}
    return jobs if row.job_id is None else {*jobs, row.job_id}


async def forget_answers(transaction: AsyncSession, user_id: str, ids: Collection[str]) -> None:
    """Deletes the stored answers to repeated requests that mention one of `ids`. They span one day at most."""
    query = select(IdempotencyRow.key, IdempotencyRow.body).where(IdempotencyRow.user_id == user_id)
    answers = [(key, json.dumps(body)) for key, body in (await transaction.execute(query)).all()]
    keys = [key for key, body in answers if any(one in body for one in ids)]
    for start in range(0, len(keys), 500):
        batch = IdempotencyRow.key.in_(keys[start : start + 500])
        await transaction.execute(delete(IdempotencyRow).where(IdempotencyRow.user_id == user_id, batch))


async def forget_owner(transaction: AsyncSession, user_id: str) -> None:
    """Removes the user's id from the account's purchases, which stay in the ledger."""
    purchases = update(PaidCallRow).where(PaidCallRow.user_id == user_id)
    await transaction.execute(purchases.values(user_id=DELETED_USER, error=None))


def _deletion(
    session_id: str | None, keys: list[str], workflows: list[str], make_id: MakeId, now: datetime
) -> DeletionRow:
    return DeletionRow(
        id=make_id(),
        session_id=session_id,
        keys=keys,
        workflows=workflows,
        passes=0,
        failures=0,
        created_at=now,
        next_at=now,
    )
