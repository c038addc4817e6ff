"""How the API is served, as plain values. Settings stay with whoever builds the app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import SetupError

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AppOptions:
    """Sizes in bytes, times in seconds. Raises SetupError for values that cannot be right.

    `auth_required`: off means that everybody who reaches the service is its one local user; then only loopback names and
    `allowed_hosts` are served. With it on, an empty `allowed_hosts` serves any host name.
    `allowed_origins`: origins (``https://studio.example``) whose pages may call the API from browsers, besides its own.
    `public_url`: base of links in answers; without it they are relative paths. `https`: the service is reached by https
    only, so browsers may be told to remember that. `metrics_token`: bearer token for ``/metrics``; with authentication on
    and no token metrics are not served. `work_folder`: where uploads are looked at; the system's own place by default.
    `max_webhook` has room for an order's pictures, which providers repeat in what they tell.
    """

    auth_required: bool = True
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None
    https: bool = False
    metrics_token: str | None = None
    work_folder: Path | None = None
    max_body: int = MEGABYTE
    max_webhook: int = 4 * MEGABYTE
    max_files: int = 40
    max_file: int = 50 * MEGABYTE
    max_upload: int = 500 * MEGABYTE
    decoders: int = 2
    link_seconds: int = 3600
    ticket_seconds: int = 60
    heartbeat_seconds: float = 15.0
    send_seconds: float = 10.0

    def __post_init__(self) -> None:
        for origin in (*self.allowed_origins, *((self.public_url,) if self.public_url else ())):
            if not origin.startswith(("https://", "http://")) or origin.endswith("/"):
                raise SetupError(f"{origin!r} is no origin; write it as https://host or https://host:port")
        if "*" in self.allowed_hosts:
            raise SetupError("'*' is no host name; leave the allowed hosts empty to serve any")
        if min(self.max_body, self.max_webhook, self.max_files, self.max_file, self.max_upload, self.decoders) < 1:
            raise SetupError("limits of the API must be 1 or more")
