"""uvicorn's HTTP protocol with limits. httptools has none of its own: it buffers all that it is fed."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, cast

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from adreel.server.connections.gate import Gate
from adreel.server.connections.refusals import (
    CROWDED,
    FRAMING,
    LARGE_HEAD,
    LONG_TARGET,
    MALFORMED,
    PIPELINED,
    SLOW_BODY,
    SLOW_HEAD,
    Refusal,
)

_SLICE = 16 * 1024
"""Bytes fed to the parser at once, so that a limit is detected before much more has been buffered."""


class _RefusedError(Exception):
    """Raised inside the parser to stop it."""


class GuardedHttp(HttpToolsProtocol):
    """Refuses requests before they reach the app (400, 408, 414, 431, 503); aborts connections that do not read.

    `gate` is set by `guarded`. Depends on internals of uvicorn's class: tests/integration/server/connections/test_contract.py
    """

    gate: ClassVar[Gate]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = self.gate.limits
        self._head_open, self._body_open, self._upgraded = True, False, False
        self._since = self._last_body = self.loop.time()
        self._ending: float | None = None
        self._paused: float | None = None
        self._refusal: Refusal | None = None
        self._received = self._head = self._header_bytes = self._header_count = self._body = self._framing = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        if self.gate.is_overrun:
            transport.abort()
        elif not self.gate.enter(self, self.client[0] if self.client else ""):
            self._refuse(CROWDED)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gate.leave(self)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        self._paused = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._paused = None
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        if not self._head_open and not self._body_open and not self._is_answering:
            self._begin_head()
        whole = memoryview(data)
        for start in range(0, len(data), _SLICE):
            if self._refusal is not None or self._upgraded or self.transport.is_closing():
                return
            self._feed(whole[start : start + _SLICE])

    def _feed(self, part: memoryview) -> None:
        self._received += len(part)
        self._head += len(part)
        self._framing += len(part)
        super().data_received(part)  # pyright: ignore[reportArgumentType] (the parser takes any buffer)
        if self._refusal is not None or self._upgraded:
            return
        if self._head_open and self._head > self._limits.head_bytes:
            self._refuse(LARGE_HEAD if self.headers else LONG_TARGET)
        elif self._body_open and self._framing > self._limits.framing_bytes:
            self._refuse(FRAMING)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._limits.target_bytes:
            self._stop(LONG_TARGET)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Also called for trailers, which count as headers."""
        self._header_count += 1
        self._header_bytes += len(name) + len(value) + 4
        if self._header_count > self._limits.headers or self._header_bytes > self._limits.head_bytes:
            self._stop(LARGE_HEAD)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= self._limits.pipelined:
            self._stop(PIPELINED)
        super().on_headers_complete()
        self._head_open, self._body_open = False, True
        self._body = self._framing = 0
        self._since = self._last_body = self.loop.time()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        self._framing = 0
        self._last_body = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._body_open = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        # The time limits of a pipelined request, or of the rest of this body, start now.
        self._since = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        self._upgraded = True
        self.gate.leave(self)
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (the parser's message is too vague)
        """Called by uvicorn when the parser fails or was stopped by a limit."""
        refusal, self._refusal = self._refusal or MALFORMED, None
        self._refuse(refusal)

    def check_timeouts(self, now: float) -> None:
        if self.transport.is_closing() or self._refusal is not None:
            self._end(now)
        elif self._paused is not None:
            if now - self._paused > self._limits.send_seconds:
                self.transport.abort()
        elif self._body_open:
            self._check_body(now)
        elif self._head_open and not self._is_answering and now - self._since > self._limits.head_seconds:
            self._refuse_slow_head()

    @property
    def _is_answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _begin_head(self) -> None:
        if not self._head_open:
            self._head_open, self._received = True, 0
            self._since = self.loop.time()
        self._head = self._header_bytes = self._header_count = 0

    def _check_body(self, now: float) -> None:
        limits = self._limits
        if not self._is_answering:
            # The response did not need the body. It is read and dropped for a while, so that the client can read the response.
            if now - self._since > limits.drain_seconds:
                self.transport.close()
        elif self.flow.read_paused:
            # The app has paused reading; the client is not slow.
            self._since += limits.check_seconds
            self._last_body = now
        elif (
            now - self._last_body > limits.pause_seconds
            or now - self._since > limits.body_seconds + self._body / limits.body_rate
        ):
            self._refuse(SLOW_BODY)

    def _refuse_slow_head(self) -> None:
        """Refuses a slow head. A connection without any data (browsers connect in advance) is closed without an answer."""
        if self._received:
            self._refuse(SLOW_HEAD)
        else:
            self.transport.close()

    def _stop(self, refusal: Refusal) -> None:
        self._refusal = refusal
        raise _RefusedError

    def _refuse(self, refusal: Refusal) -> None:
        """Sends the refusal, then drops incoming data for a moment: an immediate close would reset the connection."""
        self._refusal = refusal
        self.pipeline.clear()
        if self._is_answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if self._is_answering and self.cycle.response_started:
            self.transport.abort()
            return
        self.transport.write(refusal.encoded(self.server_state.default_headers))
        self.transport.write_eof()
        self.flow.resume_reading()

    def _end(self, now: float) -> None:
        if self._ending is None:
            self._ending = now
        closing = self.transport.is_closing()
        if now - self._ending > (self._limits.send_seconds if closing else self._limits.linger_seconds):
            self.transport.abort()
