"""WS /ws/{session_id}: a session's events, replayed and live."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.websockets import WebSocket, WebSocketDisconnect

from adreel.domain.errors import AuthError, NotFoundError
from adreel.routers.common.credentials import Redeemed
from adreel.routers.common.deps import ID_PATTERN, MetricsDep, OptionsDep, ResponsesDep, ServicesDep
from adreel.routers.common.options import AppOptions
from adreel.routers.common.services import Services
from adreel.routers.live.listener_places import ListenerPlaces
from adreel.routers.live.listeners import NOT_FOUND, NOT_LOGGED_IN, Listener

router = APIRouter(tags=["progress"])

_MAX_SEQ = 2**31 - 1


@router.websocket("/ws/{session_id}")
async def listen(
    socket: WebSocket,
    services: ServicesDep,
    options: OptionsDep,
    metrics: MetricsDep,
    responses: ResponsesDep,
    session_id: str,
    after: Annotated[int, Query(ge=0, le=_MAX_SEQ)] = 0,
    token: Annotated[str | None, Query(max_length=500)] = None,
) -> None:
    """Sends the events with a `seq` above `after`, then live ones, until the client disconnects.

    Close codes: 4401 not logged in, or no longer; 4404 unknown session or another user's; 4408 the client cannot keep up; 4429
    and 1013 too many connections; 1012 the service restarts: reconnect with `after` set to the last `seq`.
    """
    # Only an open WebSocket can be closed with a code.
    await socket.accept()
    try:
        listener = await _admitted(services, options, socket, session_id, token)
    except (AuthError, NotFoundError) as error:
        await _close(socket, NOT_LOGGED_IN if isinstance(error, AuthError) else NOT_FOUND)
        return
    places: ListenerPlaces = socket.app.state.listener_places
    refusal = places.refusal(listener.user_id)
    if refusal is not None:
        await _close(socket, *refusal)
        return
    places.take(listener.user_id)
    try:
        with services.watch.watching(listener.token_id) as ended:
            events = services.progress.listen(session_id, after)
            await Listener(socket, options, responses, metrics, after).listen(events, ended)
    finally:
        places.leave(listener.user_id)


async def _close(socket: WebSocket, code: int, reason: str | None = None) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code, reason)


async def _admitted(
    services: Services, options: AppOptions, socket: WebSocket, session_id: str, ticket: str | None
) -> Redeemed:
    """Authenticates the listener and checks that the session is theirs. Raises AuthError, NotFoundError."""
    if not re.fullmatch(ID_PATTERN, session_id):
        raise NotFoundError("there is no such session")
    listener = await _listener(services, options, socket, session_id, ticket)
    record = await services.sessions.record(session_id)
    if record.user_id != listener.user_id:
        raise NotFoundError("there is no such session")
    return listener


async def _listener(
    services: Services, options: AppOptions, socket: WebSocket, session_id: str, ticket: str | None
) -> Redeemed:
    if not options.auth_required:
        return Redeemed((await services.auth.local_user()).id, None)
    if ticket is not None:
        return await _redeemed(services, session_id, ticket)
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise AuthError("log in first")
    grant = await services.auth.grant(token.strip())
    return Redeemed(grant.user.id, grant.token_id)


async def _redeemed(services: Services, session_id: str, ticket: str) -> Redeemed:
    """Raises AuthError for an invalid ticket, or one whose login has ended."""
    redeemed = services.tickets.redeem(ticket, session_id)
    if redeemed.token_id is None:
        raise AuthError("the ticket was issued before the login was switched on; request a new one")
    await services.auth.check_token(redeemed.token_id)
    return redeemed
