"""Sends stored files: whole or in part, read in threads so that nobody waits for the disk."""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from adreel.domain.errors import NotFoundError
from adreel.routers.problems import Problem
from adreel.routers.ranges import NoSuchBytesError, Span, is_known, is_same, wanted_span
from adreel.services.storage.objects import StoredObject

CHUNK = 256 * 1024
_MAX_NAME = 150
_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|;%]')


async def file_response(
    found: StoredObject, path: Path | None, asked: Mapping[str, str], headers: dict[str, str]
) -> Response:
    """The file, or the part of it that `asked` (the request's headers) wants. `path` None answers with headers only.

    `headers` go with it. Raises NotFoundError when the file has just gone.
    """
    etag = etag_of(found)
    all_headers = {**headers, "etag": etag, "accept-ranges": "bytes", "content-type": found.content_type}
    if is_known(asked.get("if-none-match"), etag):
        return Response(status_code=304, headers=all_headers)
    try:
        span = wanted_span(asked.get("range"), found.size) if is_same(asked.get("if-range"), etag) else None
    except NoSuchBytesError:
        detail = f"the file has {found.size} bytes; there are none where the range begins"
        return Problem(416, "range", detail, {"content-range": f"bytes */{found.size}"})
    if span is None:
        return await _response(200, path, Span(0, found.size), all_headers)
    part = {"content-range": f"bytes {span.start}-{span.end - 1}/{found.size}"}
    return await _response(206, path, span, {**all_headers, **part})


def etag_of(found: StoredObject) -> str:
    """Files never change under their key, so the key says it."""
    return f'"{hashlib.sha256(f"{found.key} {found.size}".encode()).hexdigest()[:32]}"'


def clean_name(name: str) -> str:
    """A file's name as it was given, without what is no part of a name or could be taken for something else."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    fit = "".join(character for character in _UNFIT.sub("", last) if character.isprintable())
    return fit.strip(" .")[:_MAX_NAME]


def disposition(download: str | None) -> str:
    """Content-Disposition: shown in place, or kept under the name."""
    name = clean_name(download) if download else ""
    if not name:
        return "inline" if download is None else "attachment"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _response(status: int, path: Path | None, span: Span, headers: dict[str, str]) -> Response:
    sized = {**headers, "content-length": str(span.length)}
    if path is None:
        return Response(status_code=status, headers=sized)
    try:
        # Opened before the answer begins: a file that has gone is told with 404.
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError as error:
        raise NotFoundError("the file is gone") from error
    return StreamingResponse(_read(file, span), status, sized)


async def _read(file: BinaryIO, span: Span) -> AsyncIterator[bytes]:
    try:
        await asyncio.to_thread(file.seek, span.start)
        left = span.length
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(CHUNK, left))
            if not chunk:
                raise OSError("the file became shorter while it was sent")
            left -= len(chunk)
            yield chunk
    finally:
        file.close()
