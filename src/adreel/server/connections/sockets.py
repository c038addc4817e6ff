"""uvicorn's WebSocket protocol with limits on what a client sends and leaves unread."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, cast

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from adreel.server.connections.gate import Gate


class GuardedSocket(WebSocketsSansIOProtocol):
    """Aborts clients that send too much or do not read the replies to their pings. See `GuardedHttp`."""

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
        self._began = self._filled = self.loop.time()
        self._level = 0.0
        self._ending: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # Takes the place of the HTTP connection, which has just left the gate.
        self.gate.enter(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        self.gate.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_flood(len(data)):
            self.transport.abort()
            return
        super().data_received(data)
        # Pongs are written whether or not they are read.
        if self._unread > self._limits.socket_backlog:
            self.transport.abort()

    def check_timeouts(self, now: float) -> None:
        limits = self._limits
        if self.transport.is_closing():
            self._ending = now if self._ending is None else self._ending
            if now - self._ending > limits.send_seconds:
                self.transport.abort()
        elif not self.handshake_complete and now - self._began > limits.head_seconds:
            self.transport.abort()

    def _is_flood(self, size: int) -> bool:
        """A leaky bucket; it includes the bytes of the handshake."""
        now = self.loop.time()
        self._level = max(0.0, self._level - (now - self._filled) * self._limits.socket_rate) + size
        self._filled = now
        return self._level > self._limits.socket_bytes + self._limits.head_bytes

    @property
    def _unread(self) -> int:
        return cast("asyncio.WriteTransport", self.transport).get_write_buffer_size()
