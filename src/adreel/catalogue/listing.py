"""The catalogue as a list: one line for each model, whatever its kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from adreel.catalogue.models import Catalogue, Model


@dataclass(frozen=True, slots=True)
class Listed:
    """`price` in US dollars for each `unit`; the lengths in seconds, None where a model has none.

    `needs` names the setting without which the model cannot be used here, None when it can. `own` models come from the
    person's own file, whole or in part. `used` is False for kinds that adreel knows of and does not order from yet.
    """

    name: str
    kind: str
    title: str
    provider: str
    price: Decimal
    unit: str
    price_is_estimate: bool
    min_seconds: float | None
    max_seconds: float | None
    licence: str
    needs: str | None
    own: bool
    used: bool


def listed(catalogue: Catalogue, providers: Collection[str], own: Collection[str] = ()) -> list[Listed]:
    """Video models first, then images, texts and music, each in the catalogue's order. `providers` are set up here."""

    def line(model: Model, kind: str, price: Decimal, unit: str, least: float | None, most: float | None) -> Listed:
        needs = None if model.provider in providers else f"ADREEL_{model.provider.upper()}_API_TOKEN"
        estimated = model.price_is_estimate
        facts = (model.name, kind, model.title, model.provider, price, unit, estimated, least, most, model.licence)
        return Listed(*facts, needs, model.name in own, used=kind != "music")

    return [
        *(
            line(
                model,
                "video",
                model.price,
                "second" if model.priced_by_second else "clip",
                model.min_seconds,
                model.max_seconds,
            )
            for model in catalogue.videos.values()
        ),
        *(line(model, "image", model.price, "image", None, None) for model in catalogue.images.values()),
        *(line(model, "text", model.price, "answer", None, None) for model in catalogue.texts.values()),
        *(line(model, "music", model.price, "piece", None, model.max_seconds) for model in catalogue.musics.values()),
    ]
