"""Passports of films, and everything of a session as one download."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from adreel.agents.passport_page import passport_page
from adreel.media.scratch import scratch_folder
from adreel.orchestrator.film_bundles import FilmBundles
from adreel.routers.common.deps import CurrentUser, ItemId, OptionsDep, ServicesDep, SessionId
from adreel.routers.common.files import chunks, disposition
from adreel.routers.common.problems import problems
from adreel.routers.common.services import Services
from adreel.routers.schemas.passports import PassportAnswer

router = APIRouter(tags=["films"])

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE: dict[int | str, dict[str, Any]] = {
    **problems(401, 404),
    200: {"content": {"text/html": {"schema": {"type": "string"}}}},
}
_ZIP: dict[int | str, dict[str, Any]] = {
    **problems(401, 404, 429),
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
}


@router.get("/api/sessions/{session_id}/films/{film_id}/passport", responses=problems(401, 404))
async def get_passport(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, film_id: ItemId
) -> PassportAnswer:
    """Returns the passport of a film: its credentials, what to state about it where it is uploaded, the rules of its placement
    with their sources, sources and licences, and the receipt.

    404 for a draft, and for a film of an older version.
    """
    return PassportAnswer.model_validate(await _bundles(services).passport(user.id, session_id, film_id))


@router.get("/api/sessions/{session_id}/films/{film_id}/passport.html", response_class=HTMLResponse, responses=_PAGE)
async def get_passport_page(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, film_id: ItemId
) -> HTMLResponse:
    """Returns the passport of a film as a page to print."""
    passport = await _bundles(services).passport(user.id, session_id, film_id)
    page = await asyncio.to_thread(passport_page, passport)
    return HTMLResponse(page, headers={"content-security-policy": _POLICY, "cache-control": "private, no-store"})


@router.get("/api/sessions/{session_id}/films.zip", response_class=StreamingResponse, responses=_ZIP)
async def download_films(
    services: ServicesDep, options: OptionsDep, user: CurrentUser, session_id: SessionId
) -> Response:
    """Returns the newest film of each aspect and placement as one zip file, each with captions of its words and its passport."""
    view = await services.sessions.get(user.id, session_id)
    async with services.exports.acquire(user.id):
        with scratch_folder(options.work_folder, "films-") as folder:
            path = folder / "films.zip"
            bundles = FilmBundles(services.sessions, services.ledger, services.storage, folder)
            await bundles.write(user.id, session_id, path)
            # The open file outlives its folder: its space is freed when it has been sent or the client disconnects.
            file = await asyncio.to_thread(path.open, "rb")
            size = path.stat().st_size
    name = view.session.name or str(view.session.text_overlay.get("product_name") or "") or "adreel"
    headers = {"content-disposition": disposition(f"{name} films.zip"), "content-length": str(size)}
    return StreamingResponse(chunks(file), headers=headers, media_type="application/zip")


def _bundles(services: Services) -> FilmBundles:
    return FilmBundles(services.sessions, services.ledger, services.storage)
