"""Example products."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from adreel.domain.sessions.session import Asset
from adreel.routers.common.deps import CurrentUser, IdempotentDep, OptionsDep, ResponsesDep, SessionId
from adreel.routers.common.files import is_known
from adreel.routers.common.problems import problems
from adreel.routers.schemas.previews import EXAMPLE_PATTERN, Example, ExamplePhoto, UseExampleRequest
from adreel.routers.schemas.sessions import Uploaded
from adreel.services.receipts import Receipt
from adreel.services.sessions import examples
from adreel.services.sessions.uploads import PhotoIntake, copied

router = APIRouter(tags=["examples"])

_CACHE_SECONDS = 24 * 3600
_PICTURE = {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}}

Name = Annotated[str, Path(pattern=EXAMPLE_PATTERN, examples=["mug"])]
PhotoName = Annotated[str, Path(pattern=EXAMPLE_PATTERN, examples=["mug-front"])]


@router.get("/api/examples", responses=problems(401))
async def list_examples(_user: CurrentUser, options: OptionsDep) -> list[Example]:
    """Lists example products with their photos, prompts and card texts."""
    base = options.public_url or ""
    return [
        Example(
            name=each.name,
            title=each.title,
            prompt=each.prompt,
            product_name=each.product_name,
            cta=each.cta,
            photos=[
                ExamplePhoto(name=photo.name, url=f"{base}/api/examples/{each.name}/{photo.name}")
                for photo in each.photos
            ],
        )
        for each in examples.examples()
    ]


@router.get(
    "/api/examples/{name}/{photo}",
    response_class=Response,
    responses={**problems(404), 200: {"description": "The thumbnail", **_PICTURE}, 304: {"description": "Unchanged"}},
)
async def get_example_photo(request: Request, name: Name, photo: PhotoName) -> Response:
    """Returns the thumbnail of an example photo. Needs no login: the photos belong to the project."""
    picture = await asyncio.to_thread(examples.small_picture, name, photo)
    etag = f'"{hashlib.sha256(picture).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": f"public, max-age={_CACHE_SECONDS}"}
    if is_known(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(picture, media_type="image/webp", headers=headers)


@router.post(
    "/api/sessions/{session_id}/examples", response_model=Uploaded, responses=problems(401, 403, 404, 409, 413)
)
async def use_example(
    request: Request,
    options: OptionsDep,
    user: CurrentUser,
    responses: ResponsesDep,
    idempotent: IdempotentDep,
    session_id: SessionId,
    body: UseExampleRequest,
) -> JSONResponse:
    """Adds an example's photos to a session, like an upload."""
    example = examples.example(body.name)
    intake: PhotoIntake = request.app.state.intake

    async def add(receipt: Receipt[tuple[Asset, ...]]) -> tuple[Asset, ...]:
        async with copied([photo.path for photo in example.photos], options.work_folder) as upload:
            labelled = replace(upload, view_types=tuple(photo.view_type for photo in example.photos))
            return await intake.add(user.id, session_id, labelled, receipt)

    return await idempotent.answer(body, add, responses.uploads)
