"""Tickets for WebSockets: browsers cannot send a header with them, and a token has no place in an address."""

from __future__ import annotations

import hashlib
import hmac

from adreel.domain.errors import AuthError, SetupError
from adreel.services.defaults import Clock, utc_now

_PURPOSE = b"adreel ticket 1"
_MIN_SECRET = 16


class TicketSigner:
    """A ticket lets one person listen to one session, from any process that has the secret. Raises SetupError."""

    def __init__(self, secret: bytes, clock: Clock = utc_now) -> None:
        if len(secret) < _MIN_SECRET:
            raise SetupError(f"the secret that signs tickets must have {_MIN_SECRET} bytes or more")
        self._secret = secret
        self._clock = clock

    def issue(self, user_id: str, session_id: str, seconds: int) -> str:
        """``user.expiry.signature``; ids have no dots."""
        expires = str(int(self._clock().timestamp()) + seconds)
        return f"{user_id}.{expires}.{self._signature(user_id, session_id, expires)}"

    def redeem(self, ticket: str, session_id: str) -> str:
        """The id of the person to whom it was issued. Raises AuthError for another session, or when it has expired."""
        user_id, _, rest = ticket.partition(".")
        expires, _, signature = rest.partition(".")
        expected = self._signature(user_id, session_id, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise AuthError("the ticket is not for this session; ask for a new one")
        # The signature is good, so this is a number that we wrote.
        if int(expires) <= self._clock().timestamp():
            raise AuthError("the ticket has expired; ask for a new one")
        return user_id

    def _signature(self, user_id: str, session_id: str, expires: str) -> str:
        text = "\n".join((user_id, session_id, expires)).encode("utf-8", "replace")
        return hmac.new(self._secret, _PURPOSE + b"\n" + text, hashlib.sha256).hexdigest()
