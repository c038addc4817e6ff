"""How money moves once a paid call has come to its end. For use within a transaction that somebody else opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import SESSIONS, USERS, CostRow, PaidCallRow, SessionRow
from adreel.db.types import usd
from adreel.domain.errors import NotFoundError
from adreel.domain.ledger import CallState
from adreel.services.records import CostEntry, Settlement

OPEN = (CallState.INTENT.value, CallState.SUBMITTED.value)


async def settle_in(
    transaction: AsyncSession,
    row: SessionRow | None,
    settlement: Settlement,
    now: datetime,
    work: CostEntry | None = None,
) -> None:
    """Settles a call unless it is settled already: what was reserved is freed, what was billed is spent.

    `row` is the call's session, locked, or None when it is gone. The call's line among the session's costs carries the call's
    key and amount, whatever `work` says of them, so that one purchase is one line. Raises NotFoundError for an unknown call.
    """
    changes = await settle_beside(transaction, row, settlement, now, work)
    if changes and row is not None:
        await change_session(transaction, row.id, **changes)


async def settle_beside(
    transaction: AsyncSession,
    row: SessionRow | None,
    settlement: Settlement,
    now: datetime,
    work: CostEntry | None = None,
) -> Mapping[str, ColumnElement[Decimal]]:
    """`settle_in` but for what changes in the session's row, which this returns: for who changes more of it at once."""
    call = await _close(transaction, settlement, now)
    is_new = call is not None
    if call is None:
        call = await transaction.get(PaidCallRow, settlement.call_key, populate_existing=True)
    if call is None:
        raise NotFoundError(f"there is no paid call {settlement.call_key}")
    line = _line(call, work)
    if row is not None and line is not None:
        if is_new:
            # Nobody can have noted it before.
            transaction.add(_cost_row(row, line, now))
        else:
            await _note(transaction, row, line, now)
    return await _move(transaction, call) if is_new else {}


async def record_cost_in(transaction: AsyncSession, row: SessionRow, work: CostEntry, now: datetime) -> None:
    """Notes work that no paid call stands for, once for each key, and counts its amount as spent."""
    if not await _note(transaction, row, work, now):
        return
    amount = usd(work.amount)
    await change_session(transaction, row.id, total_cost=SESSIONS.c.total_cost + amount)
    await _change_user(transaction, row.user_id, spent=USERS.c.spent + amount)


async def _close(transaction: AsyncSession, settlement: Settlement, now: datetime) -> PaidCallRow | None:
    statement = (
        update(PaidCallRow)
        .where(PaidCallRow.key == settlement.call_key, PaidCallRow.state.in_(OPEN))
        .values(state=settlement.state.value, amount=settlement.amount, error=settlement.error, settled_at=now)
        .returning(PaidCallRow)
    )
    return await transaction.scalar(statement, execution_options={"populate_existing": True})


async def _move(transaction: AsyncSession, call: PaidCallRow) -> Mapping[str, ColumnElement[Decimal]]:
    """Moves the money of the account; what is to be moved in the session."""
    billed, freed = usd(call.amount), usd(call.estimate)
    await _change_user(
        transaction,
        call.user_id,
        spent=USERS.c.spent + billed,
        reserved=USERS.c.reserved - freed,
    )
    return {"total_cost": SESSIONS.c.total_cost + billed, "reserved": SESSIONS.c.reserved - freed}


async def change_session(transaction: AsyncSession, session_id: str, **values: object) -> None:
    await transaction.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(**values))


async def _change_user(transaction: AsyncSession, user_id: str, **values: object) -> None:
    await transaction.execute(update(USERS).where(USERS.c.id == user_id).values(**values))


def _line(call: PaidCallRow, work: CostEntry | None) -> CostEntry | None:
    """What to note of a settled call; nothing when nobody says what the work was and it cost nothing."""
    if work is not None:
        return replace(work, key=call.key, amount=call.amount)
    if call.amount == 0:
        return None
    success = call.state == CallState.PAID.value
    return CostEntry(call.key, call.provider, call.model, call.amount, 0.0, success=success, error=call.error)


async def _note(transaction: AsyncSession, row: SessionRow, work: CostEntry, now: datetime) -> bool:
    """Whether the line is new. The lock on the session keeps others from noting it at the same time."""
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
