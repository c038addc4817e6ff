"""Checks the price of a whole job against the budgets, before it is started."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adreel.domain.errors import BudgetError
from adreel.domain.sessions.session import SessionRecord
from adreel.orchestrator.usable_models import OpenWork
from adreel.services.ledger.service import LedgerService


@dataclass(frozen=True, slots=True)
class JobBudgets:
    """Each purchase is checked against the budgets again when it is made."""

    ledger: LedgerService

    async def require(self, session: SessionRecord, price: Decimal, resumed: OpenWork | None = None) -> None:
        """Raises BudgetError when the budgets of the session and of its user do not cover a price; what is reserved for open
        purchases of the same work, which are resumed, is a part of it."""
        needed = price - await self._reserved_before(session.id, resumed) if price and resumed else price
        if needed <= 0:
            return
        if session.budget_cap is not None:
            left = max(session.budget_cap - session.total_cost - session.reserved, Decimal(0))
            if needed > left:
                raise BudgetError("session", needed, left, session.budget_cap)
        await self.ledger.require(session.user_id, needed)

    async def _reserved_before(self, session_id: str, resumed: OpenWork) -> Decimal:
        calls = await self.ledger.open_calls(session_id=session_id)
        return sum((call.estimate for call in calls if resumed.includes(call)), Decimal(0))
