"""Request middleware: request ids, security headers, access log, metrics, and unexpected errors."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adreel.domain.work.tracing import NO_TRACE, NO_TRACES, Span, SpanKind, Tracer, traced_by
from adreel.routers.common.metrics import UNMATCHED, Metrics, method_label, request_id
from adreel.routers.common.problems import unexpected_error
from adreel.routers.common.proxies import TRACE

REQUEST_ID = "x-request-id"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_MAX_PATH = 300
_SOCKET_ERROR = 1011
_LEFT = 499
"""Logged when the client disconnected early, as proxies do; never sent."""

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    # Responses contain signed links and personal data: no shared cache may store them.
    "cache-control": "no-store",
}
"""Defaults; a route's own headers take precedence."""

_UNTRACED = frozenset({"/health", "/ready", "/metrics"})
"""Paths that monitoring requests all the time."""

_FAILED = 500
_HTTPS_ONLY = "max-age=31536000"

_log = logging.getLogger("adreel.api")
_access = logging.getLogger("adreel.access")


@dataclass
class _Exchange:
    """One request and its outcome."""

    scope: Scope
    id: str
    began: float = field(default_factory=time.perf_counter)
    status: int = 0

    @property
    def method(self) -> str:
        return str(self.scope.get("method", "WS"))

    @property
    def method_label(self) -> str:
        """The method, or a word for those that clients make up."""
        return method_label(self.method)

    @property
    def path(self) -> str:
        """As sent, percent-encoded, without the query, which may contain signatures."""
        raw: bytes = self.scope.get("raw_path") or b""
        return raw.decode("ascii", "backslashreplace").partition("?")[0][:_MAX_PATH]

    @property
    def route(self) -> str:
        return str(getattr(self.scope.get("route"), "path", UNMATCHED))

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


class RequestMiddleware:
    """Wraps all routes. `https` adds Strict-Transport-Security: browsers then use https only. `tracer` records each request."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        make_id: Callable[[], str],
        *,
        https: bool,
        tracer: Tracer = NO_TRACES,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracer = tracer
        self._make_id = make_id
        self._headers = {**_HEADERS, **({"strict-transport-security": _HTTPS_ONLY} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        client_id = Headers(scope=scope).get(REQUEST_ID, "")
        exchange = _Exchange(scope, client_id if _SANE_ID.fullmatch(client_id) else self._make_id())
        token = request_id.set(exchange.id)
        try:
            with self._traced(exchange):
                try:
                    await self._answer(exchange, receive, self._sending(exchange, send))
                finally:
                    self._record(exchange)
        finally:
            request_id.reset(token)

    @contextmanager
    def _traced(self, exchange: _Exchange) -> Generator[None]:
        """Records an HTTP request. The trace that a request claims to belong to counts only if a trusted proxy says it.

        WebSockets are left out: they last for hours.
        """
        if self._tracer is NO_TRACES or exchange.scope["type"] != "http" or exchange.path in _UNTRACED:
            yield
            return
        carried = exchange.scope.get(TRACE, NO_TRACE)
        name, facts = exchange.method_label, {"method": exchange.method_label}
        with (
            traced_by(self._tracer),
            self._tracer.resume(carried),
            self._tracer.span(name, SpanKind.SERVER, facts) as each,
        ):
            try:
                yield
            finally:
                _note_answer(each, exchange)

    async def _answer(self, exchange: _Exchange, receive: Receive, send: Send) -> None:
        try:
            await self._app(exchange.scope, receive, send)
        except ClientDisconnect:
            # The client has disconnected; this is no error of the service.
            exchange.status = _LEFT
        except Exception as error:
            _log.exception("%s %s failed", exchange.method, exchange.route)
            if exchange.scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": _SOCKET_ERROR})
            elif exchange.status == 0:
                await unexpected_error(error)(exchange.scope, receive, send)
            else:
                # The response has started: only a broken connection shows the client that it is incomplete.
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

    def _record(self, exchange: _Exchange) -> None:
        seconds = exchange.seconds
        if exchange.scope["type"] == "http":
            self._metrics.answered(exchange.route, exchange.method, exchange.status, seconds)
        client = exchange.scope.get("client")
        fields = {
            "method": exchange.method,
            "path": exchange.path,
            "route": exchange.route,
            "status": exchange.status,
            "ms": round(seconds * 1000, 1),
            "client": client[0] if client else "",
        }
        _access.info("%s %s %d %.1f ms", exchange.method, exchange.path, exchange.status, seconds * 1000, extra=fields)


def _note_answer(each: Span, exchange: _Exchange) -> None:
    """Names the span by the route's template: paths have ids."""
    if exchange.route != UNMATCHED:
        each.rename(f"{exchange.method_label} {exchange.route}")
        each.note(route=exchange.route)
    each.note(status=exchange.status, request=exchange.id)
    if exchange.status >= _FAILED:
        each.fail(str(exchange.status))
