"""Bodies of accounts, budgets and limits."""

from __future__ import annotations

from pydantic import ConfigDict, Field, JsonValue, SecretStr

from adreel.routers.schemas.common import Amount, Answer, Body, Cap

_SESSION = "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"
_BUDGET: dict[str, JsonValue] = {"cap": "25.00", "spent": "3.20", "reserved": "0.00", "left": "21.80"}
_LIMITS: dict[str, JsonValue] = {
    "sessions": {"limit": 1000, "used": 12},
    "sessions_per_hour": {"limit": 200, "used": 1},
    "stored_mb": {"limit": 20000, "used": 840},
    "jobs": {"limit": 16, "used": 1},
    "photos": {"limit": None, "used": 37},
    "keys": {"limit": 20, "used": 2},
    "dollars_per_day": {"limit": "50.00", "used": "1.30"},
    "budget": {"limit": "100.00", "used": "3.20"},
}


class SetBudgetRequest(Body):
    """`cap` in US dollars; null for no limit, if the operator sets none. It must not exceed the operator's limit or be less than
    the amount that is spent and reserved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cap": "25.00"}, {"cap": None}]})

    cap: Cap | None


class BudgetAnswer(Answer):
    """US dollars. `reserved` is for running jobs, `left` may still be spent; `cap` and `left` are null without a limit."""

    cap: Amount | None
    spent: Amount
    reserved: Amount
    left: Amount | None


class CountLimit(Answer):
    """The usage of an account and its limit; `limit` is null for no limit."""

    limit: int | None
    used: int


class MoneyLimit(Answer):
    """Usage and limit in US dollars."""

    limit: Amount | None
    used: Amount


class AccountLimits(Answer):
    """The operator's limits of the account. `stored_mb` in megabytes (1024 × 1024 bytes); `dollars_per_day` for a UTC day;
    `budget`: the highest budget that the account may give itself or a session."""

    sessions: CountLimit
    sessions_per_hour: CountLimit
    stored_mb: CountLimit
    jobs: CountLimit
    photos: CountLimit
    keys: CountLimit
    dollars_per_day: MoneyLimit
    budget: MoneyLimit


class Account(Answer):
    """The user's account. `email` is null when the service runs without a login (`auth` is false)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.com", "auth": True, "budget": _BUDGET, "limits": _LIMITS}]
        }
    )

    email: str | None
    auth: bool
    budget: BudgetAnswer
    limits: AccountLimits


class DeleteAccountRequest(Body):
    """Confirms the deletion with the account's password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "correct horse battery"}]})

    password: SecretStr = Field(max_length=1024)


class SessionBudget(Answer):
    model_config = ConfigDict(json_schema_extra={"examples": [{"session_id": _SESSION, "budget": _BUDGET}]})

    session_id: str
    budget: BudgetAnswer
