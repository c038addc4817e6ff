"""Signed links to stored files, which need no login and expire."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable
from datetime import datetime

from adreel.domain.errors import SetupError

ROUND_SECONDS = 600
"""Links made within ten minutes expire at the same time and so are identical, which makes browsers' caches work."""

MIN_SECRET_BYTES = 16
_PURPOSE = b"adreel link 1"
"""Prefix of the signed text, so that no other signature by the same secret is a valid link."""


class LinkSigner:
    """Signs with `secret`; verifies with it or `previous`, so that links outlive a change of secret. Raises SetupError."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime], previous: bytes | None = None) -> None:
        self._secrets = (secret,) if previous is None else (secret, previous)
        self._clock = clock
        if any(len(each) < MIN_SECRET_BYTES for each in self._secrets):
            raise SetupError(f"the secret that signs links must have {MIN_SECRET_BYTES} bytes or more")

    def sign(self, key: str, seconds: int) -> str:
        """The query of a link to `key`, ``expires=…&signature=…``, valid for `seconds` and up to ten minutes more."""
        earliest = self._clock().timestamp() + max(0, seconds)
        expires = math.ceil(earliest / ROUND_SECONDS) * ROUND_SECONDS
        return f"expires={expires}&signature={_signature(self._secrets[0], key, expires)}"

    def verify(self, key: str, expires: int, signature: str) -> bool:
        """True when the signature is valid and has not expired. `expires` in seconds since 1970."""
        received = signature.encode("utf-8", "replace")
        # Both are always compared: the time it takes reveals nothing.
        matches = [hmac.compare_digest(_signature(secret, key, expires).encode(), received) for secret in self._secrets]
        return any(matches) and self._clock().timestamp() < expires

    def left(self, expires: int) -> int:
        """Whole seconds until a link with this `expires` ends, at least 1, by the clock that signed it."""
        return max(1, expires - int(self._clock().timestamp()))


def _signature(secret: bytes, key: str, expires: int) -> str:
    text = b"\n".join((_PURPOSE, str(expires).encode(), key.encode("utf-8", "replace")))
    return hmac.new(secret, text, hashlib.sha256).hexdigest()
