"""Uploads of logos, fonts, music and recordings of lines: examined, stored under generated names, recorded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from adreel.domain.accounts.stored_brands import FileKind, UserFile
from adreel.domain.errors import ConflictError, InputError, LimitError
from adreel.domain.ids import MakeId, new_id
from adreel.media.segments.store import file_digest
from adreel.services.brands.examination import LARGEST, Examined, examine
from adreel.services.brands.files import NewFile, UserFiles
from adreel.services.brands.keys import files_folder
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.storage.keys import suffix_of
from adreel.services.storage_service import StorageService

_AT_ONCE, _WAITING = 2, 8


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """An uploaded file: a local copy, what the user called it, and what it is to be."""

    path: Path
    name: str
    kind: FileKind


class FileIntake:
    """Examines files, a few at a time, and adds them to the user's files."""

    def __init__(self, files: UserFiles, storage: StorageService, make_id: MakeId = new_id) -> None:
        self._files = files
        self._storage = storage
        self._make_id = make_id
        self._examining = ConcurrencyLimiter("files", _AT_ONCE, _WAITING)

    async def add(self, user_id: str, received: ReceivedFile) -> UserFile:
        """Stores a file; one that the user has stored already is that one. `received.path` is moved away.

        Raises PhotoError, TextError, MusicError or RecordingError for a file that cannot be used, InputError for one that is too
        large, LimitError, ConflictError, StorageError, and BusyError when many wait.
        """
        size = received.path.stat().st_size
        _check_size(received, size)
        digest = await asyncio.to_thread(file_digest, received.path)
        known = await self._files.find(user_id, received.kind, digest)
        if known is not None:
            return known
        await self._files.require_room(user_id, size)
        drawing = received.path.with_name(f"{received.path.name}.png")
        async with self._examining.acquire(user_id):
            found = await asyncio.to_thread(examine, received.kind, received.path, received.name, drawing)
        if found.is_drawn:
            received, size = replace(received, path=drawing), drawing.stat().st_size
        return await self._stored(user_id, received, found, digest, size)

    async def _stored(self, user_id: str, received: ReceivedFile, found: Examined, digest: str, size: int) -> UserFile:
        """Stores the file before its row, so that a row always has its file. `digest` is that of what was uploaded."""
        new = self._make_id()
        key = f"{files_folder(user_id)}{new}{suffix_of(found.content_type)}"
        await self._storage.take_file(received.path, found.content_type, key)
        facts = (received.kind, received.name, key, digest, found.content_type, size, found.family)
        try:
            file = await self._files.add(user_id, NewFile(new, *facts))
        except (ConflictError, LimitError):
            await self._storage.delete(key)
            raise
        if file.id != new:
            await self._storage.delete(key)
        return file


def _check_size(received: ReceivedFile, size: int) -> None:
    if not size:
        raise InputError(f"{received.name} is empty: export or copy it again")
    most = LARGEST[received.kind]
    if size > most:
        raise InputError(f"{received.name} has {size:,} bytes; a file of the kind {received.kind} has at most {most:,}")
