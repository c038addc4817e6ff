"""Stored files by signed links."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from adreel.domain.errors import NotFoundError
from adreel.routers.deps import ServicesDep
from adreel.routers.files import disposition, file_response
from adreel.routers.problems import problems
from adreel.routers.services import Services
from adreel.services.storage.keys import is_key
from adreel.services.storage.objects import StoredObject

router = APIRouter(tags=["media"])

_MAX_TIME = 2**40
_FILE = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
_ANSWERS = {
    **problems(403, 404, 416),
    200: {"description": "The file", **_FILE},
    206: {"description": "The part that `Range` asks for", **_FILE},
    304: {"description": "The client has this version already"},
    307: {"description": "The file is elsewhere; `Location` is good for as long as the link was"},
}
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

Expires = Annotated[int, Query(ge=0, le=_MAX_TIME, description="Seconds since 1970")]
Signature = Annotated[str, Query(max_length=200)]
Download = Annotated[str | None, Query(max_length=200, description="Keep the file under this name")]


@router.get("/media/{key:path}", responses=_ANSWERS, response_class=Response)
async def get_media(
    request: Request,
    services: ServicesDep,
    key: str,
    expires: Expires,
    signature: Signature,
    download: Download = None,
) -> Response:
    """The file of a link from an answer of the API. `Range`, `If-Range` and `If-None-Match` are understood."""
    found = await _found(services, key, expires, signature)
    path = services.storage.local_path(key)
    left = max(1, expires - int(time.time()))
    if path is not None:
        return await file_response(found, path, request.headers, _headers(left, download))
    link = await services.storage.link(key, left, None if download is None else disposition(download))
    if link is None:
        raise NotFoundError("the file cannot be reached")
    return RedirectResponse(link, 307)


@router.head("/media/{key:path}", responses=_ANSWERS, response_class=Response)
async def head_media(
    request: Request,
    services: ServicesDep,
    key: str,
    expires: Expires,
    signature: Signature,
    download: Download = None,
) -> Response:
    """What a GET of the same link would say of the file, without the file."""
    found = await _found(services, key, expires, signature)
    left = max(1, expires - int(time.time()))
    return await file_response(found, None, request.headers, _headers(left, download))


async def _found(services: Services, key: str, expires: int, signature: str) -> StoredObject:
    if not services.links.verify(key, expires, signature):
        raise HTTPException(403, "the link has expired or was not signed here; get a new one from the session")
    found = await services.storage.stat(key) or await services.thumbnails.find(key) if is_key(key) else None
    if found is None:
        raise NotFoundError("the file is gone")
    return found


def _headers(seconds: int, download: str | None) -> dict[str, str]:
    return {
        "cache-control": f"private, max-age={seconds}, immutable",
        "content-disposition": disposition(download),
        "content-security-policy": _POLICY,
    }
