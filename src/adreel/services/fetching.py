"""One checked download over httpx: every hop is checked, and goes to the address that was checked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path

import httpx

from adreel.domain.errors import DownloadError
from adreel.services.addresses import Resolver, is_public
from adreel.services.downloads import Downloaded, DownloadLimits, shown

MAX_ADDRESSES = 4
"""Addresses of one host that are tried, one after the other."""

_CHUNK = 1024 * 1024
_PORTS = {"https": 443, "http": 80}
_OK = 200
_LATER = frozenset({408, 425, 429})
_HEADERS = {
    "Accept": "*/*",
    # Bytes as they are: lengths can be checked, and nothing unpacks to more than was counted.
    "Accept-Encoding": "identity",
    "User-Agent": "adreel",
}


@lru_cache(maxsize=1)
def _usual_context() -> ssl.SSLContext:
    """Reading all certificates takes 20 ms, in which the event loop comes to nothing else: once is enough."""
    return httpx.create_ssl_context(trust_env=False)


class Fetch:
    """Follows a URL by `limits`. `allowed`: hosts that may be inside our network and need no https."""

    def __init__(
        self,
        limits: DownloadLimits,
        allowed: frozenset[str],
        resolver: Resolver,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self._limits = limits
        self._allowed = allowed
        self._resolver = resolver
        self._ssl_context = ssl_context or _usual_context()

    async def run(self, url: str, path: Path) -> Downloaded:
        """Writes what is at `url` to `path`. Raises DownloadError and then may leave a part behind; OSError of `path`."""
        try:
            return await self._follow(url, path)
        except httpx.InvalidURL as error:
            raise DownloadError(f"{shown(url)} leads to what is no URL: {error}", retryable=False) from error
        except httpx.TimeoutException as error:
            raise DownloadError(f"{shown(url)} does not answer; try again later") from error
        except httpx.HTTPError as error:
            if _is_untrusted(error):
                raise DownloadError(
                    f"{shown(url)}: {error}; its certificate is not trusted", retryable=False
                ) from error
            raise DownloadError(f"{shown(url)} cannot be fetched: {error}; try again later") from error

    async def _follow(self, url: str, path: Path) -> Downloaded:
        hop = httpx.URL(url)
        for _ in range(self._limits.redirects + 1):
            answer = await self._hop(hop, path)
            if isinstance(answer, Downloaded):
                return answer
            hop = answer
        raise DownloadError(f"{shown(url)} redirects more than {self._limits.redirects} times", retryable=False)

    async def _hop(self, url: httpx.URL, path: Path) -> Downloaded | httpx.URL:
        *others, last = await self._addresses(url)
        for address in others:
            try:
                return await self._ask(url, address, path)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._ask(url, last, path)

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        """Addresses to which this hop may connect. Raises DownloadError."""
        host, allowed = _host(url), self._is_allowed(url)
        if url.scheme != "https" and not (allowed and url.scheme == "http"):
            raise DownloadError(f"{shown(str(url))} is not an https URL", retryable=False)
        if url.userinfo or not host or not 0 < _port(url) < 65536:
            raise DownloadError(
                f"{shown(str(url))} must be host, perhaps port, and path; no user name", retryable=False
            )
        found = await self._resolver(host, _port(url))
        if not found:
            raise DownloadError(f"{host} has no address", retryable=False)
        # One inner address among public ones is refused as well: honest names do not mix them.
        if not allowed and not all(is_public(address) for address in found):
            raise DownloadError(f"{host} is not on the public internet, so nothing is fetched from it", retryable=False)
        return found[:MAX_ADDRESSES]

    def _is_allowed(self, url: httpx.URL) -> bool:
        return not self._allowed.isdisjoint({_host(url), f"{_host(url)}:{_port(url)}"})

    async def _ask(self, url: httpx.URL, address: str, path: Path) -> Downloaded | httpx.URL:
        """Asks the host at `address`, by its name for certificate and Host header. Returns the file, or where else to ask."""
        request = {"sni_hostname": _host(url)}
        headers = _HEADERS | {"Host": url.netloc.decode("ascii")}
        async with (
            httpx.AsyncClient(
                verify=self._ssl_context, trust_env=False, timeout=self._limits.idle_seconds, headers=headers
            ) as client,
            client.stream("GET", url.copy_with(host=address, fragment=None), extensions=request) as response,
        ):
            if response.has_redirect_location:
                return url.join(response.headers["Location"])
            name = shown(str(url))
            kind = self._check_head(response, name)
            return Downloaded(await self._receive(response, path, name), kind)

    def _check_head(self, response: httpx.Response, name: str) -> str:
        """The content type of an answer that may be received. Raises DownloadError."""
        status = response.status_code
        if status != _OK:
            raise DownloadError(f"{name} answers {status}", retryable=status >= 500 or status in _LATER)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        wanted = self._limits.content_types
        if wanted and not _fits(kind, wanted):
            raise DownloadError(f"{name} is {kind or 'of no type'}; wanted: {', '.join(wanted)}", retryable=False)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise DownloadError(f"{name} comes packed, which was not asked for", retryable=False)
        if (_length(response) or 0) > self._limits.max_bytes:
            raise self._too_large(name)
        return kind

    async def _receive(self, response: httpx.Response, path: Path, name: str) -> int:
        got = 0
        with path.open("wb") as file:
            async for chunk in response.aiter_raw(_CHUNK):
                got += len(chunk)
                if got > self._limits.max_bytes:
                    raise self._too_large(name)
                await asyncio.to_thread(file.write, chunk)
        expected = _length(response)
        if expected is not None and got != expected:
            raise DownloadError(f"{name} broke off after {got} of {expected} bytes; try again")
        return got

    def _too_large(self, name: str) -> DownloadError:
        return DownloadError(f"{name} is larger than {self._limits.max_bytes} bytes", retryable=False)


def _fits(kind: str, wanted: Collection[str]) -> bool:
    family, slash, _ = kind.partition("/")
    return kind in wanted or (slash != "" and f"{family}/*" in wanted)


def _is_untrusted(error: BaseException | None) -> bool:
    """True when a certificate that does not hold is at the root of the error."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _port(url: httpx.URL) -> int:
    return url.port if url.port is not None else _PORTS.get(url.scheme, 0)


def _length(response: httpx.Response) -> int | None:
    """Content-Length, in bytes; None when the server does not say."""
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None
