"""Rows of batches within a transaction that the caller opened. Locks are taken in the order batch, catalogue, user."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.batch_tables import BatchItemRow, BatchProblemRow, BatchRow, CatalogueFilmRow, CatalogueRow
from adreel.domain.catalogues.batch import BatchCounts, RowChange, RowState
from adreel.domain.errors import NotFoundError


def no_batch(batch_id: str) -> NotFoundError:
    return NotFoundError(f"there is no batch {batch_id}")


def events_name(batch_id: str) -> str:
    """The name of wakeups about a batch."""
    return f"batch:{batch_id}"


async def lock_batch(transaction: AsyncSession, batch_id: str) -> BatchRow | None:
    """Locks and returns the batch until the transaction ends; None when it was deleted."""
    query = select(BatchRow).where(BatchRow.id == batch_id).with_for_update()
    return await transaction.scalar(query.execution_options(populate_existing=True))


async def lock_own_batch(transaction: AsyncSession, user_id: str, batch_id: str) -> BatchRow:
    """The same for one user. Raises NotFoundError."""
    row = await lock_batch(transaction, batch_id)
    if row is None or row.user_id != user_id:
        raise no_batch(batch_id)
    return row


async def lock_catalogue(transaction: AsyncSession, catalogue_id: str) -> CatalogueRow | None:
    query = select(CatalogueRow).where(CatalogueRow.id == catalogue_id).with_for_update()
    return await transaction.scalar(query.execution_options(populate_existing=True))


def note_change(row: BatchRow, now: datetime) -> None:
    """Counts a change of the batch, so that its listeners see it."""
    row.last_seq += 1
    row.updated_at = now


async def touch(transaction: AsyncSession, batch_id: str, now: datetime) -> None:
    """As `note_change`, for a batch that was not read."""
    changed = update(BatchRow).where(BatchRow.id == batch_id)
    await transaction.execute(changed.values(last_seq=BatchRow.last_seq + 1, updated_at=now))


async def counts_of(transaction: AsyncSession, batch_id: str) -> BatchCounts:
    """Three queries, whatever the number of rows."""
    by = BatchItemRow.state, BatchItemRow.change
    grouped = select(*by, func.count()).where(BatchItemRow.batch_id == batch_id).group_by(*by)
    states: dict[RowState, int] = {}
    changes: dict[RowChange, int] = {}
    for state, change, count in (await transaction.execute(grouped)).all():
        states[RowState(state)] = states.get(RowState(state), 0) + count
        changes[RowChange(change)] = changes.get(RowChange(change), 0) + count
    kinds = select(BatchProblemRow.is_error, func.count()).where(BatchProblemRow.batch_id == batch_id)
    problems = {
        bool(row[0]): int(row[1]) for row in (await transaction.execute(kinds.group_by(BatchProblemRow.is_error))).all()
    }
    return BatchCounts(
        states, changes, problems.get(True, 0), problems.get(False, 0), await cost_of(transaction, batch_id)
    )


async def cost_of(transaction: AsyncSession, batch_id: str) -> Decimal:
    """US dollars of the films that the batch made."""
    query = select(func.sum(CatalogueFilmRow.cost)).where(CatalogueFilmRow.batch_id == batch_id)
    return await transaction.scalar(query) or Decimal("0.00")
