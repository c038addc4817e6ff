"""Limits and results of downloads, and URLs made safe for messages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """Limits of a download. `content_types`: those accepted (``image/*`` for all of a kind), empty for any.

    `seconds` is for the whole download, `idle_seconds` for each wait for the server.
    """

    max_bytes: int = 512 * 1024 * 1024
    seconds: float = 180.0
    idle_seconds: float = 20.0
    redirects: int = 3
    content_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said to tell versions of a file by (RFC 9110): sent back, it answers that nothing has changed."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a conditional request."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A downloaded file. `size` in bytes; `content_type` as sent by the server, without parameters, in lower case."""

    size: int
    content_type: str
    validators: Validators = Validators()


class NotModifiedError(Exception):
    """The server answers that the file is the one whose validators were sent; nothing was downloaded."""


def shown(url: str) -> str:
    """A URL for messages: without possible secrets (user name, password, query), at most 200 characters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "this URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
