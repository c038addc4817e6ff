"""The user's account: limits, budgets, export, deletion."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from adreel.domain.accounts.limits import LimitName
from adreel.domain.accounts.user import User
from adreel.domain.costs.ledger import Budget
from adreel.domain.errors import AuthError, ConflictError, InputError
from adreel.media.scratch import scratch_folder
from adreel.routers.common.deps import CurrentUser, OptionsDep, ServicesDep, SessionId
from adreel.routers.common.files import chunks
from adreel.routers.common.options import AppOptions
from adreel.routers.common.problems import problems
from adreel.routers.common.services import Services
from adreel.routers.schemas.account import (
    Account,
    AccountLimits,
    BudgetAnswer,
    CountLimit,
    DeleteAccountRequest,
    MoneyLimit,
    SessionBudget,
    SetBudgetRequest,
)
from adreel.services.accounts.export import AccountExport

router = APIRouter(tags=["account"])

_ZIP: dict[int | str, dict[str, Any]] = {
    **problems(401, 404, 429),
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
}


@router.get("/api/account", responses=problems(401))
async def get_account(services: ServicesDep, options: OptionsDep, user: CurrentUser) -> Account:
    """Returns the user's account: the budget over all sessions and the limits that the operator sets."""
    return await _account(services, user, options, await services.ledger.budget(user.id))


@router.post("/api/account/budget", responses=problems(401, 403, 409, 413))
async def set_account_budget(
    services: ServicesDep, options: OptionsDep, user: CurrentUser, body: SetBudgetRequest
) -> Account:
    """Sets the budget of the account over all sessions, up to the operator's limit.

    409 above that limit, or when more is spent or reserved already.
    """
    return await _account(services, user, options, await services.ledger.set_budget(user.id, body.cap))


@router.get("/api/account/export", response_class=StreamingResponse, responses=_ZIP)
async def export_account(services: ServicesDep, options: OptionsDep, user: CurrentUser) -> Response:
    """Returns all data of the account as a zip file: JSON, photos, images, clips and films."""
    async with services.exports.acquire(user.id):
        with scratch_folder(options.work_folder, "export-") as folder:
            path = folder / "export.zip"
            await AccountExport(services.account, services.storage, folder).write(user.id, path)
            # The open file outlives its folder: its space is freed when it has been sent or the client disconnects.
            file = await asyncio.to_thread(path.open, "rb")
            size = path.stat().st_size
    headers = {"content-disposition": 'attachment; filename="adreel-export.zip"', "content-length": str(size)}
    return StreamingResponse(chunks(file), headers=headers, media_type="application/zip")


@router.post("/api/account/delete", status_code=204, responses=problems(401, 403, 409, 413))
async def delete_account(
    request: Request, services: ServicesDep, options: OptionsDep, user: CurrentUser, body: DeleteAccountRequest
) -> Response:
    """Deletes the account with all its sessions, logins and keys. The password must be sent again.

    409 when the service runs without a login: there is no account, and each session can be deleted.
    """
    if not options.auth_required or user.email is None:
        raise ConflictError("this service has no accounts; delete the sessions instead")
    client = request.client.host if request.client else "unknown"
    try:
        await services.auth.login(user.email, body.password.get_secret_value(), client)
    except AuthError as error:
        raise InputError("the password is wrong; nothing was deleted") from error
    await services.account.delete(user.id)
    await services.deletions.soon()
    return Response(status_code=204)


@router.post("/api/sessions/{session_id}/budget", responses=problems(401, 403, 404, 409, 413))
async def set_session_budget(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, body: SetBudgetRequest
) -> SessionBudget:
    """Sets the budget of one session, up to the operator's limit for the account.

    409 above that limit, or when more is spent or reserved already.
    """
    record = await services.sessions.set_budget(user.id, session_id, body.cap)
    budget = Budget(record.budget_cap, record.total_cost, record.reserved)
    return SessionBudget(session_id=session_id, budget=_budget(budget))


async def _account(services: Services, user: User, options: AppOptions, budget: Budget) -> Account:
    limits, usage = await services.limits.limits(user.id), await services.limits.usage(user.id)
    allowed: dict[str, CountLimit | MoneyLimit] = {
        name.value: _limit(name, limits.of(name), usage.of(name)) for name in LimitName
    }
    return Account(
        email=user.email,
        auth=options.auth_required,
        budget=_budget(budget),
        limits=AccountLimits.model_validate(allowed),
    )


def _limit(name: LimitName, limit: int | Decimal | None, used: int | Decimal) -> CountLimit | MoneyLimit:
    if name.is_money:
        return MoneyLimit(limit=None if limit is None else Decimal(limit), used=Decimal(used))
    return CountLimit(limit=None if limit is None else int(limit), used=int(used))


def _budget(budget: Budget) -> BudgetAnswer:
    return BudgetAnswer(cap=budget.cap, spent=budget.spent, reserved=budget.reserved, left=budget.left)
