"""What the budgets still allow, so that the page disables a purchase that would be refused, and says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from adreel.domain.costs.ledger import Budget
from adreel.domain.costs.money import dollars_left
from adreel.domain.sessions.session import SessionRecord
from adreel.routers.common.services import Services

_OF: Mapping[str, str] = {"film": "this film's budget", "account": "your account's budget", "day": "today's limit"}
_ADVICE: Mapping[str, str] = {
    "film": "Raise the film's budget, or choose something cheaper.",
    "account": "Raise the budget in Settings, or choose something cheaper.",
    "day": "Wait until midnight UTC, or choose something cheaper.",
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """`left` in US dollars, "" without a limit. `reason`: why something dearer cannot be bought, as a sentence."""

    left: str
    reason: str

    def pays(self, price: Decimal | str) -> bool:
        return not self.left or Decimal(price) <= Decimal(self.left)


async def allowance(services: Services, user_id: str, session: SessionRecord | None) -> Allowance:
    """The allowance of a session; of one that is to be created without one."""
    cap = services.sessions.default_cap if session is None else session.budget_cap
    spent, reserved = (Decimal(0), Decimal(0)) if session is None else (session.total_cost, session.reserved)
    budgets = {"film": Budget(cap, spent, reserved)}
    whose, tightest = await services.ledger.tightest(user_id)
    budgets[whose] = tightest
    lefts = {name: max(left, Decimal(0)) for name, budget in budgets.items() if (left := budget.left) is not None}
    if not lefts:
        return Allowance("", "")
    name = min(lefts, key=lefts.__getitem__)
    return Allowance(f"{lefts[name]:f}", f"Only {dollars_left(lefts[name])} of {_OF[name]} is left. {_ADVICE[name]}")
