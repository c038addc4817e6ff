"""What the page's routes share: errors in words on a page, the way to the login and back, where media come from."""

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
from adreel.routers.deps import get_options
from adreel.routers.options import AppOptions
from adreel.routers.services import Services
from adreel.web.rendering import html
from adreel.web.words import sentence

HOME = "/"
_OWN_PATH = re.compile(r"/(?:s/[A-Za-z0-9_-]{1,64}(?:/[a-z]+)?|settings)?")
_PROBE_KEY = "sessions/origin"
_PROBE_SECONDS = 60
_UNTOLD = (500, 503)
_APOLOGY = "Something cannot be reached just now. Nothing is lost: try again in a moment."

_NOWHERE = "There is no such page."
_PROGRAMS = ("/api/", "/media/", "/static/", "/ws/")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Telling = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Tells errors on a page; who is not logged in is asked to, and comes back to where they wanted to be."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except AuthError:
                return RedirectResponse(f"/login?next={quote(own_path(request.url.path))}", 303)
            except RequestValidationError:
                return _error(request, 404, _NOWHERE)
            except HTTPException as error:
                return _error(request, error.status_code, str(error.detail))
            except AdreelError as error:
                if error.http_status in _UNTOLD:
                    # The log gets the details from the handler of the API; a page that cannot be drawn says so itself.
                    raise
                return _error(request, error.http_status, sentence(str(error)))

        return told


def add_error_page(app: FastAPI) -> None:
    """Tells people of addresses that are not there on a page; programs get what was added before."""
    tell = cast("Telling", app.exception_handlers[StarletteHTTPException])

    async def told(request: Request, error: Exception) -> Response:
        if isinstance(error, StarletteHTTPException) and _wants_page(request):
            return _error(request, error.status_code, _NOWHERE)
        return await tell(request, error)

    app.add_exception_handler(StarletteHTTPException, told)


def own_path(path: str) -> str:
    """`path` when it is that of one of our pages, else the start: no login leads elsewhere."""
    return path if _OWN_PATH.fullmatch(path) else HOME


async def media_origins(services: Services, options: AppOptions) -> list[str]:
    """Where links to files lead, beside the host that the page came from: our own public address, and the storage's."""
    link = await services.storage.link(_PROBE_KEY, _PROBE_SECONDS)
    return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, filter(None, (options.public_url, link)))]


def _wants_page(request: Request) -> bool:
    """True for a person who has followed or typed an address."""
    accepts = "text/html" in request.headers.get("accept", "")
    return accepts and request.method in ("GET", "HEAD") and not request.url.path.startswith(_PROGRAMS)


def _error(request: Request, status: int, message: str) -> Response:
    context: dict[str, object] = {
        "screen": "error",
        "title": "Not found" if status == 404 else "Not possible",
        "message": message,
        "who": None,
        "auth": get_options(request).auth_required,
    }
    return html(request, "error.html", context, status=status)
