"""The pages of catalogues: a batch is begun on the first, and followed on the second."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from adreel.routers.common.deps import CurrentUser, Cursor, ItemId
from adreel.web.catalogue import batch_context, catalogue_context
from adreel.web.pages import ScreensDep
from adreel.web.rendering import html
from adreel.web.routes import PageRoute, media_origins

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/catalogue")
async def catalogue_page(request: Request, screens: ScreensDep, user: CurrentUser, cursor: Cursor = None) -> Response:
    context = await catalogue_context(screens, user.id, cursor)
    return html(request, "catalogue.html", context, await media_origins(screens.services, screens.options))


@router.get("/catalogue/{batch_id}")
async def batch_page(request: Request, screens: ScreensDep, user: CurrentUser, batch_id: ItemId) -> Response:
    context = await batch_context(screens, user.id, batch_id)
    return html(request, "batch.html", context, await media_origins(screens.services, screens.options))
