"""Verifies that a webhook is from Replicate and reads its prediction. The caller passes the time and remembers the ids."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import cast

from adreel.domain.errors import AuthError, InputError
from adreel.domain.json_text import read_json
from adreel.providers.common.webhooks import TOLERANCE, WebhookMessage

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

_PREFIX = "whsec_"
_VERSION = "v1,"


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime, tolerance: float = TOLERANCE) -> str:
    """The webhook's id, which is the same when it is sent again: handle each id once.

    `headers` by small letters, `body` as it came, `now` aware. Raises AuthError when the signature is not Replicate's or
    the time is too far off.
    """
    message_id, timestamp = _header(headers, "webhook-id"), _header(headers, "webhook-timestamp")
    _check_time(timestamp, now, tolerance)
    wanted = signature(secret, message_id, timestamp, body).encode()
    given = [part.encode() for part in _header(headers, "webhook-signature").split()]
    # All are compared, so that the time taken reveals nothing about which one matches.
    matches = [hmac.compare_digest(part, wanted) for part in given]
    if not any(matches):
        raise AuthError("the webhook's signature does not fit; it is not from Replicate, or the secret is another one")
    return message_id


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """What Replicate signs a webhook with. Raises AuthError for a secret that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise AuthError("the webhook secret is not one of Replicate's: it begins with whsec_") from error
    signed = f"{message_id}.{timestamp}.".encode() + body
    return _VERSION + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise AuthError(f"the webhook lacks the header {name}")
    return value


def _check_time(timestamp: str, now: datetime, tolerance: float) -> None:
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > len("253402300799"):
        raise AuthError("the webhook's time is not a number of seconds")
    if abs(now.astimezone(UTC).timestamp() - int(timestamp)) > tolerance:
        raise AuthError("the webhook's time is too far from ours; it may have been recorded and sent again")


def ended_job(body: bytes) -> str:
    """The id of the prediction in a webhook. Raises InputError."""
    try:
        facts = read_json(body)
    except ValueError as error:
        raise InputError(f"the webhook cannot be read as JSON: {error}") from error
    found = cast("dict[str, object]", facts).get("id") if isinstance(facts, dict) else None
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise InputError("the webhook names no prediction")
    return found


class ReplicateWebhooks:
    """A WebhookReader. `secret` is what webhooks are signed with; `now` gives Replicate's own time, as this machine's clock may
    differ from it by more than a webhook is good for.
    """

    def __init__(self, secret: Callable[[], Awaitable[str]], now: Callable[[], Awaitable[datetime]]) -> None:
        self._secret = secret
        self._now = now

    async def read(self, headers: Mapping[str, str], body: bytes) -> WebhookMessage:
        """Raises AuthError, InputError and GenerationError, see WebhookReader."""
        secret = await self._secret()
        message = verify(secret, headers, body, await self._now())
        return WebhookMessage(message, ended_job(body))
