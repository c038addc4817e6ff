"""Create, list, read and delete sessions; upload their photos."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from adreel.domain.sessions.session import Asset, SessionRecord
from adreel.routers.common.deps import (
    CurrentGrant,
    CurrentUser,
    Cursor,
    IdempotentDep,
    ItemId,
    Limit,
    OptionsDep,
    ResponsesDep,
    ServicesDep,
    SessionId,
)
from adreel.routers.common.problems import problems
from adreel.routers.common.responses import costs
from adreel.routers.common.uploads import received
from adreel.routers.schemas.sessions import (
    ChangeSessionRequest,
    Costs,
    CreateSessionRequest,
    SessionAnswer,
    SessionCreated,
    SessionList,
    Ticket,
    Uploaded,
)
from adreel.services.receipts import Receipt
from adreel.services.sessions.uploads import PhotoIntake

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
                            "description": "One for each photo, separated by commas: front, detail, angle, lifestyle",
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
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, body: CreateSessionRequest | None = None
) -> JSONResponse:
    """Creates an empty session."""
    request = body or CreateSessionRequest()

    async def create(receipt: Receipt[SessionRecord]) -> SessionRecord:
        return await services.sessions.create(
            user.id,
            request.product_prompt,
            request.video_prompt,
            request.seed,
            request.budget_cap,
            receipt=receipt,
        )

    return await idempotent.answer(request, create, _created)


@router.get("/api/sessions", responses=problems(401))
async def list_sessions(
    services: ServicesDep, user: CurrentUser, responses: ResponsesDep, limit: Limit = 20, cursor: Cursor = None
) -> SessionList:
    """Lists the user's sessions, newest first."""
    page = await services.sessions.list(user.id, limit, cursor)
    return SessionList(sessions=[responses.summary(item) for item in page.items], next_cursor=page.next_cursor)


@router.get("/api/sessions/{session_id}", responses=problems(401, 404))
async def get_session(
    services: ServicesDep, user: CurrentUser, responses: ResponsesDep, session_id: SessionId
) -> SessionAnswer:
    """Returns a session with its images, clips and films."""
    return responses.session(await services.sessions.get(user.id, session_id))


@router.patch("/api/sessions/{session_id}", responses=problems(401, 403, 404, 413))
async def change_session(
    services: ServicesDep, user: CurrentUser, responses: ResponsesDep, session_id: SessionId, body: ChangeSessionRequest
) -> SessionAnswer:
    """Gives a session another name, or its films another brand kit, or both."""
    if body.brand_kit is not None:
        await services.brands.choose(user.id, session_id, body.brand_kit or None)
    if body.name is not None:
        await services.sessions.rename(user.id, session_id, body.name)
    return responses.session(await services.sessions.get(user.id, session_id))


@router.delete("/api/sessions/{session_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def delete_session(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Response:
    """Deletes a session and all its files; 409 while a job is running in it.

    The session disappears at once. Files in a store that is unreachable now are deleted later.
    """
    await services.sessions.delete(user.id, session_id)
    services.progress.end(session_id)
    await services.deletions.soon(session_id)
    return Response(status_code=204)


@router.get("/api/sessions/{session_id}/costs", responses=problems(401, 404))
async def get_costs(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Costs:
    """Lists the session's costs in chronological order."""
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
    responses: ResponsesDep,
    idempotent: IdempotentDep,
    session_id: SessionId,
) -> JSONResponse:
    """Uploads photos. All are accepted, or none when one cannot be used.

    With `framings` a single photo becomes one image per framing, enough for a film of four clips.
    """
    # Checked before the body is read: no upload of half a gigabyte to another user's session.
    await services.sessions.get(user.id, session_id)
    intake: PhotoIntake = request.app.state.intake
    async with received(request, options, services.space) as upload:

        async def add(receipt: Receipt[tuple[Asset, ...]]) -> tuple[Asset, ...]:
            return await intake.add(user.id, session_id, upload, receipt)

        return await idempotent.answer(upload.digest, add, responses.uploads)


@router.delete("/api/sessions/{session_id}/images/{image_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def remove_image(services: ServicesDep, user: CurrentUser, session_id: SessionId, image_id: ItemId) -> Response:
    """Deletes an image and its files; 409 unless the session is at image selection."""
    await services.sessions.remove_image(user.id, session_id, image_id)
    await services.deletions.soon()
    return Response(status_code=204)


@router.delete("/api/sessions/{session_id}/films/{film_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def remove_film(services: ServicesDep, user: CurrentUser, session_id: SessionId, film_id: ItemId) -> Response:
    """Deletes one finished film and its files; its clips stay. 409 while a job is running in the session."""
    await services.sessions.remove_film(user.id, session_id, film_id)
    await services.deletions.soon()
    return Response(status_code=204)


@router.post("/api/sessions/{session_id}/ticket", responses=problems(401, 403, 404))
async def create_ticket(
    services: ServicesDep, options: OptionsDep, grant: CurrentGrant, session_id: SessionId
) -> Ticket:
    """Issues a ticket for the session's WebSocket, to which browsers cannot send headers. Void once the login ends."""
    await services.sessions.get(grant.user.id, session_id)
    ticket = services.tickets.issue(grant, session_id, options.ticket_seconds)
    return Ticket(ticket=ticket, expires_in=options.ticket_seconds)


def _created(record: SessionRecord) -> SessionCreated:
    return SessionCreated(id=record.id, stage=record.stage, created_at=record.created_at)
