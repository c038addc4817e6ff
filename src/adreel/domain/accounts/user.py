"""Users and their credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

LOCAL_USER_ID = "local"
"""Id of the only user of an installation without logins."""


class TokenKind(StrEnum):
    """`LOGIN` is short-lived and issued for a password; `API_KEY` is for programs and valid until it is revoked."""

    LOGIN = "login"
    API_KEY = "api_key"


class Role(StrEnum):
    """An `ADMIN` manages accounts over the API; a `MEMBER` has only their own. The operator's command line can do everything."""

    ADMIN = "admin"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class User:
    """`email` is None for the local user of an installation without logins, who is its admin."""

    id: str
    email: str | None
    role: Role = Role.MEMBER


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account as admins and the operator see it. `spent` in US dollars, deleted sessions included.

    `disabled_at` is when it was disabled: it cannot log in, its keys are refused, and its running jobs end as usual.
    `last_used_at` is about when its newest login or key was used; None for one that has no login or key.
    """

    id: str
    email: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    last_used_at: datetime | None
    sessions: int
    spent: Decimal


@dataclass(frozen=True, slots=True)
class Grant:
    """An authenticated user: `token_id` identifies the login or API key that was presented, None where there are no logins."""

    user: User
    token_id: str | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token: `token` is returned only this once. `expires_at` None: it never expires."""

    id: str
    token: str
    user: User
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The metadata of an API key that can still be read after it was issued."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
