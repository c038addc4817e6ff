"""Lists the catalogue: one line for each model of any kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adreel.catalogue.models import Catalogue, ImageModel, Model, SpeechModel, TextModel, VideoModel
from adreel.domain.films.formats import ASPECTS

_Priced = VideoModel | ImageModel | TextModel | SpeechModel


@dataclass(frozen=True, slots=True)
class Listed:
    """`price` in US dollars for each `unit`; the lengths in seconds, None where a model has none.

    `aspects` are adreel's aspects that the model supports, None for models without pictures; `resolution` is its output
    resolution. `source` is where the entry's data comes from, `seen_on` when it was read; None where a user's own file gives no
    date. `status` is one of `Status`. `has_account` is False where this installation has no account at
    the provider; `unusable` says why the model cannot be used at all. `own` models come from the user's own file, in whole or
    in part.
    """

    name: str
    kind: str
    title: str
    provider: str
    price: Decimal
    unit: str
    price_is_estimate: bool
    source: str
    seen_on: date | None
    status: str
    min_seconds: float | None
    max_seconds: float | None
    aspects: tuple[str, ...] | None
    resolution: str | None
    licence: str
    has_account: bool
    unusable: str | None
    own: bool

    @property
    def available(self) -> bool:
        return self.has_account and self.unusable is None


def listed(catalogue: Catalogue, providers: Collection[str], own: Collection[str] = ()) -> list[Listed]:
    """Lists video models first, then images, texts and speech, in catalogue order. `providers` are the configured ones."""
    return [_line(model, providers, own) for model in _models(catalogue)]


def _models(catalogue: Catalogue) -> Iterator[_Priced]:
    yield from catalogue.videos.values()
    yield from catalogue.images.values()
    yield from catalogue.texts.values()
    yield from catalogue.speeches.values()


def _line(model: _Priced, providers: Collection[str], own: Collection[str]) -> Listed:
    kind, unit = _kind(model)
    return Listed(
        name=model.name,
        kind=kind,
        title=model.title,
        provider=model.provider,
        price=model.price,
        unit=unit,
        price_is_estimate=model.price_is_estimate,
        source=model.source,
        seen_on=model.seen_on,
        status=model.status,
        min_seconds=model.min_seconds if isinstance(model, VideoModel) else None,
        max_seconds=model.max_seconds if isinstance(model, VideoModel) else None,
        aspects=model.aspects_of(ASPECTS) if isinstance(model, (VideoModel, ImageModel)) else None,
        resolution=model.resolution.value if isinstance(model, VideoModel) and model.resolution else None,
        licence=model.licence,
        has_account=model.provider in providers,
        unusable=model.unusable,
        own=model.name in own,
    )


def _kind(model: Model) -> tuple[str, str]:
    """Returns the kind and the unit of its price."""
    match model:
        case VideoModel():
            return "video", "second" if model.priced_by_second else "clip"
        case ImageModel():
            return "image", "image"
        case SpeechModel():
            return "speech", "1000 characters"
        case _:
            return "text", "answer"
