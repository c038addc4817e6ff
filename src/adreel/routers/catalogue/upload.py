"""Reads a request about a feed: JSON with its address, or a form with the feed as a file and the rest as JSON."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from adreel.domain.errors import InputError
from adreel.domain.json_text import read_json
from adreel.media.scratch import scratch_folder
from adreel.media.segments.store import file_digest
from adreel.routers.catalogue.schemas import FeedOptions
from adreel.routers.common.options import AppOptions
from adreel.services.storage.disk_space import DiskSpace

FEED, ORDER = "feed", "order"
_COPIES = 2
"""An upload is on the disk twice: as the parsed form and as a file."""
_MAX_ORDER = 512 * 1024

Options = TypeVar("Options", bound=FeedOptions)


def form_of(name: str, *, json: bool = True) -> dict[str, Any]:
    """The bodies of a request, for the description of the API: `name` is the schema of its JSON. Without `json` only the form is
    described: openapi-python-client 0.29 writes a module that cannot be imported for two bodies without optional parameters."""
    order = {"$ref": f"#/components/schemas/{name}"}
    form = {
        "type": "object",
        "required": [FEED, ORDER],
        "additionalProperties": False,
        "properties": {
            FEED: {
                "type": "string",
                "format": "binary",
                "description": "CSV, TSV, XLSX, Google Merchant XML, products.json or a saved product page",
            },
            ORDER: {"type": "string", "contentMediaType": "application/json", "contentSchema": order},
        },
    }
    content = {"application/json": {"schema": order}} if json else {}
    content |= {"multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


@asynccontextmanager
async def received_feed(
    request: Request, kind: type[Options], options: AppOptions, space: DiskSpace | None
) -> AsyncGenerator[tuple[Options, Path | str]]:
    """Yields the body, and the feed: a file, which is deleted after the block unless it was moved, or its address.

    Raises InputError without a feed, RequestValidationError, HTTPException for other content types, NoSpaceError.
    """
    content = request.headers.get("content-type", "").lower()
    if content.startswith("application/json"):
        body = _body(kind, await request.body())
        if body.url is None:
            raise InputError(f"the feed is missing: give its url, or send it as a file in the field {FEED}")
        yield body, body.url
    elif content.startswith("multipart/form-data"):
        length = request.headers.get("content-length", "")
        size = int(length) if length.isdecimal() else options.max_file
        async with nullcontext() if space is None else space.reserved_for(_COPIES * size, "the upload"):
            with scratch_folder(options.work_folder, "adreel-upload-") as folder:
                yield await _form(request, kind, folder / "feed")
    else:
        raise HTTPException(415, "send application/json, or multipart/form-data with the feed as a file")


async def _form(request: Request, kind: type[Options], path: Path) -> tuple[Options, Path]:
    async with request.form(max_files=1, max_fields=5, max_part_size=_MAX_ORDER) as form:
        if set(form.keys()) - {FEED, ORDER}:
            raise InputError(f"the form has unknown fields; send {FEED} and {ORDER} only")
        file, order = form.get(FEED), form.get(ORDER)
        if not isinstance(file, UploadFile):
            raise InputError(f"there is no feed in the form; send it as a file, with a file name, in the field {FEED}")
        body = _body(kind, str(order or "{}").encode())
        if body.url is not None:
            raise InputError("give either the feed's url or the feed itself")
        await asyncio.to_thread(_copy, file, path)
        return body, path


def _body(kind: type[Options], text: bytes) -> Options:
    try:
        return kind.model_validate(read_json(text))
    except ValidationError as error:
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]) from error
    except ValueError as error:
        raise InputError(f"the order is not JSON: {str(error)[:200]}") from error


async def digest_of(body: FeedOptions, source: Path | str) -> str:
    """What a repeated request has in common with the first: its body, and the feed itself."""
    feed = "" if isinstance(source, str) else await asyncio.to_thread(file_digest, source)
    return f"{body.model_dump_json()}\n{feed}"


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(file.file, target, 1024 * 1024)
