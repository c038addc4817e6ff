"""Logins and API keys."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from adreel.domain.accounts.user import ApiKey
from adreel.routers.common.credentials import is_secure, set_device
from adreel.routers.common.deps import Credentials, CurrentUser, ItemId, LoginCookie, OptionsDep, ServicesDep
from adreel.routers.common.logins import log_in
from adreel.routers.common.problems import problems
from adreel.routers.schemas.auth import CreateKeyRequest, Key, KeyIssued, Keys, LoginRequest, Me, TokenIssued

router = APIRouter(tags=["auth"])


@router.post("/api/auth/login", responses=problems(401, 403, 413))
async def login(
    services: ServicesDep, options: OptionsDep, request: Request, response: Response, body: LoginRequest
) -> TokenIssued:
    """Issues a token for an e-mail address and password. After several failures further attempts must wait (429).

    A device with the cookie `adreel_device` of an earlier login has its own count of attempts, which no stranger can use up.
    """
    found = await log_in(services, request, body.email, body.password.get_secret_value())
    set_device(response, found.device, secure=is_secure(request.url.scheme, options))
    issued = found.issued
    return TokenIssued(access_token=issued.token, token_type="bearer", expires_at=issued.expires_at)  # noqa: S106


@router.post("/api/auth/logout", status_code=204, responses=problems(401, 403))
async def logout(services: ServicesDep, _user: CurrentUser, credentials: Credentials, cookie: LoginCookie) -> Response:
    """Revokes the token or cookie that is sent and closes the WebSockets that were opened with it."""
    token = credentials.credentials if credentials is not None else cookie
    if token is not None:
        await services.auth.logout(token)
    return Response(status_code=204)


@router.get("/api/auth/me", responses=problems(401))
async def get_me(user: CurrentUser) -> Me:
    """Returns the user whose token or cookie is sent."""
    return Me(id=user.id, email=user.email, role=user.role)


@router.get("/api/auth/keys", responses=problems(401))
async def list_keys(services: ServicesDep, user: CurrentUser) -> Keys:
    """Lists API keys, newest first, without the secret keys."""
    return key_bodies(await services.auth.api_keys(user.id))


@router.post("/api/auth/keys", status_code=201, responses=problems(401, 403, 404, 409, 413))
async def create_key(services: ServicesDep, user: CurrentUser, body: CreateKeyRequest) -> KeyIssued:
    """Issues an API key for programs. The key is returned only once. 409 when the account has reached its limit of keys."""
    issued = await services.auth.create_api_key(user.id, body.name)
    return KeyIssued(id=issued.id, name=body.name, key=issued.token)


@router.delete("/api/auth/keys/{key_id}", status_code=204, responses=problems(401, 403, 404))
async def revoke_key(services: ServicesDep, user: CurrentUser, key_id: ItemId) -> Response:
    """Revokes an API key with immediate effect."""
    await services.auth.revoke_api_key(user.id, key_id)
    return Response(status_code=204)


def key_bodies(keys: Sequence[ApiKey]) -> Keys:
    return Keys(
        keys=[Key(id=key.id, name=key.name, created_at=key.created_at, last_used_at=key.last_used_at) for key in keys]
    )
