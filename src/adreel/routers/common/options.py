"""Options of the API as plain values. The code that builds the app derives them from the settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import SetupError
from adreel.domain.network import Network, is_loopback, is_loopback_url

MEGABYTE = 1024 * 1024
_ORIGIN = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]*]+)(?::[0-9]{1,5})?")
"""Scheme, host and perhaps a port: no user, path or query."""
MAX_UPLOAD = 500 * MEGABYTE


@dataclass(frozen=True, slots=True)
class AppOptions:
    """Sizes in bytes, times in seconds. Raises SetupError for invalid values.

    `auth_required`: when off, every client is the one local user; only direct requests from this machine to loopback names are
    served, and a `public_url`, `allowed_hosts` or `trusted_proxies` beyond this machine is rejected. When on, an empty
    `allowed_hosts` serves any host name. `trusted_proxies`: networks whose ``X-Forwarded-…`` headers are trusted.
    `allowed_origins`: origins (``https://studio.example``) whose pages may call the API from browsers, besides its own.
    `public_url`: base of links in answers; without it they are relative paths. `https`: clients reach the service by
    https only, so Strict-Transport-Security may be sent. `metrics_token`: bearer token for ``/metrics``; with authentication
    on and no token metrics are not served. `work_folder`: where uploads are inspected; the system's temporary folder by default.
    `listeners_per_user` and `listeners`: WebSockets that may follow sessions at once in this process.
    `keep_days`: days after which unchanged sessions are deleted; None for never.
    `max_webhook` has room for an order's images, which providers repeat in their webhooks.
    """

    auth_required: bool = True
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    public_url: str | None = None
    https: bool = False
    metrics_token: str | None = None
    work_folder: Path | None = None
    keep_days: int | None = None
    max_body: int = MEGABYTE
    max_webhook: int = 4 * MEGABYTE
    max_files: int = 40
    max_file: int = 50 * MEGABYTE
    max_upload: int = MAX_UPLOAD
    decoders: int = 2
    link_seconds: int = 3600
    ticket_seconds: int = 60
    heartbeat_seconds: float = 15.0
    send_seconds: float = 10.0
    listeners_per_user: int = 50
    listeners: int = 2000

    def __post_init__(self) -> None:
        for origin in (*self.allowed_origins, *((self.public_url,) if self.public_url else ())):
            if not _ORIGIN.fullmatch(origin):
                raise SetupError(f"{origin!r} is no origin; write it as https://host or https://host:port")
        if not self.auth_required:
            self._check_private()
        if "*" in self.allowed_hosts:
            raise SetupError("'*' is no host name; leave the allowed hosts empty to serve any")
        sizes = (self.max_body, self.max_webhook, self.max_files, self.max_file, self.max_upload)
        if min(*sizes, self.decoders, self.listeners_per_user, self.listeners) < 1:
            raise SetupError("limits of the API must be 1 or more")

    def _check_private(self) -> None:
        others = [host for host in self.allowed_hosts if not is_loopback(host)]
        if self.public_url and not is_loopback_url(self.public_url):
            others.append(self.public_url)
        if others or self.trusted_proxies:
            way = others[0] if others else f"the proxy {self.trusted_proxies[0]}"
            raise SetupError(f"{way} lets others in, and without a login they could do everything: switch the login on")
