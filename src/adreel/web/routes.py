"""Shared by the page's routes: error pages, redirects to the login and back, origins of media."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any, cast
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as StarletteHTTPException

from adreel.domain.errors import AdreelError, AuthError
from adreel.routers.common.deps import get_options
from adreel.routers.common.options import AppOptions
from adreel.routers.common.services import Services
from adreel.web.formatting import sentence
from adreel.web.rendering import html

HOME = "/"
_OWN_PATH = re.compile(
    r"/(?:s/[A-Za-z0-9_-]{1,64}(?:/[a-z]+(?:\?film=[A-Za-z0-9_-]{1,64})?)?"
    r"|settings|catalogue(?:/[A-Za-z0-9_-]{1,64})?)?"
)
_PROBE_KEY = "sessions/origin"
_PROBE_SECONDS = 60
_HIDDEN = (500, 503)

_NOT_FOUND = "There is no such page."
_NOT_PAGES = ("/api/", "/media/", "/static/", "/ws/")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
ErrorHandler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Shows errors as pages; redirects to the login and afterwards back to the requested page."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except AuthError:
                return RedirectResponse(f"/login?next={quote(own_path(_requested_path(request)))}", 303)
            except RequestValidationError:
                return _error(request, 404, _NOT_FOUND)
            except HTTPException as error:
                return _error(request, error.status_code, str(error.detail))
            except AdreelError as error:
                if error.http_status in _HIDDEN:
                    # The API's handler logs the details and hides them from the client.
                    raise
                return _error(request, error.http_status, sentence(str(error)))

        return handle_errors


def add_error_page(app: FastAPI) -> None:
    """Shows unknown addresses as a page to browsers; programs get the response of the existing handler."""
    existing = cast("ErrorHandler", app.exception_handlers[StarletteHTTPException])

    async def not_found(request: Request, error: Exception) -> Response:
        if isinstance(error, StarletteHTTPException) and _wants_page(request):
            return _error(request, error.status_code, _NOT_FOUND)
        return await existing(request, error)

    app.add_exception_handler(StarletteHTTPException, not_found)


def own_path(path: str) -> str:
    """Returns `path` if it is a page of the service, otherwise the start page: no login redirects to another site."""
    bare = path.partition("?")[0]
    return next((each for each in (path, bare) if _OWN_PATH.fullmatch(each)), HOME)


def _requested_path(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


async def media_origins(services: Services, options: AppOptions) -> list[str]:
    """Origins of links to files besides the page's own: the public URL and the object store."""
    link = await services.storage.link(_PROBE_KEY, _PROBE_SECONDS)
    return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, filter(None, (options.public_url, link)))]


def _wants_page(request: Request) -> bool:
    """True for a browser that navigates to an address."""
    accepts = "text/html" in request.headers.get("accept", "")
    return accepts and request.method in ("GET", "HEAD") and not request.url.path.startswith(_NOT_PAGES)


def _error(request: Request, status: int, message: str) -> Response:
    context: dict[str, object] = {
        "screen": "error",
        "title": "Not found" if status == 404 else "Not possible",
        "message": message,
        "who": None,
        "auth": get_options(request).auth_required,
    }
    return html(request, "error.html", context, status=status)
