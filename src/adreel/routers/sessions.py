"""Sessions: made, listed, looked at, deleted; their photos."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from adreel.intake import PhotoIntake
from adreel.routers.deps import (
    CurrentUser,
    Cursor,
    ItemId,
    Limit,
    OnceDep,
    OptionsDep,
    ServicesDep,
    SessionId,
    ShapesDep,
)
from adreel.routers.problems import problems
from adreel.routers.schemas.sessions import (
    Costs,
    CreateSession,
    SessionAnswer,
    SessionCreated,
    SessionList,
    Ticket,
    Uploaded,
)
from adreel.routers.shapes import costs
from adreel.routers.uploads import received

router = APIRouter(tags=["sessions"])

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "additionalProperties": False,
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 40,
                            "items": {"type": "string", "format": "binary"},
                            "description": "JPEG, PNG, WebP, AVIF or HEIC",
                        },
                        "view_types": {
                            "type": "string",
                            "description": "One for each photo, with commas between: front, detail, angle, lifestyle",
                            "examples": ["front,detail"],
                        },
                        "framings": {
                            "type": "string",
                            "enum": ["true", "false"],
                            "description": "true: a single photo becomes four images, one for each framing",
                        },
                    },
                }
            }
        },
    }
}


@router.post("/api/sessions/create", response_model=SessionCreated, responses=problems(401, 403, 409, 413))
async def create_session(
    services: ServicesDep, user: CurrentUser, once: OnceDep, body: CreateSession | None = None
) -> JSONResponse:
    """A new, empty session."""
    given = body or CreateSession()

    async def create() -> SessionCreated:
        record = await services.sessions.create(
            user.id, given.product_prompt, given.video_prompt, given.seed, given.budget_cap
        )
        return SessionCreated(session_id=record.id, stage=record.stage, created_at=record.created_at)

    return await once.answer(given, create)


@router.get("/api/sessions", responses=problems(401))
async def list_sessions(
    services: ServicesDep, user: CurrentUser, shapes: ShapesDep, limit: Limit = 20, cursor: Cursor = None
) -> SessionList:
    """A person's sessions, newest first."""
    page = await services.sessions.list(user.id, limit, cursor)
    return SessionList(sessions=[shapes.summary(item) for item in page.items], next_cursor=page.next_cursor)


@router.get("/api/sessions/{session_id}", responses=problems(401, 404))
async def get_session(
    services: ServicesDep, user: CurrentUser, shapes: ShapesDep, session_id: SessionId
) -> SessionAnswer:
    """A session with its images, clips and films."""
    return shapes.session(await services.sessions.get(user.id, session_id))


@router.delete("/api/sessions/{session_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def delete_session(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Response:
    """Removes the session and its files, but not while work is under way in it."""
    await services.sessions.delete(user.id, session_id)
    await services.storage.delete_prefix(f"sessions/{session_id}")
    return Response(status_code=204)


@router.get("/api/sessions/{session_id}/costs", responses=problems(401, 404))
async def get_costs(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Costs:
    """What was spent on what, in the order in which it was done."""
    total, lines = await services.sessions.costs(user.id, session_id)
    return costs(session_id, total, lines)


@router.post(
    "/api/sessions/{session_id}/images",
    response_model=Uploaded,
    responses=problems(401, 403, 404, 409, 413, 415),
    openapi_extra=_FORM,
)
async def upload_images(
    request: Request,
    services: ServicesDep,
    options: OptionsDep,
    user: CurrentUser,
    shapes: ShapesDep,
    once: OnceDep,
    session_id: SessionId,
) -> JSONResponse:
    """Photos of one's own. All are taken or, when one cannot be used, none.

    With `framings` a single photo gives an image for each framing of it, and so a film of four clips.
    """
    # Before anything is read: nobody sends half a gigabyte to a session that is not theirs.
    await services.sessions.get(user.id, session_id)
    intake: PhotoIntake = request.app.state.intake
    async with received(request, options) as upload:

        async def add() -> Uploaded:
            assets = await intake.add(user.id, session_id, upload)
            return Uploaded(images=[shapes.uploaded(asset) for asset in assets])

        return await once.answer(upload.digest, add)


@router.delete("/api/sessions/{session_id}/images/{image_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def remove_image(services: ServicesDep, user: CurrentUser, session_id: SessionId, image_id: ItemId) -> Response:
    """Takes an image out of a session, while images are being selected."""
    image = await services.sessions.remove_image(user.id, session_id, image_id)
    await services.storage.delete(image.storage_key)
    await services.thumbnails.remove(image)
    return Response(status_code=204)


@router.post("/api/sessions/{session_id}/ticket", responses=problems(401, 403, 404))
async def create_ticket(services: ServicesDep, options: OptionsDep, user: CurrentUser, session_id: SessionId) -> Ticket:
    """Lets a web page listen to the session's WebSocket, where no header can be sent."""
    await services.sessions.get(user.id, session_id)
    ticket = services.tickets.issue(user.id, session_id, options.ticket_seconds)
    return Ticket(ticket=ticket, expires_in=options.ticket_seconds)
