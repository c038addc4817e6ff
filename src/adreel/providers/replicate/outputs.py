"""Where outputs may come from."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from adreel.domain.errors import RefusedError

_DELIVERY = "replicate.delivery"


def check_host(url: str, allowed: Collection[str]) -> None:
    """Raises RefusedError unless the address is Replicate's (by https), or its host (``name`` or ``name:port``) is allowed."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise RefusedError("the provider gave an output address that cannot be read") from error
    if parts.username is not None or parts.password is not None:
        raise RefusedError("the provider gave an output address with a user in it; it was not fetched")
    theirs = parts.scheme == "https" and port in (None, 443) and f".{host}".endswith(f".{_DELIVERY}")
    named = parts.scheme in ("http", "https") and bool({host, f"{host}:{port}"} & set(allowed))
    if not theirs and not named:
        raise RefusedError(
            f"the output lies at {host or url[:40]!r}, which is not Replicate's; it was not fetched. "
            "Allow the host in the settings if it is to be trusted"
        )
