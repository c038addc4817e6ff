"""Login and logout on the page: plain forms that work without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from adreel.domain.errors import AuthError, BusyError
from adreel.routers.common import logins
from adreel.routers.common.credentials import clear_login, is_own_page, is_secure, set_device, set_login
from adreel.routers.common.deps import LoginCookie, OptionsDep, ServicesDep
from adreel.web.formatting import sentence
from adreel.web.rendering import html
from adreel.web.routes import HOME, PageRoute, own_path

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_MAX_FIELD = 1024
_OTHER_WAYS = "A browser in which you have logged in before can log in at once, and API keys keep working."

Next = Annotated[str, Query(max_length=200)]


@router.get("/login")
async def login_page(
    request: Request,
    services: ServicesDep,
    options: OptionsDep,
    cookie: LoginCookie,
    next: Next = HOME,  # noqa: A002
) -> Response:
    """Shows the login form; redirects users who are already logged in."""
    if not options.auth_required or await _is_logged_in(services, cookie):
        return RedirectResponse(own_path(next), 303)
    return _form(request, own_path(next), "", None, 200)


@router.post("/login")
async def log_in(request: Request, services: ServicesDep, options: OptionsDep) -> Response:
    """Sets the cookie and redirects to `next`, or shows the form with an error."""
    async with request.form(max_files=0, max_fields=5, max_part_size=_MAX_FIELD) as form:
        email, password, target = (str(form.get(name) or "")[:_MAX_FIELD] for name in ("email", "password", "next"))
    if not is_own_page(request.headers, options):
        return _form(request, own_path(target), email, "This form was not sent from this page. Try again.", 403)
    try:
        found = await logins.log_in(services, request, email, password)
    except AuthError as error:
        return _form(request, own_path(target), email, sentence(str(error)), 401)
    except BusyError as error:
        answer = _form(request, own_path(target), email, f"{sentence(str(error))} {_OTHER_WAYS}", 429)
        answer.headers["retry-after"] = str(error.retry_after)
        return answer
    answer = RedirectResponse(own_path(target), 303)
    secure = is_secure(request.url.scheme, options)
    set_login(answer, found.issued.token, found.issued.expires_at, secure=secure)
    set_device(answer, found.device, secure=secure)
    return answer


@router.post("/logout")
async def log_out(request: Request, services: ServicesDep, options: OptionsDep, cookie: LoginCookie) -> Response:
    """Revokes the login and clears the cookie."""
    if cookie is not None and is_own_page(request.headers, options):
        await services.auth.logout(cookie)
    answer = RedirectResponse("/login", 303)
    clear_login(answer, secure=is_secure(request.url.scheme, options))
    return answer


async def _is_logged_in(services: ServicesDep, cookie: str | None) -> bool:
    if cookie is None:
        return False
    try:
        await services.auth.identify(cookie)
    except AuthError:
        return False
    return True


def _form(request: Request, target: str, email: str, problem: str | None, status: int) -> Response:
    context = {"screen": "login", "title": "Log in", "who": None, "auth": True}
    return html(request, "login.html", {**context, "next": target, "email": email, "problem": problem}, status=status)
