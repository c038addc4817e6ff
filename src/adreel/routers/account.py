"""One's account and budgets."""

from __future__ import annotations

from fastapi import APIRouter

from adreel.domain.user import User
from adreel.routers.deps import CurrentUser, OptionsDep, ServicesDep, SessionId
from adreel.routers.options import AppOptions
from adreel.routers.problems import problems
from adreel.routers.schemas.account import Account, BudgetAnswer, SessionBudget, SetBudget
from adreel.services.records import Budget

router = APIRouter(tags=["account"])


@router.get("/api/account", responses=problems(401))
async def get_account(services: ServicesDep, options: OptionsDep, user: CurrentUser) -> Account:
    """Who is asking, and what may be spent over all sessions."""
    return _account(user, options, await services.ledger.budget(user.id))


@router.post("/api/account/budget", responses=problems(401, 403, 409, 413))
async def set_account_budget(services: ServicesDep, options: OptionsDep, user: CurrentUser, body: SetBudget) -> Account:
    """Sets the most that may be spent over all sessions. 409 when more is spent or reserved already."""
    return _account(user, options, await services.ledger.set_budget(user.id, body.cap))


@router.post("/api/sessions/{session_id}/budget", responses=problems(401, 403, 404, 409, 413))
async def set_session_budget(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, body: SetBudget
) -> SessionBudget:
    """Sets the most that one session may spend. 409 when more is spent or reserved already."""
    record = await services.sessions.set_budget(user.id, session_id, body.cap)
    budget = Budget(record.budget_cap, record.total_cost, record.reserved)
    return SessionBudget(session_id=session_id, budget=_budget(budget))


def _account(user: User, options: AppOptions, budget: Budget) -> Account:
    return Account(email=user.email, auth=options.auth_required, budget=_budget(budget))


def _budget(budget: Budget) -> BudgetAnswer:
    return BudgetAnswer(cap=budget.cap, spent=budget.spent, reserved=budget.reserved, left=budget.left)
