"""Dependencies of the routes: services, options, the authenticated user, idempotency, parameter types."""

from __future__ import annotations

import re
from typing import Annotated, cast

from fastapi import Depends, Header, Path, Query
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection, Request

from adreel.domain.accounts.user import Grant, Role, User
from adreel.domain.errors import AuthError, ForbiddenError
from adreel.routers.common.credentials import SAFE, SESSION_COOKIE, is_own_page
from adreel.routers.common.idempotency import IdempotentRequest
from adreel.routers.common.metrics import Metrics
from adreel.routers.common.options import AppOptions
from adreel.routers.common.responses import ResponseBuilder
from adreel.routers.common.services import Services

ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
_KEY_PATTERN = r"^[\x21-\x7e]{1,200}$"
_bearer = HTTPBearer(
    auto_error=False, description="A login's token or an API key; not needed when the service runs without a login"
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    description="The page's login. Requests that change something must come from a page of the service's own origin",
)


def is_id(text: str) -> bool:
    return re.fullmatch(ID_PATTERN, text) is not None


def get_services(connection: HTTPConnection) -> Services:
    return cast("Services", connection.app.state.services)


def get_options(connection: HTTPConnection) -> AppOptions:
    return cast("AppOptions", connection.app.state.options)


def get_metrics(connection: HTTPConnection) -> Metrics:
    return cast("Metrics", connection.app.state.metrics)


def get_responses(connection: HTTPConnection) -> ResponseBuilder:
    return ResponseBuilder(get_services(connection).links, get_options(connection))


ServicesDep = Annotated[Services, Depends(get_services)]
OptionsDep = Annotated[AppOptions, Depends(get_options)]
MetricsDep = Annotated[Metrics, Depends(get_metrics)]
ResponsesDep = Annotated[ResponseBuilder, Depends(get_responses)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
LoginCookie = Annotated[str | None, Depends(_cookie)]


async def current_grant(
    connection: HTTPConnection,
    services: ServicesDep,
    options: OptionsDep,
    credentials: Credentials,
    cookie: LoginCookie,
) -> Grant:
    """Authenticates a request by its token or by the page's cookie. Raises AuthError."""
    if not options.auth_required:
        return Grant(await services.auth.local_user(), None)
    if credentials is not None:
        return await services.auth.grant(credentials.credentials)
    if cookie is None:
        raise AuthError("log in first, and send the token as Authorization: Bearer …")
    if connection.scope.get("method") not in SAFE and not is_own_page(connection.headers, options):
        raise AuthError("a login by cookie changes things for the service's own pages only; send a token instead")
    return await services.auth.grant(cookie)


CurrentGrant = Annotated[Grant, Depends(current_grant)]


async def current_user(grant: CurrentGrant) -> User:
    """Returns the authenticated user. Raises AuthError."""
    return grant.user


CurrentUser = Annotated[User, Depends(current_user)]


async def admin_user(user: CurrentUser) -> User:
    """Returns the authenticated user if they are an admin. Raises AuthError, ForbiddenError."""
    if user.role is not Role.ADMIN:
        raise ForbiddenError("this needs an admin; ask the operator of the service for the role")
    return user


AdminUser = Annotated[User, Depends(admin_user)]


def idempotent_request(
    request: Request,
    services: ServicesDep,
    user: CurrentUser,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=_KEY_PATTERN,
            description="A repeated request with the same key and body returns the first answer, for 24 hours",
        ),
    ] = None,
) -> IdempotentRequest:
    return IdempotentRequest(services.idempotency, user.id, request.url.path, idempotency_key)


IdempotentDep = Annotated[IdempotentRequest, Depends(idempotent_request)]
SessionId = Annotated[str, Path(pattern=ID_PATTERN, examples=["7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"])]
ItemId = Annotated[str, Path(pattern=ID_PATTERN, examples=["9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b"])]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=300, description="`next_cursor` of the previous page")]
