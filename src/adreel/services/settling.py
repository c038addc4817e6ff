"""How money moves once a paid call has come to its end. For use within a transaction that somebody else opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import CostRow, PaidCallRow, SessionRow, UserRow
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
    call = await _close(transaction, settlement, now)
    if call is not None:
        await _move(transaction, call)
    else:
        call = await transaction.get(PaidCallRow, settlement.call_key, populate_existing=True)
    if call is None:
        raise NotFoundError(f"there is no paid call {settlement.call_key}")
    line = _line(call, work)
    if row is not None and line is not None:
        await _note(transaction, row, line, now)


async def record_cost_in(transaction: AsyncSession, row: SessionRow, work: CostEntry, now: datetime) -> None:
    """Notes work that no paid call stands for, once for each key, and counts its amount as spent."""
    if not await _note(transaction, row, work, now):
        return
    amount = usd(work.amount)
    await _change_session(transaction, row.id, total_cost=SessionRow.total_cost + amount)
    await _change_user(transaction, row.user_id, spent=UserRow.spent + amount)


async def _close(transaction: AsyncSession, settlement: Settlement, now: datetime) -> PaidCallRow | None:
    statement = (
        update(PaidCallRow)
        .where(PaidCallRow.key == settlement.call_key, PaidCallRow.state.in_(OPEN))
        .values(state=settlement.state.value, amount=settlement.amount, error=settlement.error, settled_at=now)
        .returning(PaidCallRow)
    )
    return await transaction.scalar(statement, execution_options={"populate_existing": True})


async def _move(transaction: AsyncSession, call: PaidCallRow) -> None:
    billed, freed = usd(call.amount), usd(call.estimate)
    await _change_session(
        transaction,
        call.session_id,
        total_cost=SessionRow.total_cost + billed,
        reserved=SessionRow.reserved - freed,
    )
    await _change_user(
        transaction,
        call.user_id,
        spent=UserRow.spent + billed,
        reserved=UserRow.reserved - freed,
    )


async def _change_session(transaction: AsyncSession, session_id: str, **values: object) -> None:
    statement = update(SessionRow).where(SessionRow.id == session_id).values(**values)
    await transaction.execute(statement, execution_options={"synchronize_session": False})


async def _change_user(transaction: AsyncSession, user_id: str, **values: object) -> None:
    statement = update(UserRow).where(UserRow.id == user_id).values(**values)
    await transaction.execute(statement, execution_options={"synchronize_session": False})


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
    line = CostRow(
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
    transaction.add(line)
    await transaction.flush([line])
    return True
