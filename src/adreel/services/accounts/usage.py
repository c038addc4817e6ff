"""Totals over all sessions, for the operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import PaidCallRow, SessionRow, UserRow
from adreel.domain.costs.ledger import CallState, PurchaseKind
from adreel.domain.work.usage import PurchaseTotal, QueueLoad, Usage
from adreel.services.ledger.settlement import OPEN

ReadQueues = Callable[[], Awaitable[tuple[QueueLoad, ...]]]


async def no_queues() -> tuple[QueueLoad, ...]:
    """The queues of a service without an engine of jobs."""
    return ()


class UsageService:
    """`read_queues` gives the load of the engine's queues, which are in a database of their own."""

    def __init__(self, db: Database, read_queues: ReadQueues = no_queues) -> None:
        self._db = db
        self._read_queues = read_queues

    async def usage(self) -> Usage:
        """Two queries, and that of the queues. Raises StorageError."""
        jobs = select(func.count(SessionRow.job_id)).scalar_subquery()
        spent = select(func.coalesce(func.sum(UserRow.spent), Decimal(0), type_=UserRow.spent.type)).scalar_subquery()
        async with self._db.reading() as tx:
            row = (await tx.execute(select(jobs, spent))).one()
            purchases = await _purchases(tx)
        return Usage(int(row[0]), Decimal(row[1] or 0), purchases, await self._read_queues())


async def _purchases(transaction: AsyncSession) -> tuple[PurchaseTotal, ...]:
    """The totals of the ledger: of open purchases what they reserve, of settled ones what was billed."""
    by = (PaidCallRow.kind, PaidCallRow.provider, PaidCallRow.state)
    dollars = case((PaidCallRow.state.in_(OPEN), PaidCallRow.estimate), else_=PaidCallRow.amount)
    amount = func.sum(dollars, type_=PaidCallRow.amount.type)
    rows = await transaction.execute(select(*by, func.count(), amount).group_by(*by).order_by(*by))
    return tuple(
        PurchaseTotal(PurchaseKind(kind), provider, CallState(state), int(count), Decimal(total))
        for kind, provider, state, count, total in rows
    )
