"""The page's documents. Each is whole at its first paint; scripts make it live."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from adreel.domain.errors import NotFoundError
from adreel.routers.deps import ID_PATTERN, CurrentUser, Cursor, OptionsDep, ServicesDep, SessionId, ShapesDep
from adreel.web.files import static_files
from adreel.web.rendering import html, takes_gzip
from adreel.web.routes import PageRoute, media_origins
from adreel.web.screens import Screens
from adreel.web.steps import Step, step_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Film = Annotated[str | None, Query(pattern=ID_PATTERN)]

_FOREVER = "public, max-age=31536000, immutable"


def get_screens(services: ServicesDep, options: OptionsDep, shapes: ShapesDep, user: CurrentUser) -> Screens:
    return Screens(services, options, shapes, user)


ScreensDep = Annotated[Screens, Depends(get_screens)]


@router.get("/")
async def start_page(request: Request, screens: ScreensDep, user: CurrentUser, cursor: Cursor = None) -> Response:
    """Where a film begins."""
    context = await screens.start(user.id, cursor)
    return html(request, "start.html", context, await media_origins(screens.services, screens.options))


@router.get("/s/{session_id}")
async def session_page(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Response:
    """The session at the step that it calls for."""
    view = await services.sessions.get(user.id, session_id)
    return RedirectResponse(f"/s/{session_id}/{step_of(view.session)}", 303)


@router.get("/s/{session_id}/{step}")
async def step_page(
    request: Request, screens: ScreensDep, user: CurrentUser, session_id: SessionId, step: Step, film: Film = None
) -> Response:
    view = await screens.services.sessions.get(user.id, session_id)
    context = await screens.session(view, step, film)
    return html(request, f"{step}.html", context, await media_origins(screens.services, screens.options))


@router.get("/settings")
async def settings_page(request: Request, screens: ScreensDep, user: CurrentUser) -> Response:
    """API keys and the account's budget."""
    return html(request, "settings.html", await screens.settings(user.id))


@router.get("/static/{version}/{name:path}")
async def static_file(request: Request, version: str, name: str) -> Response:
    """A file of the page. Under its own version it never changes; under another it is what is there now."""
    found = static_files()
    file = found.files.get(name)
    if file is None:
        raise NotFoundError("there is no such file")
    headers = {
        "cache-control": _FOREVER if version == found.version else "no-cache",
        "vary": "Accept-Encoding",
        "cross-origin-resource-policy": "same-origin",
    }
    if takes_gzip(request):
        return Response(file.packed, 200, {**headers, "content-encoding": "gzip"}, file.media_type)
    return Response(file.content, 200, headers, file.media_type)


@router.get("/favicon.ico")
async def favicon() -> Response:
    return RedirectResponse(static_files().url("favicon.svg"), 308)
