"""Bodies about the service: health, models, options, webhooks."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict

from adreel.billing.webhooks import WebhookOutcome
from adreel.catalogue.models import Status
from adreel.domain.films.film import Transition
from adreel.domain.films.scene import ViewType
from adreel.routers.schemas.common import Amount, Answer


class Health(Answer):
    status: Literal["ok"]


class Ready(Answer):
    """Each check by name; all are ``ok``."""

    status: Literal["ready"]
    checks: dict[str, str]


class WebhookTaken(Answer):
    """`news` woke the job that waits for it; a `duplicate` was received before; a `late` one concerns a settled purchase."""

    status: WebhookOutcome


class ModelAnswer(Answer):
    """`price` in US dollars for one `unit`; `available` when this service can use the model.

    `source` is where price and limits were read and `seen_on` the date, null when the operator's own catalogue file gives none.
    `price_is_estimate`: neither the provider's page nor a bill confirms the price. A `legacy` model may be switched off, a
    `doubtful` one may no longer exist: both are used only when requested by name. Lengths in seconds, for video models.
    `aspects` are the supported ones, null for models without images; others are rejected before anything is bought.
    `resolution` is that of a video model's clips. `typical_seconds` is the typical wait, for clips of three seconds or the
    nearest supported length; null if unknown.
    `unavailable_reason` says what to set when the model is not available.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "wan-2.2-i2v-fast",
                    "kind": "video",
                    "title": "Wan 2.2 fast",
                    "provider": "example",
                    "licence": "Apache-2.0 weights; the provider's terms of use",
                    "price": "0.11",
                    "unit": "clip",
                    "price_is_estimate": False,
                    "source": "the provider's model page",
                    "seen_on": "2026-10-06",
                    "status": "current",
                    "min_seconds": 0.5,
                    "max_seconds": 7.5625,
                    "aspects": ["16:9", "9:16", "1:1", "4:5"],
                    "resolution": "720p",
                    "typical_seconds": 45.0,
                    "available": False,
                    "unavailable_reason": "the provider example is not set up here",
                }
            ]
        }
    )

    name: str
    kind: Literal["video", "image", "text", "speech"]
    title: str
    provider: str
    licence: str
    price: Amount
    unit: Literal["clip", "second", "image", "answer", "1000 characters"]
    price_is_estimate: bool
    source: str
    seen_on: date | None
    status: Status
    min_seconds: float | None
    max_seconds: float | None
    aspects: list[str] | None
    resolution: str | None
    typical_seconds: float | None
    available: bool
    unavailable_reason: str | None


class Models(Answer):
    models: list[ModelAnswer]


class Choice(Answer):
    """`name` is the value in requests, `title` the label for users."""

    name: str
    title: str


class Options(Answer):
    """The options of this service. `auth`: users must log in. `has_image_model`: images can be generated from text.
    `keep_days`: sessions are deleted after this many days without a change; null for never."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "genres": [{"name": "upbeat", "title": "Upbeat"}, {"name": "chill", "title": "Chill"}],
                    "fonts": [{"name": "Montserrat", "title": "Montserrat"}],
                    "aspects": ["16:9", "9:16", "1:1", "4:5"],
                    "transitions": ["cut", "crossfade"],
                    "view_types": ["front", "detail", "lifestyle", "angle"],
                    "max_upload_mb": 50,
                    "max_photos": 40,
                    "auth": False,
                    "has_image_model": False,
                    "keep_days": None,
                }
            ]
        }
    )

    genres: list[Choice]
    fonts: list[Choice]
    aspects: list[str]
    transitions: list[Transition]
    view_types: list[ViewType]
    max_upload_mb: int
    max_photos: int
    auth: bool
    has_image_model: bool
    keep_days: int | None
