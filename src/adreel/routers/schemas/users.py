"""Bodies of accounts as admins see them."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue, SecretStr

from adreel.domain.accounts.user import Role
from adreel.routers.schemas.auth import Email
from adreel.routers.schemas.common import Amount, Answer, Body, Time

_ACCOUNT: dict[str, JsonValue] = {
    "id": "2f4a6c7d9f2c4e8a1b4f6d9c3e5a7b1d",
    "email": "ada@example.com",
    "role": "admin",
    "created_at": "2026-05-04T09:30:00.125000Z",
    "disabled_at": None,
    "last_used_at": "2026-05-05T08:00:00.000000Z",
    "sessions": 12,
    "spent": "3.20",
}


class CreateUserRequest(Body):
    """A new account, which can log in at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "bob@example.com", "password": "correct horse battery", "role": "member"}]
        }
    )

    email: Email
    password: Annotated[SecretStr, Field(min_length=1, max_length=1024)]
    role: Role = Role.MEMBER


class ChangeUserRequest(Body):
    """Fields left out stay as they are. The last admin can be neither disabled nor made a member."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"disabled": True}, {"role": "admin"}]})

    role: Role | None = None
    disabled: bool | None = None


class UserAnswer(Answer):
    """An account. `disabled_at` is set for one that cannot log in; `spent` in US dollars, deleted sessions included.

    `last_used_at` is about when a login or key was used last; null without any.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCOUNT]})

    id: str
    email: str
    role: Role
    created_at: Time
    disabled_at: Time | None
    last_used_at: Time | None
    sessions: int
    spent: Amount


class Users(Answer):
    """Oldest first."""

    users: list[UserAnswer]
