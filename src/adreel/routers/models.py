"""Which models there are, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from fastapi import APIRouter

from adreel.catalogue.models import Model
from adreel.routers.deps import CurrentUser, ServicesDep
from adreel.routers.problems import problems
from adreel.routers.schemas.service import ModelAnswer, Models
from adreel.routers.services import Services

router = APIRouter(tags=["models"])

Kind = Literal["video", "image", "text", "music"]
Unit = Literal["clip", "second", "image", "answer", "piece"]

_USUAL_SECONDS = 3.0
"""Length of the clip whose usual wait is told."""


@router.get("/api/models", responses=problems(401))
async def list_models(services: ServicesDep, _user: CurrentUser) -> Models:
    """The catalogue: every model with its price, and whether it can be used here."""
    found = services.catalogue
    return Models(
        models=[
            *[
                _answer(
                    services,
                    model,
                    "video",
                    "second" if model.priced_by_second else "clip",
                    model.price,
                    (model.min_seconds, model.max_seconds),
                    model.typical_wait(min(max(_USUAL_SECONDS, model.min_seconds), model.max_seconds)),
                )
                for model in found.videos.values()
            ],
            *[_answer(services, model, "image", "image", model.price) for model in found.images.values()],
            *[_answer(services, model, "text", "answer", model.price) for model in found.texts.values()],
            *[
                _answer(services, model, "music", "piece", model.price, (0.0, model.max_seconds))
                for model in found.musics.values()
            ],
        ]
    )


def _answer(
    services: Services,
    model: Model,
    kind: Kind,
    unit: Unit,
    price: Decimal,
    seconds: tuple[float | None, float | None] = (None, None),
    wait: float | None = None,
) -> ModelAnswer:
    available = model.provider in services.providers and kind != "music"
    return ModelAnswer(
        name=model.name,
        kind=kind,
        title=model.title,
        provider=model.provider,
        licence=model.licence,
        price=price,
        unit=unit,
        price_is_estimate=model.price_is_estimate,
        min_seconds=seconds[0],
        max_seconds=seconds[1],
        typical_seconds=(model.typical_seconds if wait is None else wait) or None,
        available=available,
        unavailable_reason=None if available else _reason(services, model, kind),
    )


def _reason(services: Services, model: Model, kind: Kind) -> str:
    if kind == "music":
        return "listed for its price only: adreel composes its music itself"
    return services.wanting.get(model.provider, f"the provider {model.provider} is not set up here")
