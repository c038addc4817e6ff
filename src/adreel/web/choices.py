"""Choices that the page offers: models with their prices, clip lengths, music, fonts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adreel.bootstrap.remedies import token_setting
from adreel.catalogue.models import ImageModel, VideoModel
from adreel.domain.errors import InputError
from adreel.domain.films.formats import ASPECTS
from adreel.media.cards.fonts import DISPLAY_FONTS
from adreel.media.music import GENRES
from adreel.providers import registry
from adreel.providers.planning.fallback import DEFAULT_ORDER
from adreel.routers.common.services import Services
from adreel.routers.schemas.common import format_amount
from adreel.web.formatting import price, seconds

DURATIONS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Offered clip lengths in seconds."""

_USUAL_SECONDS = 3.0
_MAX_REQUESTS = 2
"""A language model is queried once, and once more when its answer is not usable."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model as the page offers it. `prices` is JSON: the price of one clip by its length in seconds, of an image under "".

    `aspects` is JSON: the supported aspects. `note`: whether the price is an estimate, when it was seen, the model's status.
    """

    name: str
    title: str
    price: str
    wait: str
    licence: str
    note: str
    aspects: str
    available: bool
    needs: str
    prices: str


def video_models(services: Services) -> list[ModelChoice]:
    """Lists usable models first, and within each group `legacy` and `doubtful` models last."""
    models = [_video(model, services) for model in services.catalogue.videos.values()]
    unreliable = {model.name for model in services.catalogue.videos.values() if model.status.needs_naming}
    return sorted(models, key=lambda choice: (not choice.available, choice.name in unreliable))


def image_models(services: Services) -> list[ModelChoice]:
    """Lists usable models only."""
    models = services.catalogue.images.values()
    usable = [model for model in models if model.provider in services.providers and model.unusable is None]
    return [_image(model, services) for model in sorted(usable, key=lambda model: model.status.needs_naming)]


def ideas_price(services: Services) -> str:
    """The most that a language model's plan for one job costs, in US dollars; "" without a language model."""
    texts = services.catalogue.texts
    prices = [
        texts[name].price for name in DEFAULT_ORDER if name in texts and texts[name].provider in services.providers
    ]
    return format_amount(max(prices) * _MAX_REQUESTS) if prices else ""


def aspects() -> tuple[str, ...]:
    return tuple(ASPECTS)


def genres() -> list[str]:
    return list(GENRES)


def fonts() -> list[str]:
    return list(DISPLAY_FONTS)


def provider_label(name: str) -> str:
    """The provider's name for people."""
    provider = registry.providers().get(name)
    return name if provider is None else provider.label


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider of hosted models, whether it is set up here, and the setting with which the operator does that."""

    label: str
    is_set_up: bool
    setting: str


def provider_states(services: Services) -> list[ProviderState]:
    providers = registry.providers().items()
    return [ProviderState(each.label, name in services.providers, token_setting(each)) for name, each in providers]


def image_providers() -> list[str]:
    """The labels of the providers of image models."""
    return [each.label for each in registry.providers().values() if each.image_model is not None]


def _video(model: VideoModel, services: Services) -> ModelChoice:
    unit = "second" if model.priced_by_second else "clip"
    label = f"{price(model.price)} a {unit}" if model.price else price(model.price)
    wait = f"about {seconds(round(model.typical_wait(_USUAL_SECONDS)))} a clip"
    prices = {f"{length:g}": amount for length in DURATIONS if (amount := _price(model, length)) is not None}
    return _choice(model, services, label, wait, prices, model.aspects_of(ASPECTS))


def _image(model: ImageModel, services: Services) -> ModelChoice:
    label = f"{price(model.price)} an image"
    wait = f"about {seconds(round(model.typical_seconds))}"
    return _choice(model, services, label, wait, {"": format_amount(model.price)}, model.aspects_of(ASPECTS))


def _choice(
    model: VideoModel | ImageModel,
    services: Services,
    price_label: str,
    wait: str,
    prices: Mapping[str, str],
    aspects: Sequence[str],
) -> ModelChoice:
    return ModelChoice(
        name=model.name,
        title=model.title,
        price=price_label,
        wait=wait,
        licence=model.licence,
        note=_note(model),
        aspects=json.dumps(aspects),
        available=model.provider in services.providers and model.unusable is None,
        needs=model.unusable or f"needs an account at {provider_label(model.provider)}",
        prices=json.dumps(prices),
    )


def _note(model: VideoModel | ImageModel) -> str:
    """Empty for local models and for prices that the operator has set."""
    parts = [
        "estimate" if model.price_is_estimate else "",
        f"seen {model.seen_on.day} {model.seen_on:%b %Y}" if model.seen_on and model.price else "",
        str(model.status) if model.status.needs_naming else "",
    ]
    return ", ".join(part for part in parts if part)


def _price(model: VideoModel, length: float) -> str | None:
    """None for a length that the model does not support."""
    try:
        return format_amount(Decimal(model.price_of(length)))
    except InputError:
        return None
