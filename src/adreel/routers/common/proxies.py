"""The client's address, scheme and host behind a proxy, from the headers of trusted proxies only.

``X-Forwarded-For``, ``-Proto`` and ``-Host`` are read, and the trace of W3C Trace Context. ``Forwarded`` (RFC 7239) is not: a
proxy that sets one kind passes on the other as the client sent it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from adreel.domain.network import Address, Network, parse_address

TRACE = "adreel.trace"
"""Key of the scope of requests from trusted proxies: the headers of the trace that the request belongs to."""

_TRACE_HEADERS = ("traceparent", "tracestate")
_FOR, _PROTO, _HOST = "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"
_SCHEMES = {"http": {"http": "http", "websocket": "ws"}, "https": {"http": "https", "websocket": "wss"}}
_MAX_HOPS = 50
"""Entries of X-Forwarded-For that are read, from the right; chains of trusted proxies are short."""

_UNTRUSTED = "the proxy at %s is not trusted: all its clients count as one, over http; set ADREEL_TRUSTED_PROXIES"
_log = logging.getLogger("adreel.api")


class TrustedProxies:
    """Networks whose ``X-Forwarded-…`` headers are trusted."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)

    def trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)

    def client(self, peer: Address, forwarded_for: Sequence[str]) -> Address:
        """The right-most address that is not a trusted proxy; entries to its left may be forged.

        An invalid entry ends the search at the proxy that wrote it.
        """
        found = peer
        hops = [hop for line in forwarded_for for hop in line.split(",")]
        for hop in reversed(hops[-_MAX_HOPS:]):
            if not self.trusts(found):
                break
            address = parse_address(hop)
            if address is None:
                break
            found = address
        return found


class ProxyMiddleware:
    """The outermost layer: sets the client's address, the scheme and the host as a trusted proxy reports them.

    Headers of other clients are ignored but kept, so that the guard still detects the proxy.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self._app = app
        self._proxies = TrustedProxies(networks)
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self._forwarded(scope)
        await self._app(scope, receive, send)

    def _forwarded(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        peer = parse_address(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._proxies.trusts(peer):
            self._warn(peer, headers)
            return scope
        client = self._proxies.client(peer, headers.getlist(_FOR))
        scheme = _SCHEMES.get(_last(headers, _PROTO).lower(), {}).get(scope["type"], scope.get("scheme", "http"))
        trace = {name: headers[name] for name in _TRACE_HEADERS if name in headers}
        named = {"client": (str(client), 0), "scheme": scheme, "headers": _with_host(scope, headers)}
        return {**scope, **named, TRACE: trace}

    def _warn(self, peer: Address | None, headers: Headers) -> None:
        if _FOR in headers and not self._warned:
            self._warned = True
            _log.warning(_UNTRUSTED, peer or "an unknown address")


def _last(headers: Headers, name: str) -> str:
    """The last entry: the one that the nearest proxy wrote."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def _with_host(scope: Scope, headers: Headers) -> list[tuple[bytes, bytes]]:
    host = _last(headers, _HOST)
    original: list[tuple[bytes, bytes]] = scope["headers"]
    if not host:
        return original
    return [*((name, value) for name, value in original if name != b"host"), (b"host", host.encode("latin-1"))]
