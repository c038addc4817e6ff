"""Fetching files from elsewhere, trusting neither the URL nor the answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from adreel.domain.errors import DownloadError
from adreel.services.addresses import Resolver, resolve
from adreel.services.storage.files import whole_file


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """What a download may take. `content_types`: those accepted (``image/*`` for all of a kind), empty for any.

    `seconds` is for the whole download, `idle_seconds` for every wait for the other side.
    """

    max_bytes: int = 512 * 1024 * 1024
    seconds: float = 180.0
    idle_seconds: float = 20.0
    redirects: int = 3
    content_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that has come. `size` in bytes; `content_type` as the server says, without parameters, in small letters."""

    size: int
    content_type: str


class Downloader:
    """Fetches by http(s), straight (no proxy of the environment), without cookies or tokens.

    Only https, and only public addresses, except for `allowed_hosts` (``name`` or ``name:port``). A name is resolved once
    per hop, its addresses are checked, and the connection goes to one of these: a name that means something else a moment
    later gains nothing. `ssl_context` for certificates other than the usual ones.
    """

    def __init__(
        self,
        limits: DownloadLimits | None = None,
        allowed_hosts: Collection[str] = (),
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or DownloadLimits()
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._resolver = resolver
        self._ssl_context = ssl_context

    async def fetch(self, url: str, path: Path, limits: DownloadLimits | None = None) -> Downloaded:
        """Writes what is at `url` to `path`, whole or not at all. Raises DownloadError."""
        # httpx takes a third of a second to load, and most films are made without it.
        from adreel.services.fetching import Fetch

        rules = limits or self._limits
        fetch = Fetch(rules, self._allowed, self._resolver, self._ssl_context)
        try:
            async with asyncio.timeout(rules.seconds):
                with whole_file(path) as temporary:
                    return await fetch.run(url, temporary)
        except TimeoutError as error:
            raise DownloadError(f"{shown(url)} was not there after {rules.seconds:g} seconds") from error
        except OSError as error:
            raise DownloadError(f"cannot write {path}: {error.strerror}") from error


def shown(url: str) -> str:
    """A URL fit to be shown: without what may be secret (passwords, the signature in a query) and not endless."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "this URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
