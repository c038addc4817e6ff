"""What a person may choose from: models with their prices, lengths, music, fonts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from adreel.catalogue.models import ImageModel, Model, VideoModel
from adreel.domain.errors import InputError
from adreel.domain.formats import ASPECTS
from adreel.media.cards.fonts import DISPLAY_FONTS
from adreel.media.music import GENRES
from adreel.providers.llm.fallback import DEFAULT_ORDER
from adreel.routers.schemas.common import format_amount
from adreel.routers.services import Services
from adreel.web.words import price, seconds

DURATIONS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Lengths of a clip that are offered, in seconds."""

_TRY_SECONDS = 3.0
_QUESTIONS = 2
"""A language model is asked once, and once more when its answer cannot be used."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model as it is offered. `prices` is JSON: what one piece costs, by its length in seconds ("" for pictures)."""

    name: str
    title: str
    price: str
    wait: str
    licence: str
    is_estimate: bool
    available: bool
    needs: str
    prices: str


def video_models(services: Services) -> list[ModelChoice]:
    """Those that can be used come first."""
    made = [_video(model, services) for model in services.catalogue.videos.values()]
    return sorted(made, key=lambda choice: not choice.available)


def image_models(services: Services) -> list[ModelChoice]:
    """Only those that can be used."""
    models = services.catalogue.images.values()
    return [_image(model, services) for model in models if model.provider in services.providers]


def ideas_price(services: Services) -> str:
    """What a language model's ideas for one round cost at most, in US dollars; "" where none is asked."""
    known = services.catalogue.texts
    prices = [
        known[name].price for name in DEFAULT_ORDER if name in known and known[name].provider in services.providers
    ]
    return format_amount(max(prices) * _QUESTIONS) if prices else ""


def aspects() -> tuple[str, ...]:
    return tuple(ASPECTS)


def genres() -> list[str]:
    return list(GENRES)


def fonts() -> list[str]:
    return list(DISPLAY_FONTS)


def _video(model: VideoModel, services: Services) -> ModelChoice:
    unit = "second" if model.priced_by_second else "clip"
    shown = f"{price(model.price)} a {unit}" if model.price else price(model.price)
    wait = f"about {seconds(round(model.typical_wait(_TRY_SECONDS)))} a clip"
    prices = {f"{length:g}": found for length in DURATIONS if (found := _price(model, length)) is not None}
    return _choice(model, services, shown, wait, prices)


def _image(model: ImageModel, services: Services) -> ModelChoice:
    shown = f"{price(model.price)} an image"
    wait = f"about {seconds(round(model.typical_seconds))}"
    return _choice(model, services, shown, wait, {"": format_amount(model.price)})


def _choice(model: Model, services: Services, shown: str, wait: str, prices: Mapping[str, str]) -> ModelChoice:
    return ModelChoice(
        name=model.name,
        title=model.title,
        price=shown,
        wait=wait,
        licence=model.licence,
        is_estimate=model.price_is_estimate,
        available=model.provider in services.providers,
        needs=services.wanting.get(model.provider, f"the provider {model.provider} is not set up here"),
        prices=json.dumps(prices),
    )


def _price(model: VideoModel, length: float) -> str | None:
    """None for a length that the model cannot make."""
    try:
        return format_amount(Decimal(model.price_of(length)))
    except InputError:
        return None
