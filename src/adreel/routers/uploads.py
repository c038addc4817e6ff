"""Photos in a request's form, copied to files of ours."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from adreel.domain.errors import InputError
from adreel.domain.scene import ViewType
from adreel.intake import Sent, Upload
from adreel.routers.files import clean_name
from adreel.routers.options import AppOptions

_FILES, _VIEWS, _FRAMINGS = "files", "view_types", "framings"
_MAX_FIELDS = 60
_MAX_FIELD = 1000


@asynccontextmanager
async def received(request: Request, options: AppOptions) -> AsyncGenerator[Upload]:
    """The upload in a request's form. Its files are gone after the block.

    Raises InputError for a form without photos or with view types that are none, HTTPException for what is no form or too large.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, f"send the photos as multipart/form-data, in fields named {_FILES}")
    folder = await asyncio.to_thread(tempfile.mkdtemp, None, "adreel-upload-", options.work_folder)
    try:
        async with request.form(max_files=options.max_files, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD) as form:
            yield await _read(form, Path(folder), options)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _read(form: FormData, folder: Path, options: AppOptions) -> Upload:
    unknown = sorted(set(form.keys()) - {_FILES, _VIEWS, _FRAMINGS})
    if unknown:
        raise InputError(f"the form has fields that are not known here; send {_FILES}, {_VIEWS} and {_FRAMINGS} only")
    files = form.getlist(_FILES)
    if not files:
        raise InputError(f"there are no photos in the form; send 1 to {options.max_files} in fields named {_FILES}")
    views = _views(form, len(files))
    framings = _framings(form, len(files), views)
    photos = [await _take(file, folder / str(index), options.max_file) for index, file in enumerate(files)]
    first: dict[str, int] = {}
    for index, photo in enumerate(photos):
        first.setdefault(photo.digest, index)
    kept = sorted(first.values())
    return Upload(tuple(photos[index] for index in kept), tuple(views[index] for index in kept if views), framings)


def _views(form: FormData, count: int) -> list[ViewType]:
    named = [part.strip() for value in form.getlist(_VIEWS) for part in str(value).split(",") if part.strip()]
    try:
        views = [ViewType(name) for name in named]
    except ValueError as error:
        raise InputError(f"a view type is not known; choose from {', '.join(ViewType)}") from error
    if views and len(views) != count:
        raise InputError(f"there are {count} photos, but {len(views)} view types; give one for each, or none")
    return views


def _framings(form: FormData, count: int, views: list[ViewType]) -> bool:
    values = [str(value).lower() for value in form.getlist(_FRAMINGS)]
    if any(value not in {"true", "false"} for value in values):
        raise InputError(f"{_FRAMINGS} is true or false")
    if "true" in values and (count > 1 or views):
        raise InputError(f"{_FRAMINGS} are made of a single photo, without {_VIEWS}; there are {count} photos")
    return "true" in values


async def _take(file: UploadFile | str, path: Path, limit: int) -> Sent:
    if isinstance(file, str):
        raise InputError(f"{_FILES} has text where a photo must be; send it as a file, with a file name")
    name = clean_name(file.filename or "") or "photo"
    if (file.size or 0) > limit:
        raise HTTPException(413, f"{name} has {file.size} bytes; photos of up to {limit} bytes are taken")
    digest, size = await asyncio.to_thread(_copy, file, path)
    return Sent(path, name, digest, size)


def _copy(file: UploadFile, path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        while chunk := file.file.read(1024 * 1024):
            digest.update(chunk)
            size += target.write(chunk)
    return digest.hexdigest(), size
