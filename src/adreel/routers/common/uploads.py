"""Reads uploaded photos from a multipart form into temporary files."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from adreel.domain.errors import InputError
from adreel.domain.films.scene import ViewType
from adreel.media.scratch import scratch_folder
from adreel.routers.common.files import clean_name
from adreel.routers.common.options import AppOptions
from adreel.services.sessions.uploads import Upload, UploadedFile
from adreel.services.storage.disk_space import DiskSpace

_FILES, _VIEWS, _FRAMINGS = "files", "view_types", "framings"
_COPIES = 2
"""An upload is on the disk twice: as the parsed form and as separate files."""

_MAX_FIELDS = 60
_MAX_FIELD = 1000


@asynccontextmanager
async def received(request: Request, options: AppOptions, space: DiskSpace | None = None) -> AsyncGenerator[Upload]:
    """Reads the upload in a request's form. Its files are deleted after the block.

    Raises InputError for a form without photos or with unknown view types, HTTPException for other content types and photos
    that are too large, NoSpaceError when the disk has no room.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, f"send the photos as multipart/form-data, in fields named {_FILES}")
    limits = {"max_files": options.max_files, "max_fields": _MAX_FIELDS, "max_part_size": _MAX_FIELD}
    async with _reserved_space(request, options, space):
        with scratch_folder(options.work_folder, "adreel-upload-") as folder:
            async with request.form(**limits) as form:
                yield await _read(form, folder, options)


@asynccontextmanager
async def _reserved_space(request: Request, options: AppOptions, space: DiskSpace | None) -> AsyncGenerator[None]:
    """Reserves disk space before the body is read: by Content-Length, otherwise for one photo of the largest size."""
    if space is None:
        yield
        return
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else options.max_file
    async with space.reserved_for(_COPIES * size, "the upload"):
        yield


async def _read(form: FormData, folder: Path, options: AppOptions) -> Upload:
    unknown = sorted(set(form.keys()) - {_FILES, _VIEWS, _FRAMINGS})
    if unknown:
        raise InputError(f"the form has unknown fields; send {_FILES}, {_VIEWS} and {_FRAMINGS} only")
    files = form.getlist(_FILES)
    if not files:
        raise InputError(f"there are no photos in the form; send 1 to {options.max_files} in fields named {_FILES}")
    views = _views(form, len(files))
    framings = _framings(form, len(files), views)
    photos = [await _read_photo(file, folder / str(index), options.max_file) for index, file in enumerate(files)]
    first: dict[str, int] = {}
    for index, photo in enumerate(photos):
        first.setdefault(photo.digest, index)
    distinct = sorted(first.values())
    return Upload(tuple(photos[at] for at in distinct), tuple(views[at] for at in distinct if views), framings)


def _views(form: FormData, count: int) -> list[ViewType]:
    named = [part.strip() for value in form.getlist(_VIEWS) for part in str(value).split(",") if part.strip()]
    try:
        views = [ViewType(name) for name in named]
    except ValueError as error:
        raise InputError(f"unknown view type; choose from {', '.join(ViewType)}") from error
    if views and len(views) != count:
        raise InputError(f"there are {count} photos, but {len(views)} view types; give one for each, or none")
    return views


def _framings(form: FormData, count: int, views: list[ViewType]) -> bool:
    values = [str(value).lower() for value in form.getlist(_FRAMINGS)]
    if any(value not in {"true", "false"} for value in values):
        raise InputError(f"{_FRAMINGS} must be true or false")
    if "true" in values and (count > 1 or views):
        raise InputError(f"{_FRAMINGS} needs a single photo and no {_VIEWS}; there are {count} photos")
    return "true" in values


async def _read_photo(file: UploadFile | str, path: Path, limit: int) -> UploadedFile:
    if isinstance(file, str):
        raise InputError(f"{_FILES} contains text instead of a photo; send it as a file, with a file name")
    name = clean_name(file.filename or "") or "photo"
    if (file.size or 0) > limit:
        raise HTTPException(413, f"{name} has {file.size} bytes; photos of up to {limit} bytes are accepted")
    digest, size = await asyncio.to_thread(_copy, file, path)
    return UploadedFile(path, name, digest, size)


def _copy(file: UploadFile, path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        while chunk := file.file.read(1024 * 1024):
            digest.update(chunk)
            size += target.write(chunk)
    return digest.hexdigest(), size
