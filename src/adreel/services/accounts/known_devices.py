"""Signed marks of devices on which an account has logged in, each for one account.

A mark is no login. It only gives the device its own budget of login attempts.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from adreel.domain.errors import SetupError
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.services.accounts.emails import account_name

LIFETIME = timedelta(days=180)
_PURPOSE = b"adreel device 1"
_MIN_SECRET = 16
_LONGEST = 200


class KnownDevices:
    """Signs and verifies marks, in any process that has the secret. Raises SetupError for a secret that is too short."""

    def __init__(self, secret: bytes, clock: Clock = utc_now, make_id: MakeId = new_id) -> None:
        if len(secret) < _MIN_SECRET:
            raise SetupError(f"the secret that signs devices must have {_MIN_SECRET} bytes or more")
        self._secret = secret
        self._clock = clock
        self._make_id = make_id

    def issue(self, email: str, device: str | None = None) -> str:
        """Returns ``device.expiry.signature`` for a known device id, or for a new one."""
        device = device or self._make_id()
        expires = str(int((self._clock() + LIFETIME).timestamp()))
        return f"{device}.{expires}.{self._signature(email, device, expires)}"

    def read(self, mark: str | None, email: str) -> str | None:
        """The device's id; None for a mark that is forged, of another account, or expired."""
        if mark is None or len(mark) > _LONGEST:
            return None
        device, _, rest = mark.partition(".")
        expires, _, signature = rest.partition(".")
        expected = self._signature(email, device, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            return None
        # The signature is valid, so `expires` is a number that `issue` wrote.
        return device if int(expires) > self._clock().timestamp() else None

    def _signature(self, email: str, device: str, expires: str) -> str:
        text = "\n".join((account_name(email), device, expires)).encode("utf-8", "replace")
        return hmac.new(self._secret, _PURPOSE + b"\n" + text, hashlib.sha256).hexdigest()
