"""Who may reach the service at all: host names, origins of web pages, sizes of bodies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adreel.routers.options import AppOptions
from adreel.routers.problems import Problem

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PROBES = frozenset({"/health", "/ready"})
"""Asked for by address by whoever watches the service; they tell nothing that is worth guarding."""

_UPLOAD = re.compile(r"/api/sessions/[^/]+/images")
_WEBHOOKS = "/api/webhooks/"
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?")
_SOCKET_CLOSE = 1008


class Visitors:
    """Decides by the `Host` and `Origin` headers.

    Without logins any web page could reach a service on this machine under a name of its own that it points to loopback
    (DNS rebinding), or write to it across origins: hosts are therefore checked, and origins of everything that changes
    something or listens.
    """

    def __init__(self, options: AppOptions) -> None:
        own = urlsplit(options.public_url).hostname if options.public_url else None
        listed = {host.lower() for host in options.allowed_hosts} | ({own} if own else set())
        self._any_host = options.auth_required and not options.allowed_hosts
        self._hosts = _LOOPBACK | listed if not options.auth_required else listed
        self._origins = {*options.allowed_origins, *((options.public_url,) if options.public_url else ())}

    def is_host(self, headers: Mapping[str, str]) -> bool:
        match = _HOST.fullmatch(headers.get("host", "").lower())
        if match is None:
            return False
        return self._any_host or (match["v6"] or match["name"]) in self._hosts

    def is_origin(self, headers: Mapping[str, str]) -> bool:
        """True for our own pages, allowed ones, and programs, which send no origin."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return origin in self._origins or (_netloc(origin) == headers.get("host", "").lower() != "")


class GuardMiddleware:
    """Turns away requests for other hosts (400) and from other origins (403). WebSockets are refused before they open."""

    def __init__(self, app: ASGIApp, visitors: Visitors) -> None:
        self._app = app
        self._visitors = visitors

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
        if scope["path"] not in _PROBES and not self._visitors.is_host(headers):
            return Problem(400, "host", "this host name is not served here; add it to the allowed hosts")
        if scope.get("method") not in _SAFE and not self._visitors.is_origin(headers):
            return Problem(403, "origin", "pages of this origin may not use the service; add it to the allowed origins")
        return None


class BodyLimitMiddleware:
    """Refuses bodies over the limit (413): at once when their length is told, else when they come to it."""

    def __init__(self, app: ASGIApp, options: AppOptions) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        told = Headers(scope=scope).get("content-length", "")
        if told.isdecimal() and (len(told) > 18 or int(told) > limit):
            await Problem(413, "too-large", _too_large(limit))(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)

    def _limit(self, path: str) -> int:
        if _UPLOAD.fullmatch(path):
            return self._options.max_upload
        return self._options.max_webhook if path.startswith(_WEBHOOKS) else self._options.max_body


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
    return f"at most {limit} bytes are taken in one request"


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
