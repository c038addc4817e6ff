"""Downloads files from other hosts, trusting neither the URL nor the response."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from pathlib import Path

from adreel.domain.errors import DownloadError
from adreel.domain.machine_faults import fault_or
from adreel.services.storage.addresses import Resolver, resolve
from adreel.services.storage.atomic import whole_file
from adreel.services.storage.download_types import Downloaded, DownloadLimits, NotModifiedError, Validators, shown


class Downloader:
    """Downloads by http(s), directly (no proxy of the environment), without cookies or tokens.

    Only https, and only public addresses, except for `allowed_hosts` (``name`` or ``name:port``). A name is resolved once
    per hop, its addresses are checked, and the connection goes to one of them, which prevents DNS rebinding. `ssl_context` is
    for certificates other than the usual ones.
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

    async def fetch_if_changed(
        self, url: str, path: Path, known: Validators, limits: DownloadLimits | None = None
    ) -> Downloaded | None:
        """Downloads `url` to `path` unless the server says that it is still the file with the validators `known`: then None,
        and `path` is left as it is. Raises DownloadError."""
        try:
            return await self.fetch(url, path, limits, known)
        except NotModifiedError:
            return None

    async def fetch(
        self, url: str, path: Path, limits: DownloadLimits | None = None, known: Validators | None = None
    ) -> Downloaded:
        """Downloads `url` to `path` atomically. Raises DownloadError; with `known` as `fetch_if_changed` uses it, also
        NotModifiedError."""
        # httpx takes a third of a second to load, and most films are made without it.
        from adreel.services.storage.fetching import Fetch

        rules = limits or self._limits
        fetch = Fetch(rules, self._allowed, self._resolver, self._ssl_context, known)
        try:
            async with asyncio.timeout(rules.seconds):
                with whole_file(path) as temporary:
                    return await fetch.run(url, temporary)
        except TimeoutError as error:
            raise DownloadError(f"{shown(url)} was not there after {rules.seconds:g} seconds") from error
        except OSError as error:
            failed = DownloadError(f"cannot write {path}: {error.strerror}")
            raise fault_or(error, path.parent, failed) from error
