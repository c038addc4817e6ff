"""Cookies and WebSocket tickets.

Two HttpOnly cookies: the page's login, and the mark of a device that has logged in before. Tickets authenticate WebSockets:
browsers cannot send headers with them, and a token must not appear in a URL.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response

from adreel.domain.accounts.user import Grant
from adreel.domain.errors import AuthError, SetupError
from adreel.domain.ids import Clock, utc_now
from adreel.domain.network import is_same_origin
from adreel.routers.common.options import AppOptions
from adreel.services.accounts.known_devices import LIFETIME

SESSION_COOKIE = "adreel_session"
DEVICE_COOKIE = "adreel_device"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def set_login(response: Response, token: str, expires: datetime | None, *, secure: bool) -> None:
    """Sets the login cookie. Browsers send it from the service's own pages only, and over https only if `secure`."""
    response.set_cookie(
        SESSION_COOKIE, token, expires=expires, path="/", secure=secure, httponly=True, samesite="strict"
    )


def set_device(response: Response, mark: str, *, secure: bool) -> None:
    """Sets the device cookie. It survives a logout: it grants no access, only a separate count of login attempts."""
    seconds = int(LIFETIME.total_seconds())
    response.set_cookie(DEVICE_COOKIE, mark, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")


def clear_login(response: Response, *, secure: bool) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=secure, httponly=True, samesite="strict")


def is_secure(scheme: str, options: AppOptions) -> bool:
    return options.https or scheme == "https"


def is_own_page(headers: Mapping[str, str], options: AppOptions) -> bool:
    """True only when the browser reports the service's own origin: protection against cross-site request forgery.

    Browsers attach cookies to requests of any page; programs send tokens instead.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    return origin == options.public_url or is_same_origin(origin, headers.get("host", ""))


_PURPOSE = b"adreel ticket 2"
_MIN_SECRET = 16


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The user of a valid ticket. `token_id` is the login that requested it, None without authentication."""

    user_id: str
    token_id: str | None


class TicketSigner:
    """Signs tickets. A ticket lets one user follow one session, on every process that has the secret. Raises SetupError.

    It carries the id of the login that requested it and is void once that login ends.
    """

    def __init__(self, secret: bytes, clock: Clock = utc_now) -> None:
        if len(secret) < _MIN_SECRET:
            raise SetupError(f"the secret that signs tickets must have {_MIN_SECRET} bytes or more")
        self._secret = secret
        self._clock = clock

    def issue(self, grant: Grant, session_id: str, seconds: int) -> str:
        """Returns ``user.token.expiry.signature``; ids contain no dots. Valid for `seconds`."""
        expires = str(int(self._clock().timestamp()) + seconds)
        token_id = grant.token_id or ""
        return f"{grant.user.id}.{token_id}.{expires}.{self._signature(grant.user.id, token_id, session_id, expires)}"

    def redeem(self, ticket: str, session_id: str) -> Redeemed:
        """Returns the user of a ticket. Raises AuthError when it is for another session or has expired.

        The login may have ended since: see AuthService.check_token.
        """
        user_id, token_id, expires, signature = (*ticket.split(".", 3), "", "", "")[:4]
        expected = self._signature(user_id, token_id, session_id, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise AuthError("the ticket is not for this session; request a new one")
        # The signature is valid, so `issue` wrote this number.
        if int(expires) <= self._clock().timestamp():
            raise AuthError("the ticket has expired; request a new one")
        return Redeemed(user_id, token_id or None)

    def _signature(self, *parts: str) -> str:
        text = "\n".join(parts).encode("utf-8", "replace")
        return hmac.new(self._secret, _PURPOSE + b"\n" + text, hashlib.sha256).hexdigest()
