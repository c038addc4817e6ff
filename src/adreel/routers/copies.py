"""Copies of sessions."""

from __future__ import annotations

from fastapi import APIRouter

from adreel.routers.common.deps import CurrentUser, ResponsesDep, ServicesDep, SessionId
from adreel.routers.common.problems import problems
from adreel.routers.schemas.sessions import SessionAnswer

router = APIRouter(tags=["sessions"])


@router.post("/api/sessions/{session_id}/copy", responses=problems(401, 403, 404, 409, 429))
async def copy_session(
    services: ServicesDep, user: CurrentUser, responses: ResponsesDep, session_id: SessionId
) -> SessionAnswer:
    """Creates a session with the same images, choice and texts, to make another film of them."""
    new = await services.copies.copy(user.id, session_id)
    return responses.session(await services.sessions.get(user.id, new.id))
