"""Bodies of logins and API keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, StringConstraints

from adreel.domain.accounts.user import Role
from adreel.routers.schemas.common import Answer, Body, Name, Time, clean_text

Email = Annotated[
    str, StringConstraints(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$"), AfterValidator(clean_text)
]


class LoginRequest(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.com", "password": "correct horse battery staple"}]}
    )

    email: Email
    password: Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class TokenIssued(Answer):
    """Send `access_token` as ``Authorization: Bearer …``."""

    access_token: str
    token_type: Literal["bearer"]
    expires_at: Time | None


class Me(Answer):
    id: str
    email: str | None
    role: Role


class CreateKeyRequest(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "nightly export"}]})

    name: Annotated[Name, Field(min_length=1)]


class KeyIssued(Answer):
    """`key` is returned only once; the service stores its hash."""

    id: str
    name: str
    key: str


class Key(Answer):
    id: str
    name: str
    created_at: Time
    last_used_at: Time | None


class Keys(Answer):
    keys: list[Key]
