"""Logos, fonts, music and recordings of users, for brand kits and films."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from adreel.domain.accounts.stored_brands import FileKind
from adreel.routers.common.brand_answers import file_answer
from adreel.routers.common.deps import CurrentUser, ItemId, OptionsDep, ResponsesDep, ServicesDep
from adreel.routers.common.file_upload import FILE, KIND, received_file
from adreel.routers.common.problems import problems
from adreel.routers.schemas.brands import StoredFile, StoredFiles

router = APIRouter(prefix="/api/files", tags=["brands"])

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FILE, KIND],
                    "additionalProperties": False,
                    "properties": {
                        FILE: {
                            "type": "string",
                            "format": "binary",
                            "description": "A logo: PNG or JPEG of at most 5 MB, or SVG of shapes alone; "
                            "a font: TTF, OTF or TTC of at most 30 MiB; "
                            "music, or a recording of a spoken line: WAV, MP3, M4A, AAC, OGG, Opus or FLAC of at most 50 MiB",
                        },
                        KIND: {"type": "string", "enum": [kind.value for kind in FileKind]},
                    },
                }
            }
        },
    }
}


@router.get("", responses=problems(401))
async def list_files(services: ServicesDep, user: CurrentUser, responses: ResponsesDep) -> StoredFiles:
    """Lists the user's logos, fonts, music and recordings."""
    return StoredFiles(files=[file_answer(each, responses) for each in await services.user_files.list(user.id)])


@router.post("", status_code=201, responses=problems(401, 403, 409, 413, 415), openapi_extra=_FORM)
async def upload_file(
    request: Request, services: ServicesDep, options: OptionsDep, user: CurrentUser, responses: ResponsesDep
) -> StoredFile:
    """Uploads a logo, a font, music or a recording, for brand kits and for films. The same file again is the one that is there.

    An SVG is drawn, and its drawing is kept; one that holds more than shapes is 422, like any file that cannot be used. A
    recording is checked for clipping, noise and length, and kept levelled, without the silence around it.
    409 beyond 200 files.
    """
    async with received_file(request, options, services.space) as received:
        return file_answer(await services.file_intake.add(user.id, received), responses)


@router.delete("/{file_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def delete_file(services: ServicesDep, user: CurrentUser, file_id: ItemId) -> Response:
    """Deletes a file; 409 while a brand kit uses it. Films that were made with it stay as they are."""
    await services.user_files.remove(user.id, file_id)
    await services.deletions.soon()
    return Response(status_code=204)
