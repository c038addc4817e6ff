"""One checked download over httpx: every hop is checked, and connects to the address that was checked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from pathlib import Path

import httpx

from adreel.domain.errors import DownloadError
from adreel.services.storage.addresses import Resolver
from adreel.services.storage.checked_hosts import CheckedHosts, host_of, usual_context
from adreel.services.storage.download_types import Downloaded, DownloadLimits, NotModifiedError, Validators, shown

_CHUNK = 1024 * 1024
_OK = 200
_NOT_MODIFIED = 304
_LATER = frozenset({408, 425, 429})
_HEADERS = {
    "Accept": "*/*",
    # Uncompressed: lengths can be checked, and nothing expands beyond the limit.
    "Accept-Encoding": "identity",
    "User-Agent": "adreel",
}


class Fetch:
    """Follows a URL within `limits`. `allowed`: hosts that may be internal and need no https. `known`: the validators of the file
    that is at hand, which is not sent again."""

    def __init__(
        self,
        limits: DownloadLimits,
        allowed: frozenset[str],
        resolver: Resolver,
        ssl_context: ssl.SSLContext | None,
        known: Validators | None = None,
    ) -> None:
        self._limits = limits
        self._hosts = CheckedHosts(allowed, resolver)
        self._ssl_context = ssl_context or usual_context()
        self._conditions = known.headers if known else {}

    async def run(self, url: str, path: Path) -> Downloaded:
        """Downloads `url` to `path`. Raises DownloadError, which may leave a partial file, NotModifiedError, and OSError of
        `path`."""
        try:
            return await self._follow(url, path)
        except httpx.InvalidURL as error:
            raise DownloadError(f"{shown(url)} redirects to an invalid URL: {error}", retryable=False) from error
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
        *others, last = await self._hosts.addresses(url)
        for address in others:
            try:
                return await self._request(url, address, path)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._request(url, last, path)

    async def _request(self, url: httpx.URL, address: str, path: Path) -> Downloaded | httpx.URL:
        """Requests the URL from `address`, with its name for certificate and Host header. Returns the file or a redirect."""
        extensions = {"sni_hostname": host_of(url)}
        headers = _HEADERS | self._conditions | {"Host": url.netloc.decode("ascii")}
        async with (
            httpx.AsyncClient(
                verify=self._ssl_context, trust_env=False, timeout=self._limits.idle_seconds, headers=headers
            ) as client,
            client.stream("GET", url.copy_with(host=address, fragment=None), extensions=extensions) as response,
        ):
            if response.has_redirect_location:
                return url.join(response.headers["Location"])
            if response.status_code == _NOT_MODIFIED and self._conditions:
                raise NotModifiedError
            name = shown(str(url))
            kind = self._check_head(response, name)
            return Downloaded(await self._receive(response, path, name), kind, _validators(response))

    def _check_head(self, response: httpx.Response, name: str) -> str:
        """Checks status, type, encoding and length; returns the content type. Raises DownloadError."""
        status = response.status_code
        if status != _OK:
            raise DownloadError(f"{name} answers {status}", retryable=status >= 500 or status in _LATER)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        accepted = self._limits.content_types
        if accepted and not _fits(kind, accepted):
            raise DownloadError(f"{name} is {kind or 'of no type'}; wanted: {', '.join(accepted)}", retryable=False)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise DownloadError(f"{name} comes packed, which was not asked for", retryable=False)
        if (_length(response) or 0) > self._limits.max_bytes:
            raise self._too_large(name)
        return kind

    async def _receive(self, response: httpx.Response, path: Path, name: str) -> int:
        received = 0
        with path.open("wb") as file:
            async for chunk in response.aiter_raw(_CHUNK):
                received += len(chunk)
                if received > self._limits.max_bytes:
                    raise self._too_large(name)
                await asyncio.to_thread(file.write, chunk)
        expected = _length(response)
        if expected is not None and received != expected:
            raise DownloadError(f"{name} broke off after {received} of {expected} bytes; try again")
        return received

    def _too_large(self, name: str) -> DownloadError:
        return DownloadError(f"{name} is larger than {self._limits.max_bytes} bytes", retryable=False)


def _validators(response: httpx.Response) -> Validators:
    return Validators(response.headers.get("ETag"), response.headers.get("Last-Modified"))


def _fits(kind: str, accepted: Collection[str]) -> bool:
    family, slash, _ = kind.partition("/")
    return kind in accepted or (slash != "" and f"{family}/*" in accepted)


def _is_untrusted(error: BaseException | None) -> bool:
    """True when an invalid certificate is the root cause of the error."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _length(response: httpx.Response) -> int | None:
    """Content-Length in bytes; None when it is missing or invalid."""
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None
