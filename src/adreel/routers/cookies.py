"""The page's login: the bearer token in a cookie that scripts cannot read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from fastapi.responses import Response

from adreel.routers.options import AppOptions

SESSION_COOKIE = "adreel_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def set_login(response: Response, token: str, expires: datetime | None, *, secure: bool) -> None:
    """Logs a browser in. Only pages of ours send the cookie along, and by https only where we are reached so."""
    response.set_cookie(
        SESSION_COOKIE, token, expires=expires, path="/", secure=secure, httponly=True, samesite="strict"
    )


def clear_login(response: Response, *, secure: bool) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=secure, httponly=True, samesite="strict")


def is_secure(scheme: str, options: AppOptions) -> bool:
    return options.https or scheme == "https"


def is_own_page(headers: Mapping[str, str], options: AppOptions) -> bool:
    """True only when the browser says that a page of ours asks.

    A cookie goes along without the page's doing, so what it may change needs a proof; programs send tokens instead.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    return origin == options.public_url or _netloc(origin) == headers.get("host", "").lower() != ""


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
