"""What surrounds every request: its id, security headers, the access log, figures, and errors that nobody foresaw."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adreel.routers.logs import request_id
from adreel.routers.metrics import UNMATCHED, Metrics
from adreel.routers.problems import unexpected

REQUEST_ID = "x-request-id"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_MAX_PATH = 300
_SOCKET_ERROR = 1011
_LEFT = 499
"""What proxies log for a client that did not wait; never sent."""

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    # Answers hold signed links and a person's data: no cache in between may keep them.
    "cache-control": "no-store",
}
"""Set unless the route has set its own."""

_HTTPS_ONLY = "max-age=31536000"

_log = logging.getLogger("adreel.api")
_access = logging.getLogger("adreel.access")


@dataclass
class _Exchange:
    """One request and what became of it."""

    scope: Scope
    id: str
    began: float = field(default_factory=time.perf_counter)
    status: int = 0

    @property
    def method(self) -> str:
        return str(self.scope.get("method", "WS"))

    @property
    def path(self) -> str:
        """As it was sent, percent-encoded, without the query: that may hold signatures."""
        raw: bytes = self.scope.get("raw_path") or b""
        return raw.decode("ascii", "backslashreplace").partition("?")[0][:_MAX_PATH]

    @property
    def route(self) -> str:
        return str(getattr(self.scope.get("route"), "path", UNMATCHED))

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


class RequestMiddleware:
    """The outermost of ours. `https` tells browsers to come by https only from now on."""

    def __init__(self, app: ASGIApp, metrics: Metrics, make_id: Callable[[], str], *, https: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._make_id = make_id
        self._headers = {**_HEADERS, **({"strict-transport-security": _HTTPS_ONLY} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        exchange = _Exchange(scope, given if _SANE_ID.fullmatch(given) else self._make_id())
        token = request_id.set(exchange.id)
        try:
            await self._answer(exchange, receive, self._sending(exchange, send))
        finally:
            self._tell(exchange)
            request_id.reset(token)

    async def _answer(self, exchange: _Exchange, receive: Receive, send: Send) -> None:
        try:
            await self._app(exchange.scope, receive, send)
        except ClientDisconnect:
            # Nobody is there to be told, and nothing of ours went wrong.
            exchange.status = _LEFT
        except Exception:
            _log.exception("%s %s failed", exchange.method, exchange.route)
            if exchange.scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": _SOCKET_ERROR})
            elif exchange.status == 0:
                await unexpected()(exchange.scope, receive, send)
            else:
                # The answer has begun: only a broken connection can tell that the rest will not come.
                raise

    def _sending(self, exchange: _Exchange, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                self._add_headers(exchange, MutableHeaders(scope=message))
            elif message["type"] == "websocket.close":
                exchange.status = message.get("code", 1000)
            await send(message)

        return sending

    def _add_headers(self, exchange: _Exchange, headers: MutableHeaders) -> None:
        headers[REQUEST_ID] = exchange.id
        for name, value in self._headers.items():
            headers.setdefault(name, value)

    def _tell(self, exchange: _Exchange) -> None:
        seconds = exchange.seconds
        if exchange.scope["type"] == "http":
            self._metrics.answered(exchange.route, exchange.method, exchange.status, seconds)
        client = exchange.scope.get("client")
        known = {
            "method": exchange.method,
            "path": exchange.path,
            "route": exchange.route,
            "status": exchange.status,
            "ms": round(seconds * 1000, 1),
            "client": client[0] if client else "",
        }
        _access.info("%s %s %d %.1f ms", exchange.method, exchange.path, exchange.status, seconds * 1000, extra=known)
