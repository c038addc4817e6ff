"""Logging in and out on the page: plain forms, which work before any script."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from adreel.domain.errors import AuthError, BusyError
from adreel.routers.cookies import clear_login, is_own_page, is_secure, set_login
from adreel.routers.deps import LoginCookie, OptionsDep, ServicesDep
from adreel.web.rendering import html
from adreel.web.routes import HOME, PageRoute, own_path
from adreel.web.words import sentence

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_MAX_FIELD = 1024

Next = Annotated[str, Query(max_length=200)]


@router.get("/login")
async def login_page(
    request: Request,
    services: ServicesDep,
    options: OptionsDep,
    cookie: LoginCookie,
    next: Next = HOME,  # noqa: A002
) -> Response:
    """Asks for e-mail and password; who is logged in goes on at once."""
    if not options.auth_required or await _is_known(services, cookie):
        return RedirectResponse(own_path(next), 303)
    return _form(request, own_path(next), "", None, 200)


@router.post("/login")
async def log_in(request: Request, services: ServicesDep, options: OptionsDep) -> Response:
    """Sets the cookie and leads on, or says what was wrong."""
    async with request.form(max_files=0, max_fields=5, max_part_size=_MAX_FIELD) as form:
        email, password, wanted = (str(form.get(name) or "")[:_MAX_FIELD] for name in ("email", "password", "next"))
    if not is_own_page(request.headers, options):
        return _form(request, own_path(wanted), email, "This form was not sent by our own page. Try again.", 403)
    try:
        issued = await services.accounts.login(email, password, _client(request))
    except AuthError as error:
        return _form(request, own_path(wanted), email, sentence(str(error)), 401)
    except BusyError as error:
        return _form(request, own_path(wanted), email, sentence(str(error)), 429)
    answer = RedirectResponse(own_path(wanted), 303)
    set_login(answer, issued.token, issued.expires_at, secure=is_secure(request.url.scheme, options))
    return answer


@router.post("/logout")
async def log_out(request: Request, services: ServicesDep, options: OptionsDep, cookie: LoginCookie) -> Response:
    """Ends the login for good, not only in this browser."""
    if cookie is not None and is_own_page(request.headers, options):
        await services.accounts.logout(cookie)
    answer = RedirectResponse("/login", 303)
    clear_login(answer, secure=is_secure(request.url.scheme, options))
    return answer


async def _is_known(services: ServicesDep, cookie: str | None) -> bool:
    if cookie is None:
        return False
    try:
        await services.auth.identify(cookie)
    except AuthError:
        return False
    return True


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _form(request: Request, wanted: str, email: str, problem: str | None, status: int) -> Response:
    context = {"screen": "login", "title": "Log in", "who": None, "auth": True}
    return html(request, "login.html", {**context, "next": wanted, "email": email, "problem": problem}, status=status)
