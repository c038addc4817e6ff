"""Guards in front of all routes: direct access, host names, origins of web pages, sizes of bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adreel.domain.network import is_loopback, is_same_origin, parse_address
from adreel.routers.common.options import AppOptions
from adreel.routers.common.problems import Problem

_PROXY_HEADERS = frozenset(
    {
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-host",
        "x-proxyuser-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "fastly-client-ip",
        "fly-client-ip",
    }
)
_PROXY_PREFIXES = ("x-forwarded-", "x-original-forwarded-", "x-envoy-", "x-azure-", "tailscale-", "cf-")
"""Headers that proxies and tunnels add; direct clients do not send them."""

_PRIVATE = (
    "this service runs without a login, for this machine only. To let others in, set ADREEL_PUBLIC_URL to the address that "
    "they use (or ADREEL_AUTH=on) and ADREEL_TRUSTED_PROXIES to the proxy's address, and restart: users must log in from then on"
)
_WRONG_HOST = "this host name is not served here"
_TWO_HOSTS = "the request names two hosts; send one Host header"
_PROXY = "this request came through a proxy, but "
_ORIGIN = "pages of this origin may not use the service; list the origin in ADREEL_CORS_ORIGINS to allow it"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PROBES = frozenset({"/health", "/ready"})
"""Monitoring requests these by IP address; they return nothing confidential."""

_UPLOAD = re.compile(r"/api/sessions/[^/]+/images|/api/check|/api/files|/api/batches(?:/preview)?")
_WEBHOOKS = "/api/webhooks/"
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?")
_SOCKET_CLOSE = 1008


class HostOriginPolicy:
    """Allows or refuses requests by client address and the `Host` and `Origin` headers.

    Without a login any web page could reach a service on this machine through a host name that resolves to loopback
    (DNS rebinding), or send requests across origins. Hosts are therefore always checked, and origins for every request
    that changes something and for WebSockets.
    """

    def __init__(self, options: AppOptions) -> None:
        own = urlsplit(options.public_url).hostname if options.public_url else None
        listed = {host.lower() for host in options.allowed_hosts} | ({own} if own else set())
        self.is_private = not options.auth_required
        self._any_host = options.auth_required and not options.allowed_hosts
        self._hosts = listed
        self._origins = {*options.allowed_origins, *((options.public_url,) if options.public_url else ())}

    def is_host(self, headers: Mapping[str, str]) -> bool:
        match = _HOST.fullmatch(headers.get("host", "").lower())
        if match is None:
            return False
        host = match["v6"] or match["name"]
        return self._any_host or host in self._hosts or (self.is_private and is_loopback(host))

    def is_direct(self, client: str | None, headers: Iterable[str]) -> bool:
        """True for a request from this machine without a proxy in between; always true with authentication.

        A local proxy connects from loopback too, but most proxies and tunnels add a header.
        """
        if not self.is_private:
            return True
        address = parse_address(client) if client else None
        return address is not None and address.is_loopback and not any(map(_is_proxy_header, headers))

    def is_origin(self, headers: Mapping[str, str]) -> bool:
        """True for the service's own pages, allowed origins, and programs, which send no origin."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return origin in self._origins or is_same_origin(origin, headers.get("host", ""))


class GuardMiddleware:
    """Refuses requests for unknown hosts (400) and from unknown origins (403). WebSockets are refused before they open."""

    def __init__(self, app: ASGIApp, policy: HostOriginPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _SOCKET_CLOSE})
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        refusal = None if scope["path"] in _PROBES else self._host_refusal(scope, headers)
        if refusal is None and scope.get("method") not in _SAFE and not self._policy.is_origin(headers):
            return Problem(403, "origin", _ORIGIN)
        return refusal

    def _host_refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        if len(headers.getlist("host")) > 1:
            return Problem(400, "host", _TWO_HOSTS)
        client = scope.get("client")
        if not self._policy.is_direct(client[0] if client else None, headers):
            return Problem(400, "proxy", f"{_PROXY}{_PRIVATE}")
        if not self._policy.is_host(headers):
            return Problem(400, "host", f"{_WRONG_HOST}: {_PRIVATE}" if self._policy.is_private else _WRONG_HOST)
        return None


class BodyLimitMiddleware:
    """Refuses bodies over the limit (413): at once by Content-Length, otherwise while they are read."""

    def __init__(self, app: ASGIApp, options: AppOptions) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and (len(length) > 18 or int(length) > limit):
            await Problem(413, "too-large", _too_large(limit))(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)

    def _limit(self, path: str) -> int:
        if _UPLOAD.fullmatch(path):
            return self._options.max_upload
        return self._options.max_webhook if path.startswith(_WEBHOOKS) else self._options.max_body


def _is_proxy_header(name: str) -> bool:
    return name in _PROXY_HEADERS or name.startswith(_PROXY_PREFIXES)


def _counted(receive: Receive, limit: int) -> Receive:
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return counted


def _too_large(limit: int) -> str:
    return f"the request is too large; at most {limit} bytes are accepted"
