"""Brand kits: what makes the films of a brand alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from adreel.routers.common.brand_answers import brand_answer
from adreel.routers.common.deps import CurrentUser, ResponsesDep, ServicesDep
from adreel.routers.common.problems import problems
from adreel.routers.schemas.brands import BRAND_NAME, Brand, Brands, CreateBrandRequest, ReplaceBrandRequest

router = APIRouter(prefix="/api/brands", tags=["brands"])

KitName = Annotated[str, Path(pattern=BRAND_NAME, examples=["morgen"])]


@router.get("", responses=problems(401))
async def list_brands(services: ServicesDep, user: CurrentUser, responses: ResponsesDep) -> Brands:
    """Lists the user's brand kits."""
    return Brands(brands=[brand_answer(each, responses) for each in await services.brands.list(user.id)])


@router.post("", status_code=201, responses=problems(401, 403, 409, 413))
async def create_brand(
    services: ServicesDep, user: CurrentUser, responses: ResponsesDep, body: CreateBrandRequest
) -> Brand:
    """Stores a brand kit. Its files are uploaded before, by `POST /api/files`.

    409 for a name that is taken, and beyond 50 kits.
    """
    made = await services.brands.add(user.id, body.kit(body.name), body.slots)
    return brand_answer(made, responses)


@router.get("/{name}", responses=problems(401, 404))
async def get_brand(services: ServicesDep, user: CurrentUser, responses: ResponsesDep, name: KitName) -> Brand:
    """Returns a brand kit."""
    return brand_answer(await services.brands.get(user.id, name), responses)


@router.put("/{name}", responses=problems(401, 403, 404, 413))
async def replace_brand(
    services: ServicesDep, user: CurrentUser, responses: ResponsesDep, name: KitName, body: ReplaceBrandRequest
) -> Brand:
    """Replaces a brand kit: what the body leaves out is taken out of it. Files that no kit uses any more are deleted.

    Films that were made stay as they are.
    """
    return brand_answer(await services.brands.replace(user.id, body.kit(name), body.slots), responses)


@router.delete("/{name}", status_code=204, responses=problems(401, 403, 404))
async def delete_brand(services: ServicesDep, user: CurrentUser, name: KitName) -> Response:
    """Deletes a brand kit, and its files that no other kit uses. Sessions with it have no brand from then on."""
    await services.brands.remove(user.id, name)
    await services.deletions.soon()
    return Response(status_code=204)
