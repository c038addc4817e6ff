"""Bodies of the webhooks that adreel sends to users."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from adreel.domain.accounts.webhooks import MAX_URL
from adreel.routers.schemas.common import Answer, Body, Time, clean_text

_ID = "5b7c9d1e3b1c5d7e9f2a4b6c8d0e1f3a"
_URL = "https://shop.example.com/hooks/adreel"
_ENDPOINT: dict[str, JsonValue] = {
    "id": _ID,
    "url": _URL,
    "created_at": "2026-05-04T09:30:00.125000Z",
    "disabled_at": None,
}


class CreateWebhookRequest(Body):
    """`url`: an https address on the public internet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": _URL}]})

    url: Annotated[str, Field(min_length=1, max_length=MAX_URL), AfterValidator(clean_text)]


class Webhook(Answer):
    """Where webhooks are sent. `disabled_at` is set when the receiver answered 410; a test enables it again."""

    id: str
    url: str
    created_at: Time
    disabled_at: Time | None


class WebhookCreated(Webhook):
    """`secret` signs the webhooks and is returned only once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_ENDPOINT, "secret": "whsec_c2VjcmV0IG9mIHR3ZW50eSBmb3Vy"}]}
    )

    secret: str


class Webhooks(Answer):
    """Oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"webhooks": [_ENDPOINT]}]})

    webhooks: list[Webhook]


class Delivery(Answer):
    """A webhook that was or will be sent. `status` is the HTTP status of the last answer, `error` why the last attempt failed.

    `next_at` is the time of the next attempt; null when it is delivered or given up.
    """

    id: str
    type: str
    attempts: int
    status: int | None
    error: str | None
    created_at: Time
    delivered_at: Time | None
    next_at: Time | None


class Deliveries(Answer):
    """The newest 50, newest first."""

    deliveries: list[Delivery]
