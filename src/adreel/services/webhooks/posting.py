"""Sends webhooks to the addresses of users, which are checked as those of downloads are."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection, Mapping

from adreel.domain.accounts.webhooks import MAX_URL
from adreel.domain.errors import InputError
from adreel.services.storage.addresses import Resolver, resolve

SECONDS = 15.0
"""The time in which a receiver must answer; it should do its work afterwards."""


class WebhookPoster:
    """Posts to https addresses on the public internet, and to `allowed_hosts` (``name`` or ``name:port``).

    Redirects are not followed and no answer is read beyond its status. `ssl_context` is for certificates other than the usual
    ones.
    """

    def __init__(
        self,
        allowed_hosts: Collection[str] = (),
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._seconds = seconds

    async def check(self, url: str) -> None:
        """Raises InputError for an address to which no webhook may be sent."""
        if len(url) > MAX_URL:
            raise InputError(f"the address has {len(url)} characters; give one of {MAX_URL} at most")
        # httpx takes a third of a second to load, and most commands are done without it.
        from adreel.services.webhooks.requests import check_address

        try:
            async with asyncio.timeout(self._seconds):
                await check_address(url, self._allowed, self._resolver)
        except TimeoutError as error:
            raise InputError("the address of the host cannot be found in time; try again later") from error

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Posts a body; returns the status. Raises DownloadError when no answer comes in time or the address is refused."""
        from adreel.services.webhooks.requests import Post

        post = Post(self._allowed, self._resolver, self._ssl_context, self._seconds)
        return await post.run(url, headers, body)
