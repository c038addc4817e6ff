"""The models of the catalogue and their prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from fastapi import APIRouter

from adreel.catalogue.listing import Listed, listed
from adreel.catalogue.models import Status, VideoModel
from adreel.routers.common.deps import CurrentUser, ServicesDep
from adreel.routers.common.problems import problems
from adreel.routers.common.services import Services
from adreel.routers.schemas.service import ModelAnswer, Models

router = APIRouter(tags=["models"])

Kind = Literal["video", "image", "text", "speech"]
Unit = Literal["clip", "second", "image", "answer", "1000 characters"]

_USUAL_SECONDS = 3.0
"""Clip length for which `typical_seconds` is reported."""


@router.get("/api/models", responses=problems(401))
async def list_models(services: ServicesDep, _user: CurrentUser) -> Models:
    """Lists every model with its price, the price's source and date, and whether this service can use the model."""
    waits = {model.name: _usual_wait(model) for model in services.catalogue.videos.values()}
    return Models(models=[_answer(services, line, waits) for line in listed(services.catalogue, services.providers)])


def _answer(services: Services, line: Listed, waits: Mapping[str, float]) -> ModelAnswer:
    return ModelAnswer(
        name=line.name,
        kind=cast("Kind", line.kind),
        title=line.title,
        provider=line.provider,
        licence=line.licence,
        price=line.price,
        unit=cast("Unit", line.unit),
        price_is_estimate=line.price_is_estimate,
        source=line.source,
        seen_on=line.seen_on,
        status=cast("Status", line.status),
        min_seconds=line.min_seconds,
        max_seconds=line.max_seconds,
        aspects=None if line.aspects is None else list(line.aspects),
        resolution=line.resolution,
        typical_seconds=waits.get(line.name) or _typical(services, line.name),
        available=line.available,
        unavailable_reason=None if line.available else _reason(services, line),
    )


def _usual_wait(model: VideoModel) -> float:
    return model.typical_wait(min(max(_USUAL_SECONDS, model.min_seconds), model.max_seconds))


def _typical(services: Services, name: str) -> float | None:
    found = services.catalogue
    model = found.videos.get(name) or found.images.get(name) or found.texts.get(name) or found.speeches.get(name)
    return (model.typical_seconds if model else 0.0) or None


def _reason(services: Services, line: Listed) -> str:
    if line.unusable is not None:
        return line.unusable
    return services.wanting.get(line.provider, f"the provider {line.provider} is not set up here")
