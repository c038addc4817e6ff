"""HTML pages, rendered completely by the server; scripts update them live."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import AfterValidator

from adreel.domain.errors import NotFoundError
from adreel.routers.common.deps import (
    ID_PATTERN,
    CurrentUser,
    Cursor,
    ItemId,
    OptionsDep,
    ResponsesDep,
    ServicesDep,
    SessionId,
)
from adreel.routers.common.files import disposition, file_response
from adreel.routers.schemas.common import clean_text
from adreel.routers.schemas.generation import Aspect
from adreel.services.storage.object_store import StoredObject
from adreel.web.files import static_files
from adreel.web.rendering import html, takes_gzip
from adreel.web.routes import PageRoute, media_origins
from adreel.web.screens import Screens
from adreel.web.steps import Step, step_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Film = Annotated[str | None, Query(pattern=ID_PATTERN)]

Words = Annotated[str, Query(max_length=100), AfterValidator(clean_text)]
"""What the user searches for."""

EXAMPLE_FILM = Path(str(files("adreel.assets") / "examples" / "film.mp4"))
_EXAMPLE_SECONDS = 24 * 3600
_FOREVER = "public, max-age=31536000, immutable"


def get_screens(services: ServicesDep, options: OptionsDep, responses: ResponsesDep, user: CurrentUser) -> Screens:
    return Screens(services, options, responses, user)


ScreensDep = Annotated[Screens, Depends(get_screens)]


@router.get("/")
async def start_page(
    request: Request, screens: ScreensDep, user: CurrentUser, cursor: Cursor = None, q: Words = ""
) -> Response:
    """Shows the start page with the user's films; with `q` only those that have these words."""
    context = await screens.start(user.id, cursor, q)
    return html(request, "start.html", context, await media_origins(screens.services, screens.options))


@router.get("/s/{session_id}")
async def session_page(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Response:
    """Redirects to the session's current step."""
    view = await services.sessions.get(user.id, session_id)
    return RedirectResponse(f"/s/{session_id}/{step_of(view.session)}", 303)


@router.get("/s/{session_id}/{step}")
async def step_page(
    request: Request, screens: ScreensDep, user: CurrentUser, session_id: SessionId, step: Step, film: Film = None
) -> Response:
    view = await screens.services.sessions.get(user.id, session_id)
    context = await screens.session(view, step, film)
    return html(request, f"{step}.html", context, await media_origins(screens.services, screens.options))


@router.get("/s/{session_id}/preview/{clip_id}")
async def clip_preview(
    request: Request, services: ServicesDep, user: CurrentUser, clip_id: ItemId, aspect: Aspect
) -> Response:
    """Plays a drawn clip as a film of another aspect will show it. Supports `Range`."""
    path = await services.clip_previews.find(user.id, clip_id, aspect)
    stored = StoredObject(path.name, (await asyncio.to_thread(path.stat)).st_size, "video/mp4")
    headers = {"cache-control": "private, max-age=3600", "content-disposition": disposition(None)}
    return await file_response(stored, path, request.headers, headers)


@router.get("/settings")
async def settings_page(request: Request, screens: ScreensDep, user: CurrentUser) -> Response:
    """Shows budget, limits, brands, API keys and the user's data."""
    context = await screens.settings(user.id)
    return html(request, "settings.html", context, await media_origins(screens.services, screens.options))


@router.get("/static/{version}/{name:path}")
async def static_file(request: Request, version: str, name: str) -> Response:
    """Serves a static file: cached forever under the current version, not cached under another."""
    current = static_files()
    file = current.files.get(name)
    if file is None:
        raise NotFoundError("there is no such file")
    headers = {
        "cache-control": _FOREVER if version == current.version else "no-cache",
        "vary": "Accept-Encoding",
        "cross-origin-resource-policy": "same-origin",
    }
    if takes_gzip(request):
        return Response(file.packed, 200, {**headers, "content-encoding": "gzip"}, file.media_type)
    return Response(file.content, 200, headers, file.media_type)


@router.get("/example.mp4")
async def example_film(request: Request) -> Response:
    """Plays the film on the start page. Needs no login: it belongs to the project. Supports `Range`."""
    headers = {"cache-control": f"public, max-age={_EXAMPLE_SECONDS}", "content-disposition": disposition(None)}
    size = (await asyncio.to_thread(EXAMPLE_FILM.stat)).st_size
    stored = StoredObject(EXAMPLE_FILM.name, size, "video/mp4")
    return await file_response(stored, EXAMPLE_FILM, request.headers, headers)


@router.get("/favicon.ico")
async def favicon() -> Response:
    return RedirectResponse(static_files().url("favicon.svg"), 308)
