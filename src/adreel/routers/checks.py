"""Checks of uploaded films against placements."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request

from adreel.routers.common.deps import CurrentUser, OptionsDep, ServicesDep
from adreel.routers.common.film_upload import FILE, PLACEMENTS, FilmUpload, received_film
from adreel.routers.common.problems import problems
from adreel.routers.common.services import Services
from adreel.routers.schemas.checks import CheckedFilm, PlacementListed

router = APIRouter(tags=["checks"])

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FILE, PLACEMENTS],
                    "properties": {
                        FILE: {"type": "string", "format": "binary", "description": "The film"},
                        PLACEMENTS: {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "Names of placements, in several fields or separated by commas",
                        },
                    },
                }
            }
        },
    }
}


@router.get("/api/placements", responses=problems(401))
async def list_placements(services: ServicesDep, _user: CurrentUser) -> list[PlacementListed]:
    """Lists the placements that films can be checked for."""
    known = await asyncio.to_thread(lambda: services.films.placements)
    return [
        PlacementListed(
            name=each.name, title=each.title, aspect=each.aspect, seconds=each.seconds, rules=len(each.rules)
        )
        for each in known.values()
    ]


@router.post("/api/check", responses=problems(401, 403, 413, 415), openapi_extra=_FORM)
async def check_film(request: Request, services: ServicesDep, options: OptionsDep, user: CurrentUser) -> CheckedFilm:
    """Checks a film of any maker against the rules of placements, each with its source. The film is not kept.

    A film that cannot be read has the grade `unreadable`.
    """
    async with received_film(request, options, services.space) as upload:
        return await _checked(services, user.id, upload)


async def _checked(services: Services, user_id: str, upload: FilmUpload) -> CheckedFilm:
    """Waits for a turn only when the film is here: a slow upload keeps no other user waiting."""
    async with services.checking.acquire(user_id):
        report = await asyncio.to_thread(services.films.check, upload.path, upload.placements, upload.name)
    return CheckedFilm.model_validate(report.to_json())
