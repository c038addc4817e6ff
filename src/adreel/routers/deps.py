"""What routes ask for: the services, who is asking, one answer for a repeated request."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Header, Path, Query
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection, Request

from adreel.domain.errors import AuthError
from adreel.domain.user import User
from adreel.routers.cookies import SAFE, SESSION_COOKIE, is_own_page
from adreel.routers.idempotency import Once
from adreel.routers.metrics import Metrics
from adreel.routers.options import AppOptions
from adreel.routers.services import Services
from adreel.routers.shapes import Shapes

ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
_KEY_PATTERN = r"^[\x21-\x7e]{1,200}$"
_bearer = HTTPBearer(auto_error=False, description="A login's token or an API key; not needed where login is off")
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    description="The page's login. What it changes must be asked for by a page of the service's own origin",
)


def get_services(connection: HTTPConnection) -> Services:
    return cast("Services", connection.app.state.services)


def get_options(connection: HTTPConnection) -> AppOptions:
    return cast("AppOptions", connection.app.state.options)


def get_metrics(connection: HTTPConnection) -> Metrics:
    return cast("Metrics", connection.app.state.metrics)


def get_shapes(connection: HTTPConnection) -> Shapes:
    return Shapes(get_services(connection).links, get_options(connection))


ServicesDep = Annotated[Services, Depends(get_services)]
OptionsDep = Annotated[AppOptions, Depends(get_options)]
MetricsDep = Annotated[Metrics, Depends(get_metrics)]
ShapesDep = Annotated[Shapes, Depends(get_shapes)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
LoginCookie = Annotated[str | None, Depends(_cookie)]


async def current_user(
    connection: HTTPConnection,
    services: ServicesDep,
    options: OptionsDep,
    credentials: Credentials,
    cookie: LoginCookie,
) -> User:
    """Who is asking, by a token or by the page's cookie. Raises AuthError."""
    if not options.auth_required:
        return await services.auth.local_user()
    if credentials is not None:
        return await services.auth.identify(credentials.credentials)
    if cookie is None:
        raise AuthError("log in first, and send the token as Authorization: Bearer …")
    if connection.scope.get("method") not in SAFE and not is_own_page(connection.headers, options):
        raise AuthError("a login by cookie changes things for the service's own pages only; send a token instead")
    return await services.auth.identify(cookie)


CurrentUser = Annotated[User, Depends(current_user)]


def once(
    request: Request,
    services: ServicesDep,
    user: CurrentUser,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=_KEY_PATTERN,
            description="The same key with the same body gives the first answer again, for 24 hours",
        ),
    ] = None,
) -> Once:
    return Once(services.idempotency, user.id, request.url.path, idempotency_key)


OnceDep = Annotated[Once, Depends(once)]
SessionId = Annotated[str, Path(pattern=ID_PATTERN, examples=["7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"])]
ItemId = Annotated[str, Path(pattern=ID_PATTERN, examples=["9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b"])]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=300, description="`next_cursor` of the page before")]
