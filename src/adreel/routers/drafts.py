"""Drafts of films, which play while they are drawn."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from adreel.domain.errors import AdreelError, CancelledError
from adreel.media.fragments.stream import problem_event
from adreel.orchestrator.previews.session_drafts import DraftRequest
from adreel.routers.common.deps import CurrentUser, ServicesDep, SessionId
from adreel.routers.common.problems import problem_of, problems
from adreel.routers.common.services import Services
from adreel.routers.schemas.drafts import DraftBody
from adreel.routers.schemas.generation import Aspect

router = APIRouter(tags=["drafts"])

_TYPE = "video/mp4"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    **problems(401, 403, 404, 409, 413),
    200: {
        "description": "Fragmented MP4, sent as it is drawn",
        "content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
}


@router.post("/api/sessions/{session_id}/draft", response_class=Response, responses=_ANSWERS)
async def draw_draft(services: ServicesDep, user: CurrentUser, session_id: SessionId, body: DraftBody) -> Response:
    """Draws a draft of the session's film at half its size and sends it part by part, so that it plays while it is drawn: H.264
    and AAC in fragmented MP4. Nothing is stored and nothing is bought. A draft whose connection ends is not drawn any further.

    What can be refused is refused before the first part. A fault after that, such as words without room in their picture, ends
    the stream with an `emsg` box of the scheme `urn:adreel:problem`, whose message is the problem as JSON.
    """
    view = await services.sessions.get(user.id, session_id)
    return await _streamed(services, user.id, session_id, body.request(view.session.seed))


@router.get("/api/sessions/{session_id}/draft", response_class=Response, responses=_ANSWERS)
async def get_draft(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, aspect: Aspect = "16:9"
) -> Response:
    """The same of what is stored: the approved clips with the options of the last film, before there are any the script."""
    return await _streamed(services, user.id, session_id, await services.drafts.stored(user.id, session_id, aspect))


async def _streamed(services: Services, user_id: str, session_id: str, request: DraftRequest) -> Response:
    """Waits for the first part: until then an error has a status of its own."""
    parts = services.drafts.stream(user_id, session_id, request)
    try:
        first = await anext(parts)
    except BaseException:
        await parts.aclose()
        raise
    return _Stream(first, parts, services.describe)


class _Stream(StreamingResponse):
    """Ends the drawing with the connection."""

    def __init__(self, first: bytes, parts: AsyncGenerator[bytes], describe: Callable[[AdreelError], str]) -> None:
        self._parts = parts
        content = _until_fault(first, parts, describe)
        super().__init__(content, media_type=_TYPE, headers={"cache-control": "no-store", "x-accel-buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._parts):
            await super().__call__(scope, receive, send)


async def _until_fault(
    first: bytes, parts: AsyncGenerator[bytes], describe: Callable[[AdreelError], str]
) -> AsyncGenerator[bytes]:
    yield first
    try:
        async for part in parts:
            yield part
    except CancelledError:
        raise
    except AdreelError as error:
        yield problem_event(bytes(problem_of(error, describe).body))
