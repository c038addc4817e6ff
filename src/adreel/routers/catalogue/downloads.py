"""The results of a batch as files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from adreel.routers.common.deps import CurrentUser, ItemId, OptionsDep, ServicesDep
from adreel.routers.common.files import disposition
from adreel.routers.common.options import AppOptions
from adreel.routers.common.problems import problems
from adreel.routers.common.services import Services

router = APIRouter(prefix="/api/batches", tags=["batches"])

_DAY = 24 * 3600
Days = Annotated[int, Query(ge=1, le=365, description="How long the addresses of films are valid")]


def _file(kind: str) -> dict[int | str, dict[str, object]]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {**problems(401, 404, 409), 200: {"description": "The file", "content": content}}


@router.get("/{batch_id}/films.zip", responses=_file("application/zip"), response_class=Response)
async def download_batch_films(services: ServicesDep, user: CurrentUser, batch_id: ItemId) -> Response:
    """Returns a zip of all films, named by the ids of their products, with `manifest.jsonl` and `problems.csv`."""
    view = await services.catalogues.batches.get(user.id, batch_id)
    pieces = services.catalogues.downloads.films(user.id, batch_id)
    return StreamingResponse(pieces, media_type="application/zip", headers=_named(f"{view.batch.catalogue}.zip"))


@router.get("/{batch_id}/manifest.jsonl", responses=_file("application/jsonl"), response_class=Response)
async def download_batch_manifest(
    services: ServicesDep, options: OptionsDep, user: CurrentUser, batch_id: ItemId, days: Days = 30
) -> Response:
    """Returns a line of JSON for each film: its product, its signed address, its hash, its verdict."""
    await services.catalogues.batches.get(user.id, batch_id)
    link = _Links(services, options, days)
    lines = services.catalogues.downloads.manifest(user.id, batch_id, link)
    return StreamingResponse(lines, media_type="application/jsonl", headers=_named("manifest.jsonl"))


@router.get("/{batch_id}/problems.csv", responses=_file("text/csv"), response_class=Response)
async def download_batch_problems(services: ServicesDep, user: CurrentUser, batch_id: ItemId) -> Response:
    """Returns the errors and notes by row and field as a table."""
    await services.catalogues.batches.get(user.id, batch_id)
    lines = services.catalogues.downloads.problems(user.id, batch_id)
    return StreamingResponse(lines, media_type="text/csv", headers=_named("problems.csv"))


@router.get("/{batch_id}/feed", responses=_file("*/*"), response_class=Response)
async def download_batch_feed(
    services: ServicesDep, options: OptionsDep, user: CurrentUser, batch_id: ItemId, days: Days = 30
) -> Response:
    """Returns the feed with the signed addresses of its films: in columns for Google (`video_link`) and Meta (`video[0].url`) of
    a table, as `g:video_link` in XML; for other feeds a table of ids and addresses."""
    name, content = await services.catalogues.downloads.feed(user.id, batch_id, _Links(services, options, days))
    return Response(content, media_type="application/octet-stream", headers=_named(name))


class _Links:
    """Signs addresses of stored files for some days; whole ones, since they are used elsewhere."""

    def __init__(self, services: Services, options: AppOptions, days: int) -> None:
        self._links = services.links
        self._base = options.public_url or ""
        self._seconds = days * _DAY

    def __call__(self, key: str) -> str:
        return f"{self._base}/media/{key}?{self._links.sign(key, self._seconds)}"


def _named(name: str) -> dict[str, str]:
    return {"content-disposition": disposition(name)}
