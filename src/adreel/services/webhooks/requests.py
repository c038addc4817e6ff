"""One checked POST over httpx: it connects to the address that was checked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import httpx

from adreel.domain.errors import DownloadError, InputError
from adreel.services.storage.addresses import Resolver
from adreel.services.storage.checked_hosts import CheckedHosts, host_of, usual_context
from adreel.services.storage.download_types import shown

_HEADERS = {"Content-Type": "application/json", "User-Agent": "adreel", "Accept-Encoding": "identity"}


async def check_address(url: str, allowed: frozenset[str], resolver: Resolver) -> None:
    """Raises InputError for an address to which no request may be sent."""
    try:
        await CheckedHosts(allowed, resolver).addresses(httpx.URL(url))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InputError(f"{shown(url)} is no URL: {error}") from error
    except DownloadError as error:
        raise InputError(f"webhooks cannot be sent there: {error}") from error


class Post:
    """`seconds` is for the whole request. `allowed`: hosts that may be internal and need no https."""

    def __init__(
        self, allowed: frozenset[str], resolver: Resolver, ssl_context: ssl.SSLContext | None, seconds: float
    ) -> None:
        self._hosts = CheckedHosts(allowed, resolver)
        self._ssl_context = ssl_context or usual_context()
        self._seconds = seconds

    async def run(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Returns the status of the answer. Raises DownloadError."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(httpx.URL(url), {**_HEADERS, **headers}, body)
        except TimeoutError as error:
            raise DownloadError(f"{shown(url)} did not answer within {self._seconds:g} seconds") from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise DownloadError(f"{shown(url)} is no URL: {error}", retryable=False) from error
        except httpx.HTTPError as error:
            raise DownloadError(f"{shown(url)} cannot be reached: {error or type(error).__name__}") from error

    async def _post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> int:
        *others, last = await self._hosts.addresses(url)
        for address in others:
            try:
                return await self._to(address, url, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._to(last, url, headers, body)

    async def _to(self, address: str, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> int:
        """Posts to one address, with the URL's name for certificate and Host header."""
        everything = {**headers, "Host": url.netloc.decode("ascii")}
        request = url.copy_with(host=address, fragment=None)
        extensions = {"sni_hostname": host_of(url)}
        async with (
            httpx.AsyncClient(verify=self._ssl_context, trust_env=False, timeout=self._seconds) as client,
            client.stream("POST", request, headers=everything, content=body, extensions=extensions) as response,
        ):
            return response.status_code
