"""Settles paid calls: moves money between reserved and spent. For use within a transaction that the caller opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import SESSIONS, USERS, CostRow, PaidCallRow, SessionRow
from adreel.db.types import usd
from adreel.domain.costs.ledger import CallState, PurchaseKind
from adreel.domain.errors import NotFoundError
from adreel.services.ledger.daily_spending import day_of, settled_on_day
from adreel.services.sessions.records import CostEntry, Settlement

OPEN = (CallState.INTENT.value, CallState.SUBMITTED.value)


async def settle_in(
    transaction: AsyncSession,
    row: SessionRow | None,
    settlement: Settlement,
    now: datetime,
) -> None:
    """Settles a call unless it is settled already: frees the reserved amount and books the billed amount as spent.

    `row` is the call's session, locked, or None when it is deleted. One purchase is one line among the session's costs, with the
    call's key and amount. Raises NotFoundError for an unknown call.
    """
    changes = await settle_beside(transaction, row, settlement, now)
    if changes and row is not None:
        await change_session(transaction, row.id, **changes)


async def settle_beside(
    transaction: AsyncSession,
    row: SessionRow | None,
    settlement: Settlement,
    now: datetime,
) -> Mapping[str, ColumnElement[Decimal]]:
    """As `settle_in`, but returns the changes of the session's row instead of applying them."""
    if row is None:
        # A provider may repeat a prompt in its error, and the session's texts were deleted.
        settlement = replace(settlement, error=None)
    call = await _close(transaction, settlement, now)
    is_new = call is not None
    if call is None:
        call = await transaction.get(PaidCallRow, settlement.call_key, populate_existing=True)
    if call is None:
        raise NotFoundError(f"there is no paid call {settlement.call_key}")
    if row is not None:
        line = _line(call, settlement.duration)
        if is_new:
            # The call is settled only now, so its cost cannot be recorded yet.
            transaction.add(_cost_row(row, line, now))
        else:
            await _record(transaction, row, line, now)
    return await _move(transaction, call) if is_new else {}


async def record_cost_in(transaction: AsyncSession, row: SessionRow, work: CostEntry, now: datetime) -> None:
    """Records work without a paid call, once for each key, and books its amount as spent."""
    if not await _record(transaction, row, work, now):
        return
    amount = usd(work.amount)
    await change_session(transaction, row.id, total_cost=SESSIONS.c.total_cost + amount)
    await _change_user(transaction, row.user_id, spent=USERS.c.spent + amount)


async def _close(transaction: AsyncSession, settlement: Settlement, now: datetime) -> PaidCallRow | None:
    statement = (
        update(PaidCallRow)
        .where(PaidCallRow.key == settlement.call_key, PaidCallRow.state.in_(OPEN))
        .values(
            state=settlement.state.value,
            amount=settlement.amount,
            error=settlement.error,
            failure=settlement.failure and settlement.failure.value,
            settled_at=now,
        )
        .returning(PaidCallRow)
    )
    return await transaction.scalar(statement, execution_options={"populate_existing": True})


async def _move(transaction: AsyncSession, call: PaidCallRow) -> Mapping[str, ColumnElement[Decimal]]:
    """Moves the money of the account; returns the changes of the session's row."""
    billed, freed = usd(call.amount), usd(call.estimate)
    await _change_user(
        transaction,
        call.user_id,
        spent=USERS.c.spent + billed,
        reserved=USERS.c.reserved - freed,
        **settled_on_day(call.estimate, call.amount, day_of(call.created_at)),
    )
    return {"total_cost": SESSIONS.c.total_cost + billed, "reserved": SESSIONS.c.reserved - freed}


async def change_session(transaction: AsyncSession, session_id: str, **values: object) -> None:
    await transaction.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(**values))


async def _change_user(transaction: AsyncSession, user_id: str, **values: object) -> None:
    await transaction.execute(update(USERS).where(USERS.c.id == user_id).values(**values))


def _line(call: PaidCallRow, duration: float) -> CostEntry:
    """The cost entry of a settled call."""
    success = call.state == CallState.PAID.value
    agent = PurchaseKind(call.kind).agent
    return CostEntry(call.key, agent, call.model, call.amount, duration, success=success, error=call.error)


async def _record(transaction: AsyncSession, row: SessionRow, work: CostEntry, now: datetime) -> bool:
    """Records a cost; False when it is recorded already. The lock on the session prevents concurrent records."""
    if await transaction.get(CostRow, work.key) is not None:
        return False
    line = _cost_row(row, work, now)
    transaction.add(line)
    await transaction.flush([line])
    return True


def _cost_row(row: SessionRow, work: CostEntry, now: datetime) -> CostRow:
    return CostRow(
        id=work.key,
        session_id=row.id,
        agent=work.agent,
        model=work.model,
        amount=work.amount,
        duration=work.duration,
        success=work.success,
        error=work.error,
        created_at=now,
    )
