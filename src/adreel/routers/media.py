"""Stored files, by signed links."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from adreel.domain.errors import NotFoundError
from adreel.routers.common.deps import ServicesDep
from adreel.routers.common.files import disposition, file_response
from adreel.routers.common.problems import problems
from adreel.routers.common.services import Services
from adreel.services.storage.keys import is_key
from adreel.services.storage.object_store import StoredObject

router = APIRouter(tags=["media"])

_TIME = re.compile(r"[0-9]{1,12}")
_MAX_SIGNATURE = 200
_FILE = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
_ANSWERS = {
    **problems(403, 404, 416),
    200: {"description": "The file", **_FILE},
    206: {"description": "The requested range", **_FILE},
    304: {"description": "The client has this version already"},
    307: {"description": "The file is in the object store; `Location` is valid for as long as the link"},
}
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

Expires = Annotated[str | None, Query(description="Seconds since 1970")]
Signature = Annotated[str | None, Query()]
Download = Annotated[str | None, Query(max_length=200, description="Offer the file as a download under this name")]


@router.get("/media/{key:path}", responses=_ANSWERS, response_class=Response)
async def get_media(
    request: Request,
    services: ServicesDep,
    key: str,
    expires: Expires = None,
    signature: Signature = None,
    download: Download = None,
) -> Response:
    """Returns the file of a signed link. Supports `Range`, `If-Range` and `If-None-Match`."""
    stored, left = await _stored(services, key, expires, signature)
    path = services.storage.local_path(key)
    if path is not None:
        return await file_response(stored, path, request.headers, _headers(left, download))
    link = await services.storage.link(key, left, None if download is None else disposition(download))
    if link is None:
        raise NotFoundError("the file cannot be reached")
    return RedirectResponse(link, 307)


@router.head("/media/{key:path}", responses=_ANSWERS, response_class=Response)
async def head_media(
    request: Request,
    services: ServicesDep,
    key: str,
    expires: Expires = None,
    signature: Signature = None,
    download: Download = None,
) -> Response:
    """Returns the headers of a GET of the same link, without the file."""
    stored, left = await _stored(services, key, expires, signature)
    return await file_response(stored, None, request.headers, _headers(left, download))


async def _stored(services: Services, key: str, expires: str | None, signature: str | None) -> tuple[StoredObject, int]:
    """The file, and the seconds until its link ends.

    Raises HTTPException (403) for anything but a link that was signed here and is still valid, NotFoundError.
    """
    moment = int(expires) if expires and _TIME.fullmatch(expires) else None
    if moment is None or signature is None or not services.links.verify(key, moment, signature[:_MAX_SIGNATURE]):
        raise HTTPException(403, "the link is not signed or has expired; get a new one from the session")
    stored = await services.storage.stat(key) or await services.thumbnails.find(key) if is_key(key) else None
    if stored is None:
        raise NotFoundError("the file is gone")
    return stored, services.links.left(moment)


def _headers(seconds: int, download: str | None) -> dict[str, str]:
    return {
        "cache-control": f"private, max-age={seconds}, immutable",
        "content-disposition": disposition(download),
        "content-security-policy": _POLICY,
    }
