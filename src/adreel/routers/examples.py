"""Products to try adreel with."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from adreel.intake import PhotoIntake, copied
from adreel.routers.deps import CurrentUser, OnceDep, OptionsDep, SessionId, ShapesDep
from adreel.routers.problems import problems
from adreel.routers.ranges import is_known
from adreel.routers.schemas.previews import EXAMPLE_PATTERN, Example, ExamplePhoto, UseExample
from adreel.routers.schemas.sessions import Uploaded
from adreel.services import examples

router = APIRouter(tags=["examples"])

_KEPT_SECONDS = 24 * 3600
_PICTURE = {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}}

Name = Annotated[str, Path(pattern=EXAMPLE_PATTERN, examples=["mug"])]
PhotoName = Annotated[str, Path(pattern=EXAMPLE_PATTERN, examples=["mug-front"])]


@router.get("/api/examples", responses=problems(401))
async def list_examples(_user: CurrentUser, options: OptionsDep) -> list[Example]:
    """Products with photos and words that suit them."""
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
    responses={**problems(404), 200: {"description": "A small picture", **_PICTURE}, 304: {"description": "Unchanged"}},
)
async def get_example_photo(request: Request, name: Name, photo: PhotoName) -> Response:
    """A small picture of an example's photo. They are the project's own: nobody needs to log in for them."""
    picture = await asyncio.to_thread(examples.small_picture, name, photo)
    etag = f'"{hashlib.sha256(picture).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": f"public, max-age={_KEPT_SECONDS}"}
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
    shapes: ShapesDep,
    once: OnceDep,
    session_id: SessionId,
    body: UseExample,
) -> JSONResponse:
    """Puts an example's photos into a session, as if they had been uploaded."""
    found = examples.example(body.name)
    intake: PhotoIntake = request.app.state.intake

    async def add() -> Uploaded:
        async with copied([photo.path for photo in found.photos], options.work_folder) as upload:
            viewed = replace(upload, view_types=tuple(photo.view_type for photo in found.photos))
            assets = await intake.add(user.id, session_id, viewed)
        return Uploaded(images=[shapes.uploaded(asset) for asset in assets])

    return await once.answer(body, add)
