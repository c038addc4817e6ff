"""Logins and API keys."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from adreel.routers.deps import Credentials, CurrentUser, ItemId, ServicesDep
from adreel.routers.problems import problems
from adreel.routers.schemas.auth import CreateKey, Key, KeyIssued, Keys, Login, Me, TokenIssued

router = APIRouter(tags=["auth"])


@router.post("/api/auth/login", responses=problems(401, 403, 413))
async def login(services: ServicesDep, request: Request, body: Login) -> TokenIssued:
    """A token for an e-mail address and password. After some failures one has to wait."""
    client = request.client.host if request.client else "unknown"
    issued = await services.accounts.login(body.email, body.password.get_secret_value(), client)
    return TokenIssued(access_token=issued.token, token_type="bearer", expires_at=issued.expires_at)  # noqa: S106


@router.post("/api/auth/logout", status_code=204, responses=problems(401, 403))
async def logout(services: ServicesDep, _user: CurrentUser, credentials: Credentials) -> Response:
    """Ends the login whose token is sent."""
    if credentials is not None:
        await services.accounts.logout(credentials.credentials)
    return Response(status_code=204)


@router.get("/api/auth/me", responses=problems(401))
async def get_me(user: CurrentUser) -> Me:
    """Who is asking."""
    return Me(id=user.id, email=user.email)


@router.get("/api/auth/keys", responses=problems(401))
async def list_keys(services: ServicesDep, user: CurrentUser) -> Keys:
    """API keys, newest first, without the keys themselves."""
    keys = await services.accounts.api_keys(user.id)
    return Keys(
        keys=[Key(id=key.id, name=key.name, created_at=key.created_at, last_used_at=key.last_used_at) for key in keys]
    )


@router.post("/api/auth/keys", status_code=201, responses=problems(401, 403, 404, 413))
async def create_key(services: ServicesDep, user: CurrentUser, body: CreateKey) -> KeyIssued:
    """An API key for programs. It is told this once."""
    issued = await services.accounts.create_api_key(user.id, body.name)
    return KeyIssued(id=issued.id, name=body.name, key=issued.token)


@router.delete("/api/auth/keys/{key_id}", status_code=204, responses=problems(401, 403, 404))
async def revoke_key(services: ServicesDep, user: CurrentUser, key_id: ItemId) -> Response:
    """Ends an API key at once."""
    await services.accounts.revoke_api_key(user.id, key_id)
    return Response(status_code=204)
