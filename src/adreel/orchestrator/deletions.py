"""Carries out deletions in every store of session data: stored files, the engine's database, this machine's cache."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from adreel.db.sqlite_files import truncate_wal
from adreel.domain.errors import AdreelError
from adreel.media.cache_uses import forget_owners, owners
from adreel.services.deletion.service import Deletion, DeletionService
from adreel.services.storage_service import StorageService

_LIMIT = 50
_SOON_SECONDS = 1.0

_log = logging.getLogger(__name__)


class ErasingEngine(Protocol):
    """Fulfilled by DurableEngine and DurableClient."""

    async def workflows_of(self, session_id: str) -> frozenset[str]: ...

    async def erase(self, workflow_ids: Collection[str]) -> None: ...


class Deletions:
    """`cache` is this machine's cache folder; `sqlite_files` are the embedded databases, none with PostgreSQL.

    With `keep`, sessions that are unchanged for that time are deleted. Every method may be repeated, in several processes at
    once, and after a crash within it.
    """

    def __init__(
        self,
        service: DeletionService,
        storage: StorageService,
        engine: ErasingEngine,
        cache: Path,
        sqlite_files: Sequence[Path] = (),
        keep: timedelta | None = None,
    ) -> None:
        self._service = service
        self._storage = storage
        self._engine = engine
        self._cache = cache
        self._sqlite_files = tuple(sqlite_files)
        self._keep = keep
        self._background: set[asyncio.Task[None]] = set()

    async def sweep(self) -> None:
        """Carries out due deletions, for all processes. Raises StorageError when the database is away."""
        if self._keep is not None:
            await self._service.delete_untouched(self._keep)
        for deletion in await self._service.claim(_LIMIT):
            await self._pass(deletion)

    async def sweep_all(self) -> None:
        """Carries out all deletions that are due now. Raises StorageError when the database is away."""
        while claimed := await self._service.claim(_LIMIT):
            for deletion in claimed:
                await self._pass(deletion)
        await self.sweep_here()

    async def sweep_here(self) -> None:
        """Deletes from this machine's cache the files that only deleted sessions have used."""
        known = await asyncio.to_thread(owners, self._cache)
        deleted = known - await self._service.existing(known)
        if deleted:
            await asyncio.to_thread(forget_owners, self._cache, deleted)

    async def run_here(self, every_seconds: float = 60.0) -> None:
        """Calls `sweep_here` regularly until cancelled. For every process: every machine has its own cache."""
        while True:
            try:
                await self.sweep_here()
            except (AdreelError, OSError) as error:
                _log.warning("the cache could not be swept, trying again: %s", error)
            await asyncio.sleep(every_seconds)

    async def soon(self, session_id: str | None = None) -> None:
        """Starts the deletion of a session, or all due ones. Returns when it is done, or after a second; then it continues in
        the background.

        The sweep handles what fails or is interrupted.
        """
        task = asyncio.create_task(self._begin(session_id))
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        await asyncio.wait({task}, timeout=_SOON_SECONDS)

    async def close(self) -> None:
        """Cancels running deletions, which the sweep resumes."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def pending(self) -> int:
        """Counts the deletions that have not reached every store yet."""
        return await self._service.pending()

    async def _begin(self, session_id: str | None) -> None:
        try:
            for deletion in await self._service.claim(session_id=session_id):
                await self._pass(deletion)
            await self.sweep_here()
        except (AdreelError, OSError) as error:
            _log.warning("a deletion is left to the sweep: %s", error)

    async def _pass(self, deletion: Deletion) -> None:
        """Tries every store, even if another fails."""
        workflows = set(deletion.workflows)
        errors = [
            error
            for step in (self._objects(deletion), self._workflows(deletion, workflows))
            if (error := await _error_of(step)) is not None
        ]
        if not errors:
            errors = [error for path in self._sqlite_files if (error := await _error_of(_truncate(path))) is not None]
        for error in errors:
            _log.warning("deletion %s is retried: %s", deletion.id, error)
        done = self._service.failed if errors else self._service.passed
        await done(deletion, workflows)

    async def _objects(self, deletion: Deletion) -> None:
        folders = [key for key in deletion.keys if key.endswith("/")]
        for folder in folders:
            await self._storage.delete_prefix(folder)
        for key in await self._service.unused([key for key in deletion.keys if key not in folders]):
            await self._storage.delete(key)

    async def _workflows(self, deletion: Deletion, known: set[str]) -> None:
        if deletion.session_id is None:
            return
        known |= await self._engine.workflows_of(deletion.session_id)
        if known:
            await self._engine.erase(known)


async def _truncate(path: Path) -> None:
    await asyncio.to_thread(truncate_wal, path)


async def _error_of(work: Awaitable[None]) -> AdreelError | None:
    try:
        await work
    except AdreelError as error:
        return error
    return None
