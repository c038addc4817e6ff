"""What the service says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from adreel.domain.film import Transition
from adreel.domain.scene import ViewType
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

    Lengths in seconds, for video models. `price_is_estimate` when the price was not confirmed by a bill. `typical_seconds` is the
    usual wait, for a clip that of three seconds or as near as the model comes; null where the catalogue does not know it.
    `unavailable_reason` says what to set where the model cannot be used.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "wan-2.2-i2v-fast",
                    "kind": "video",
                    "title": "Wan 2.2 fast",
                    "provider": "replicate",
                    "licence": "Apache-2.0 weights; Replicate's terms of use",
                    "price": "0.145",
                    "unit": "clip",
                    "price_is_estimate": False,
                    "min_seconds": 0.5,
                    "max_seconds": 5.0,
                    "typical_seconds": 45.0,
                    "available": False,
                    "unavailable_reason": "set ADREEL_REPLICATE_API_TOKEN to use it",
                }
            ]
        }
    )

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
    typical_seconds: float | None
    available: bool
    unavailable_reason: str | None


class Models(Answer):
    models: list[ModelAnswer]


class Choice(Answer):
    """`name` is what requests say, `title` what people read."""

    name: str
    title: str


class Options(Answer):
    """What there is to choose from here. `auth`: people log in. `has_image_model`: images can be made of words."""

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
