"""Is a webhook really from Replicate, and of which prediction does it tell? The caller brings the time and remembers the ids."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import cast

from adreel.domain.errors import AuthError, GenerationError, InputError

TOLERANCE = 300.0
"""Seconds by which a webhook's time may differ from ours."""

_PAUSE = 60.0
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_log = logging.getLogger(__name__)

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
    # All are compared, so that the time taken tells nothing of which one fits.
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


class WebhookSecret:
    """What the account's webhooks are signed with: given, or asked for once. After a failure it is not asked for within
    `pause` seconds again, whoever wants it. For one event loop.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[str]],
        given: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: float = _PAUSE,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._pause = pause
        self._turn = asyncio.Lock()
        self._failed: tuple[float, GenerationError] | None = None
        self.known = given

    async def get(self) -> str:
        """Raises GenerationError and its kinds when the provider does not tell."""
        async with self._turn:
            if self.known is None:
                self.known = await self._asked()
            return self.known

    async def find(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Returns once it is known, however long that takes."""
        while self.known is None:
            try:
                await self.get()
            except GenerationError as error:
                _log.warning("no webhooks are asked for, results are polled for: %s", error)
                await sleep(self._pause)

    async def _asked(self) -> str:
        if self._failed is not None and self._clock() < self._failed[0] + self._pause:
            raise self._failed[1]
        try:
            return await self._ask()
        except GenerationError as error:
            self._failed = (self._clock(), error)
            raise


def ended_job(body: bytes) -> str:
    """The id of the prediction that a webhook tells of. Raises InputError."""
    try:
        facts: object = json.loads(body)
    except ValueError as error:
        raise InputError("the webhook is not JSON") from error
    found = cast("dict[str, object]", facts).get("id") if isinstance(facts, dict) else None
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise InputError("the webhook names no prediction")
    return found
