"""Previews of title cards and music."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import Response

from adreel.domain.errors import NotFoundError
from adreel.routers.common.deps import CurrentUser, ServicesDep, SessionId
from adreel.routers.common.files import disposition, file_response
from adreel.routers.common.problems import problems
from adreel.routers.schemas.previews import CardPreviewRequest
from adreel.services.sessions.music_previews import CONTENT_TYPE
from adreel.services.storage.object_store import StoredObject

router = APIRouter(tags=["previews"])

Genre = Annotated[str, InPath(pattern=r"^[a-z0-9_-]{1,40}$", examples=["upbeat"])]

SECONDS = "card-seconds"
_MUSIC_SECONDS = 24 * 3600


def _file(content_type: str) -> dict[str, Any]:
    return {"content": {content_type: {"schema": {"type": "string", "format": "binary"}}}}


@router.post(
    "/api/sessions/{session_id}/card-preview",
    response_class=Response,
    responses={**problems(401, 403, 404, 413), 200: {"description": "The card", **_file("image/png")}},
)
async def preview_card(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, body: CardPreviewRequest
) -> Response:
    """Returns the film's title card as a still image, with the session's brand, if it has one. Without a colour it has the one
    that composing would choose. The header `Card-Seconds` says how long it lasts at least.
    """
    overlay = body.text_overlay.model_dump(mode="json")
    card = await services.cards.draw(user.id, session_id, body.kind, overlay, body.aspect, body.width)
    etag = f'"{hashlib.sha256(card.png).hexdigest()[:32]}"'
    return Response(card.png, media_type="image/png", headers={"etag": etag, SECONDS: f"{card.least:g}"})


@router.get(
    "/api/music/{genre}/preview",
    response_class=Response,
    responses={
        **problems(401, 404, 416),
        200: {"description": "The music", **_file(CONTENT_TYPE)},
        206: {"description": "The requested range", **_file(CONTENT_TYPE)},
        304: {"description": "The client has this version already"},
    },
)
async def preview_music(request: Request, services: ServicesDep, user: CurrentUser, genre: Genre) -> Response:
    """Returns about twelve seconds of a genre's music. Supports `Range`, `If-Range` and `If-None-Match`."""
    path = await services.music.find(user.id, genre)
    stored = await asyncio.to_thread(_stored, path)
    headers = {"cache-control": f"private, max-age={_MUSIC_SECONDS}", "content-disposition": disposition(None)}
    return await file_response(stored, path, request.headers, headers)


def _stored(path: Path) -> StoredObject:
    try:
        return StoredObject(path.name, path.stat().st_size, CONTENT_TYPE)
    except FileNotFoundError as error:
        # The cache may be emptied at any time.
        raise NotFoundError("the file has just been removed; try again") from error
