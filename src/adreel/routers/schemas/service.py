"""What the service says of itself."""

from __future__ import annotations

from typing import Literal

from adreel.orchestrator.webhooks import Taken
from adreel.routers.schemas.common import Amount, Answer


class Health(Answer):
    status: Literal["ok"]


class Ready(Answer):
    """Each check by name; all are ``ok``."""

    status: Literal["ready"]
    checks: dict[str, str]


class WebhookTaken(Answer):
    """`news` made somebody look; a `duplicate` had come before; a `late` one tells of what is settled."""

    status: Taken


class ModelAnswer(Answer):
    """`price` in US dollars for one `unit`; `available` when this service has what it takes to use it.

    Lengths in seconds, for video models. `price_is_estimate` when the price was not confirmed by a bill.
    """

    name: str
    kind: Literal["video", "image", "text", "music"]
    title: str
    provider: str
    licence: str
    price: Amount
    unit: Literal["clip", "second", "image", "answer", "piece"]
    price_is_estimate: bool
    min_seconds: float | None
    max_seconds: float | None
    available: bool


class Models(Answer):
    models: list[ModelAnswer]
