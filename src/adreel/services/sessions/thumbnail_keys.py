"""The storage keys of thumbnails: below their session, so that they are deleted with it."""

from __future__ import annotations

import re

from adreel.domain.sessions.session import Asset

_KEY = re.compile(r"sessions/(?P<session>[A-Za-z0-9_-]{1,64})/thumbnails/(?P<asset>[A-Za-z0-9_-]{1,64})\.webp")


def thumbnail_key(asset: Asset) -> str:
    return f"sessions/{asset.session_id}/thumbnails/{asset.id}.webp"


def pictured(key: str) -> str | None:
    """The id of the asset of a thumbnail's key; None for any other key."""
    match = _KEY.fullmatch(key)
    return match["asset"] if match else None
