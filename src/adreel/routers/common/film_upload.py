"""Reads an uploaded film from a multipart form into a temporary file."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from adreel.domain.errors import InputError
from adreel.media.scratch import scratch_folder
from adreel.routers.common.files import clean_name
from adreel.routers.common.options import AppOptions
from adreel.services.storage.disk_space import DiskSpace

FILE, PLACEMENTS = "file", "placements"
_COPIES = 2
"""An upload is on the disk twice: as the parsed form and as a file."""
_MAX_FIELDS = 60
_MAX_FIELD = 1000


@dataclass(frozen=True, slots=True)
class FilmUpload:
    """An uploaded film and the names of the placements that it is checked for."""

    path: Path
    name: str
    placements: tuple[str, ...]


@asynccontextmanager
async def received_film(request: Request, options: AppOptions, space: DiskSpace | None) -> AsyncGenerator[FilmUpload]:
    """Reads the upload; its file is deleted after the block. Its size is limited with that of all bodies.

    Raises InputError for a form without a film, HTTPException for other content types, NoSpaceError when the disk has no room.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, f"send the film as multipart/form-data, in a field named {FILE}")
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else options.max_upload
    room = nullcontext() if space is None else space.reserved_for(_COPIES * size, "the upload")
    async with room:
        with scratch_folder(options.work_folder, "adreel-upload-") as folder:
            async with request.form(max_files=1, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD) as form:
                yield await _read(form, folder / "film")


async def _read(form: FormData, path: Path) -> FilmUpload:
    unknown = sorted(set(form.keys()) - {FILE, PLACEMENTS})
    if unknown:
        raise InputError(f"the form has unknown fields; send {FILE} and {PLACEMENTS} only")
    file = form.get(FILE)
    if not isinstance(file, UploadFile):
        raise InputError(f"there is no film in the form; send one as a file in the field {FILE}")
    await asyncio.to_thread(_copy, file, path)
    named = [part.strip() for value in form.getlist(PLACEMENTS) for part in str(value).split(",")]
    return FilmUpload(path, clean_name(file.filename or "") or "film", tuple(filter(None, named)))


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(file.file, target, 1024 * 1024)
