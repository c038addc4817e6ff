"""One WebSocket that listens to a session: events as they come, heartbeats in between, out when it cannot keep up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from adreel.domain.session import SessionEvent
from adreel.routers.metrics import Metrics
from adreel.routers.options import AppOptions
from adreel.routers.shapes import event_json
from adreel.services.event_hub import SlowListener

NORMAL, TOO_MUCH = 1000, 1008
NOT_LOGGED_IN, NOT_FOUND, TOO_SLOW = 4401, 4404, 4408

_MAX_MESSAGES = 20
"""Messages that a listener may send between two things that it is sent; it has nothing to say."""

_MAX_MESSAGE = 4096


class Listener:
    """Sends to one open WebSocket. All sending is done by one task, in order; another only looks for the end."""

    def __init__(self, socket: WebSocket, options: AppOptions, metrics: Metrics, after: int) -> None:
        self._socket = socket
        self._heartbeat = options.heartbeat_seconds
        self._send_seconds = options.send_seconds
        self._metrics = metrics
        self._last = after
        self._heard = 0

    async def listen(self, events: AsyncGenerator[SessionEvent]) -> None:
        """Until the session is deleted, the client leaves or falls behind."""
        self._metrics.listeners.inc()
        hearing = asyncio.ensure_future(self._hear())
        try:
            code = await self._deliver(events, hearing)
        except (SlowListener, TimeoutError):
            self._metrics.dropped.inc()
            code = TOO_SLOW
        finally:
            self._metrics.listeners.dec()
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            await events.aclose()
        if code is not None:
            await self._close(code)

    async def _deliver(self, events: AsyncIterator[SessionEvent], hearing: asyncio.Future[int | None]) -> int | None:
        """The code to close with; None when the client has left. Raises SlowListener, TimeoutError."""
        coming = asyncio.ensure_future(_next(events))
        try:
            while True:
                # One timer a wait is all that a heartbeat costs: no task, no query.
                await asyncio.wait((coming, hearing), timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED)
                if hearing.done():
                    return hearing.result()
                if not coming.done():
                    await self._send(f'{{"type":"heartbeat","seq":{self._last}}}')
                    continue
                event = coming.result()
                if event is None:
                    return NORMAL
                await self._tell(event)
                coming = asyncio.ensure_future(_next(events))
        except WebSocketDisconnect:
            return None
        finally:
            await _stop(coming)

    async def _tell(self, event: SessionEvent) -> None:
        await self._send(event_json(event))
        self._last = event.seq
        self._metrics.events.inc()

    async def _send(self, text: str) -> None:
        self._heard = 0
        async with asyncio.timeout(self._send_seconds):
            await self._socket.send_text(text)

    async def _hear(self) -> int | None:
        """Ends when the client leaves (None) or talks too much (the code to close with)."""
        while self._heard < _MAX_MESSAGES:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            self._heard += 1
            if len(message.get("text") or message.get("bytes") or "") > _MAX_MESSAGE:
                break
        return TOO_MUCH

    async def _close(self, code: int) -> None:
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(self._send_seconds):
                await self._socket.close(code)


async def _next(events: AsyncIterator[SessionEvent]) -> SessionEvent | None:
    return await anext(events, None)


async def _stop(task: asyncio.Future[SessionEvent | None]) -> None:
    """Cancels and waits: a generator may not be closed while it runs."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        # Looked at, so that nobody is told of an error that no longer matters.
        task.exception()
