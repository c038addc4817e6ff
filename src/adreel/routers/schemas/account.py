"""Accounts and what they may spend."""

from __future__ import annotations

from pydantic import ConfigDict, JsonValue

from adreel.routers.schemas.common import Amount, Answer, Body, Cap

_SESSION = "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"
_BUDGET: dict[str, JsonValue] = {"cap": "25.00", "spent": "3.20", "reserved": "0.00", "left": "21.80"}


class SetBudget(Body):
    """`cap` in US dollars; null for no limit. It cannot be less than what is spent and reserved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cap": "25.00"}, {"cap": None}]})

    cap: Cap | None


class BudgetAnswer(Answer):
    """US dollars. `reserved` is for work under way, `left` may still be spent; `cap` and `left` are null without a limit."""

    cap: Amount | None
    spent: Amount
    reserved: Amount
    left: Amount | None


class Account(Answer):
    """Who is asking: `email` null for the one person of a machine where nobody logs in, which `auth` tells."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.com", "auth": True, "budget": _BUDGET}]}
    )

    email: str | None
    auth: bool
    budget: BudgetAnswer


class SessionBudget(Answer):
    model_config = ConfigDict(json_schema_extra={"examples": [{"session_id": _SESSION, "budget": _BUDGET}]})

    session_id: str
    budget: BudgetAnswer
