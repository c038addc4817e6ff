"""The addresses to which a request may connect: those of https hosts on the public internet, and of hosts that are allowed."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from functools import lru_cache

import httpx

from adreel.domain.errors import DownloadError
from adreel.services.storage.addresses import Resolver, is_public
from adreel.services.storage.download_types import shown

MAX_ADDRESSES = 4
"""Addresses of one host that are tried in turn."""

_PORTS = {"https": 443, "http": 80}


@lru_cache(maxsize=1)
def usual_context() -> ssl.SSLContext:
    """Cached: loading all certificates blocks the event loop for 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


class CheckedHosts:
    """`allowed`: hosts (``name`` or ``name:port``) that may be internal and need no https."""

    def __init__(self, allowed: frozenset[str], resolver: Resolver) -> None:
        self._allowed = allowed
        self._resolver = resolver

    async def addresses(self, url: httpx.URL) -> Sequence[str]:
        """The addresses to which a request of this URL may connect, which prevents DNS rebinding. Raises DownloadError."""
        host, allowed = host_of(url), self._is_allowed(url)
        if url.scheme != "https" and not (allowed and url.scheme == "http"):
            raise DownloadError(f"{shown(str(url))} is not an https URL", retryable=False)
        if url.userinfo or not host or not 0 < _port(url) < 65536:
            raise DownloadError(
                f"{shown(str(url))} must be host, perhaps port, and path; no user name", retryable=False
            )
        found = await self._resolver(host, _port(url))
        if not found:
            raise DownloadError(f"{host} has no address", retryable=False)
        # One internal address among public ones is rejected as well: honest names do not mix them.
        if not allowed and not all(is_public(address) for address in found):
            raise DownloadError(f"{host} is not on the public internet, so no request is sent to it", retryable=False)
        return found[:MAX_ADDRESSES]

    def _is_allowed(self, url: httpx.URL) -> bool:
        return not self._allowed.isdisjoint({host_of(url), f"{host_of(url)}:{_port(url)}"})


def host_of(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _port(url: httpx.URL) -> int:
    return url.port if url.port is not None else _PORTS.get(url.scheme, 0)
