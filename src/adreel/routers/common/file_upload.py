"""Reads an uploaded logo, font or music file from a multipart form into a temporary file."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from fastapi import HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from adreel.domain.accounts.stored_brands import FileKind
from adreel.domain.errors import InputError
from adreel.media.scratch import scratch_folder
from adreel.routers.common.files import clean_name
from adreel.routers.common.options import AppOptions
from adreel.services.brands.examination import LARGEST
from adreel.services.brands.intake import ReceivedFile
from adreel.services.storage.disk_space import DiskSpace

FILE, KIND = "file", "kind"
_COPIES = 2
"""An upload is on the disk twice: as the parsed form and as a file."""
_MAX_FIELDS = 10
_MAX_FIELD = 1000
LARGEST_BODY = max(LARGEST.values()) + 2**20
"""Bytes of the largest request: a file and the rest of its form."""


@asynccontextmanager
async def received_file(request: Request, options: AppOptions, space: DiskSpace | None) -> AsyncGenerator[ReceivedFile]:
    """Reads the upload; its file is deleted after the block, unless it was moved.

    Raises InputError for a form without a file or with an unknown kind, HTTPException for other content types, NoSpaceError when
    the disk has no room.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, f"send the file as multipart/form-data, in a field named {FILE}")
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else LARGEST_BODY
    room = nullcontext() if space is None else space.reserved_for(_COPIES * size, "the upload")
    async with room:
        with scratch_folder(options.work_folder, "adreel-upload-") as folder:
            async with request.form(max_files=1, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD) as form:
                received = await _read(form, folder / "file")
            yield received


async def _read(form: FormData, path: Path) -> ReceivedFile:
    if set(form.keys()) - {FILE, KIND}:
        raise InputError(f"the form has unknown fields; send {FILE} and {KIND} only")
    file, kind = form.get(FILE), str(form.get(KIND) or "")
    if kind not in set(FileKind):
        raise InputError(f"{KIND} must be one of {', '.join(FileKind)}")
    if not isinstance(file, UploadFile):
        raise InputError(f"there is no file in the form; send one, with a file name, in the field {FILE}")
    await asyncio.to_thread(_copy, file, path)
    return ReceivedFile(path, clean_name(file.filename or "") or kind, FileKind(kind))


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(file.file, target, 1024 * 1024)
