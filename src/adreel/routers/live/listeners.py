"""One WebSocket that follows a session or a batch: sends events and heartbeats; closes it when the client cannot keep up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from adreel.routers.common.metrics import Metrics
from adreel.routers.common.options import AppOptions
from adreel.services.events.bus import SlowListener

NORMAL, TOO_MUCH = 1000, 1008
NOT_LOGGED_IN, NOT_FOUND, TOO_SLOW = 4401, 4404, 4408

_MAX_MESSAGES = 20
"""Messages that a client may send between two that it receives; the protocol expects none."""

_MAX_MESSAGE = 4096


@dataclass(frozen=True, slots=True)
class Message:
    """The text of an event, and its number."""

    seq: int
    text: str


Ends = tuple[asyncio.Future[int | None], ...]
"""Tasks that end the connection, each with its close code."""


class Listener:
    """Sends to one open WebSocket. One task sends everything, in order; the others only watch for the end."""

    def __init__(self, socket: WebSocket, options: AppOptions, metrics: Metrics, after: int) -> None:
        self._socket = socket
        self._heartbeat = options.heartbeat_seconds
        self._send_seconds = options.send_seconds
        self._metrics = metrics
        self._last = after
        self._received = 0

    async def listen(self, events: AsyncGenerator[Message], ended: asyncio.Event) -> None:
        """Runs until the events end, the login has `ended`, or the client disconnects or falls behind."""
        self._metrics.listeners.inc()
        ends = (asyncio.ensure_future(self._receive()), asyncio.ensure_future(_logged_out(ended)))
        try:
            code = await self._deliver(events, ends)
        except (SlowListener, TimeoutError):
            self._metrics.dropped.inc()
            code = TOO_SLOW
        finally:
            self._metrics.listeners.dec()
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            await events.aclose()
        if code is not None:
            await self._close(code)

    async def _deliver(self, events: AsyncIterator[Message], ends: Ends) -> int | None:
        """Returns the close code; None when the client has disconnected. Raises SlowListener, TimeoutError."""
        pending = asyncio.ensure_future(_next(events))
        try:
            while True:
                # A heartbeat costs one timer per wait: no task, no query.
                await asyncio.wait((pending, *ends), timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED)
                for end in ends:
                    if end.done():
                        return end.result()
                if not pending.done():
                    await self._send(f'{{"type":"heartbeat","seq":{self._last}}}')
                    continue
                event = pending.result()
                if event is None:
                    return NORMAL
                await self._send_event(event)
                pending = asyncio.ensure_future(_next(events))
        except WebSocketDisconnect:
            return None
        finally:
            await _stop(pending)

    async def _send_event(self, event: Message) -> None:
        await self._send(event.text)
        self._last = event.seq
        self._metrics.events.inc()

    async def _send(self, text: str) -> None:
        self._received = 0
        async with asyncio.timeout(self._send_seconds):
            await self._socket.send_text(text)

    async def _receive(self) -> int | None:
        """Returns None when the client disconnects, or the close code when it sends too much."""
        while self._received < _MAX_MESSAGES:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            self._received += 1
            if len(message.get("text") or message.get("bytes") or "") > _MAX_MESSAGE:
                break
        return TOO_MUCH

    async def _close(self, code: int) -> None:
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(self._send_seconds):
                await self._socket.close(code)


async def _logged_out(ended: asyncio.Event) -> int:
    await ended.wait()
    return NOT_LOGGED_IN


async def _next(events: AsyncIterator[Message]) -> Message | None:
    return await anext(events, None)


async def _stop(task: asyncio.Future[Message | None]) -> None:
    """Cancels and waits: a generator may not be closed while it runs."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        # Retrieved, so that asyncio does not log an error that no longer matters.
        task.exception()
