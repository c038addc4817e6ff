"""The script screen of a script that is not stored yet, and the stills of its beats, drawn by the service while it is typed."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, JsonValue

from adreel.domain.ad import Ad
from adreel.domain.scripts.ad_format.reading import MAX_BEATS, read_ad
from adreel.media.thumbnails import CONTENT_TYPE
from adreel.routers.common.deps import CurrentUser, ServicesDep, SessionId
from adreel.routers.schemas.common import Body
from adreel.routers.schemas.generation import Aspect
from adreel.web.pages import ScreensDep
from adreel.web.rendering import html
from adreel.web.routes import media_origins

# Errors are those of the API, as JSON: scripts of the page read them.
router = APIRouter(include_in_schema=False)


class ScriptDraft(Body):
    """`script` is the document of a script."""

    script: dict[str, JsonValue]

    def ad(self) -> Ad:
        """Raises InputError that names the field at fault."""
        return read_ad(self.script)


class StillRequest(ScriptDraft):
    """`beat` counts from 0; null for the end card."""

    beat: Annotated[int, Field(ge=0, lt=MAX_BEATS)] | None = None
    aspect: Aspect = "16:9"


@router.post("/s/{session_id}/script")
async def draft_page(
    request: Request, screens: ScreensDep, user: CurrentUser, session_id: SessionId, body: ScriptDraft
) -> Response:
    """Draws the script screen with a script as it is being typed. Stores nothing."""
    view = await screens.services.sessions.get(user.id, session_id)
    context = await screens.draft(view, body.ad())
    return html(request, "script.html", context, await media_origins(screens.services, screens.options))


@router.post("/s/{session_id}/script/still")
async def still(services: ServicesDep, user: CurrentUser, session_id: SessionId, body: StillRequest) -> Response:
    """Draws a frame of a beat with its words, or the end card."""
    picture = await services.script_stills.draw(user.id, session_id, body.ad(), body.beat, body.aspect)
    etag = f'"{hashlib.sha256(picture).hexdigest()[:32]}"'
    return Response(picture, media_type=CONTENT_TYPE, headers={"etag": etag})
