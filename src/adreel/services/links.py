"""Links to stored files that need no login: signed, good for a while."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable
from datetime import datetime

from adreel.domain.errors import SetupError

ROUND_SECONDS = 600
"""Links made within ten minutes end at the same time and so are the same text: a browser's cache finds them again."""

MIN_SECRET_BYTES = 16
_PURPOSE = b"adreel link 1"
"""What is signed begins with it, so that no signature made for anything else by the same secret can pass for a link."""


class LinkSigner:
    """Signs by `secret`; verifies by it or by `previous`, so that links outlive a change of secret. Raises SetupError."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime], previous: bytes | None = None) -> None:
        self._secrets = (secret,) if previous is None else (secret, previous)
        self._clock = clock
        if any(len(each) < MIN_SECRET_BYTES for each in self._secrets):
            raise SetupError(f"the secret that signs links must have {MIN_SECRET_BYTES} bytes or more")

    def sign(self, key: str, seconds: int) -> str:
        """The query of a link to `key`, ``expires=…&signature=…``, good for `seconds` and up to ten minutes more."""
        wanted = self._clock().timestamp() + max(0, seconds)
        expires = math.ceil(wanted / ROUND_SECONDS) * ROUND_SECONDS
        return f"expires={expires}&signature={_signature(self._secrets[0], key, expires)}"

    def verify(self, key: str, expires: int, signature: str) -> bool:
        """True when this very link was signed and has not expired. `expires` in seconds since 1970."""
        given = signature.encode("utf-8", "replace")
        # Both are always compared: how long it takes tells nothing.
        good = [hmac.compare_digest(_signature(secret, key, expires).encode(), given) for secret in self._secrets]
        return any(good) and self._clock().timestamp() < expires


def _signature(secret: bytes, key: str, expires: int) -> str:
    text = b"\n".join((_PURPOSE, str(expires).encode(), key.encode("utf-8", "replace")))
    return hmac.new(secret, text, hashlib.sha256).hexdigest()
