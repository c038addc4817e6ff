"""Webhooks that adreel sends to its users, by the scheme Standard Webhooks: an id, a time and a signature in headers.

A receiver computes the signature with its secret, rejects times that are far from its own, and ignores an id that it has had.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

PREFIX = "whsec_"
_SECRET_BYTES = 24
TEST_TYPE = "webhook.test"
MAX_URL = 2000

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""Pauses between attempts, as Standard Webhooks recommends; after the last attempt a webhook is given up."""


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where a user's webhooks are sent. One that answered 410 (gone) is disabled: nothing is sent to it any more."""

    id: str
    url: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """A registered endpoint. `secret` is returned only this once."""

    endpoint: WebhookEndpoint
    secret: str


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """A webhook to an endpoint. `status` is the HTTP status of the last answer, `error` why the last attempt failed.

    `next_at` is the time of the next attempt; None when it is delivered or given up.
    """

    id: str
    endpoint_id: str
    type: str
    attempts: int
    status: int | None
    error: str | None
    created_at: datetime
    delivered_at: datetime | None
    next_at: datetime | None


def new_secret() -> str:
    """A random signing secret: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, message_id: str, moment: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of one attempt: the id is the same in every attempt, the time is that of the attempt.

    Raises ValueError for a secret that is not one of `new_secret`.
    """
    time = str(int(moment.timestamp()))
    content = b".".join((message_id.encode(), time.encode(), body))
    digest = hmac.new(_key(secret), content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": time,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the signing secret is not base64") from error
