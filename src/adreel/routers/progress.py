"""WS /ws/{session_id}: a session's progress, replayed and live."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.websockets import WebSocket, WebSocketDisconnect

from adreel.domain.errors import AuthError, NotFoundError
from adreel.routers.deps import ID_PATTERN, MetricsDep, OptionsDep, ServicesDep
from adreel.routers.listeners import NOT_FOUND, NOT_LOGGED_IN, Listener
from adreel.routers.options import AppOptions
from adreel.routers.services import Services

router = APIRouter(tags=["progress"])

_MAX_SEQ = 2**31 - 1


@router.websocket("/ws/{session_id}")
async def listen(
    socket: WebSocket,
    services: ServicesDep,
    options: OptionsDep,
    metrics: MetricsDep,
    session_id: str,
    after: Annotated[int, Query(ge=0, le=_MAX_SEQ)] = 0,
    token: Annotated[str | None, Query(max_length=500)] = None,
) -> None:
    """Events with a `seq` above `after`, then live ones, until the client leaves.

    Closes with 4401 who is not logged in, 4404 for a session that is not theirs, 4408 who cannot keep up; 1012 when the
    service restarts: then come back with `after` set to the last `seq`.
    """
    # Only an open WebSocket can be told why it is closed.
    await socket.accept()
    refused = await _refused(services, options, socket, session_id, token)
    if refused is not None:
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(refused)
        return
    await Listener(socket, options, metrics, after).listen(services.progress.listen(session_id, after))


async def _refused(
    services: Services, options: AppOptions, socket: WebSocket, session_id: str, ticket: str | None
) -> int | None:
    """The code to close with, for who may not listen."""
    try:
        if not re.fullmatch(ID_PATTERN, session_id):
            return NOT_FOUND
        user_id = await _listener(services, options, socket, session_id, ticket)
        record = await services.sessions.record(session_id)
    except AuthError:
        return NOT_LOGGED_IN
    except NotFoundError:
        return NOT_FOUND
    return None if record.user_id == user_id else NOT_FOUND


async def _listener(
    services: Services, options: AppOptions, socket: WebSocket, session_id: str, ticket: str | None
) -> str:
    if not options.auth_required:
        return (await services.auth.local_user()).id
    if ticket is not None:
        return services.tickets.redeem(ticket, session_id)
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise AuthError("log in first")
    return (await services.auth.identify(token.strip())).id
