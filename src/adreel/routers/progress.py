"""WS /ws/{session_id}: a session's events, replayed and live."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.websockets import WebSocket

from adreel.domain.errors import AuthError, NotFoundError
from adreel.domain.sessions.session import SessionEvent
from adreel.routers.common.credentials import Redeemed
from adreel.routers.common.deps import MetricsDep, OptionsDep, ResponsesDep, ServicesDep
from adreel.routers.common.options import AppOptions
from adreel.routers.common.responses import ResponseBuilder
from adreel.routers.common.services import Services
from adreel.routers.live.admission import close_socket, listener_of
from adreel.routers.live.listener_places import ListenerPlaces
from adreel.routers.live.listeners import NOT_FOUND, NOT_LOGGED_IN, Listener, Message

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
        await close_socket(socket, NOT_LOGGED_IN if isinstance(error, AuthError) else NOT_FOUND)
        return
    places: ListenerPlaces = socket.app.state.listener_places
    refusal = places.refusal(listener.user_id)
    if refusal is not None:
        await close_socket(socket, *refusal)
        return
    places.take(listener.user_id)
    try:
        with services.watch.watching(listener.token_id) as ended:
            events = _messages(services.progress.listen(session_id, after), responses)
            await Listener(socket, options, metrics, after).listen(events, ended)
    finally:
        places.leave(listener.user_id)


async def _admitted(
    services: Services, options: AppOptions, socket: WebSocket, session_id: str, ticket: str | None
) -> Redeemed:
    """Authenticates the listener and checks that the session is theirs. Raises AuthError, NotFoundError."""
    listener = await listener_of(services, options, socket, session_id, ticket)
    record = await services.sessions.record(session_id)
    if record.user_id != listener.user_id:
        raise NotFoundError("there is no such session")
    return listener


async def _messages(events: AsyncGenerator[SessionEvent], responses: ResponseBuilder) -> AsyncGenerator[Message]:
    async with aclosing(events):
        async for event in events:
            yield Message(event.seq, responses.event(event))
