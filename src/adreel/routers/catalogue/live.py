"""WS /ws/batches/{batch_id}: a batch as it stands, after each change."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.websockets import WebSocket

from adreel.domain.catalogues.batch import BatchView
from adreel.domain.errors import AuthError, NotFoundError
from adreel.routers.catalogue.answers import batch_answer
from adreel.routers.catalogue.schemas import BatchEvent
from adreel.routers.common.credentials import Redeemed
from adreel.routers.common.deps import MetricsDep, OptionsDep, ServicesDep
from adreel.routers.common.services import Services
from adreel.routers.live.admission import close_socket, listener_of
from adreel.routers.live.listener_places import ListenerPlaces
from adreel.routers.live.listeners import NOT_FOUND, NOT_LOGGED_IN, Listener, Message

router = APIRouter(tags=["batches"])

_MAX_SEQ = 2**31 - 1


@router.websocket("/ws/batches/{batch_id}")
async def follow_batch(
    socket: WebSocket,
    services: ServicesDep,
    options: OptionsDep,
    metrics: MetricsDep,
    batch_id: str,
    after: Annotated[int, Query(ge=0, le=_MAX_SEQ)] = 0,
    token: Annotated[str | None, Query(max_length=500)] = None,
) -> None:
    """Sends the batch if it changed since `seq` number `after`, then after each change, until the client disconnects.

    Close codes as of ``/ws/{session_id}``. Changes that come quickly one after the other are sent as one.
    """
    await socket.accept()
    try:
        listener = await listener_of(services, options, socket, batch_id, token)
        await _require(services, listener, batch_id)
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
            messages = _messages(services, batch_id, after)
            await Listener(socket, options, metrics, after).listen(messages, ended)
    finally:
        places.leave(listener.user_id)


async def _require(services: Services, listener: Redeemed, batch_id: str) -> None:
    await services.catalogues.batches.get(listener.user_id, batch_id)


async def _messages(services: Services, batch_id: str, after: int) -> AsyncGenerator[Message]:
    async for view in services.catalogues.events.follow(batch_id, after):
        yield _message(view, services)


def _message(view: BatchView, services: Services) -> Message:
    answer = batch_answer(view, services.catalogues.price)
    return Message(view.batch.last_seq, BatchEvent(seq=view.batch.last_seq, batch=answer).model_dump_json())
