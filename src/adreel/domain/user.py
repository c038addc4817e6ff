"""People and what they show to be let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TokenKind(StrEnum):
    """`LOGIN` is short-lived and comes of a password; `API_KEY` is for programs and lives until it is revoked."""

    LOGIN = "login"
    API_KEY = "api_key"


@dataclass(frozen=True, slots=True)
class User:
    """`email` is None for the one local user, who is there when nobody has to log in."""

    id: str
    email: str | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token: `token` is told this once and never again. `expires_at` None is for ever."""

    id: str
    token: str
    user: User
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What can be told of an API key after it was issued."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
