"""Disk space: checked before work begins, and reserved while it runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import NoSpaceError, StorageError
from adreel.domain.machine_faults import fault_or

MEGABYTE = 1024 * 1024
_LARGEST_KEPT = 256 * MEGABYTE
_SHARE_KEPT = 0.05
_PATIENCE_SECONDS = 120.0
_FEWEST_FILES = 64
_PROBE = bytes(64 * 1024)


@dataclass(frozen=True, slots=True)
class Room:
    """The space of a file system: free and total bytes, and the number of free inodes (None where they are not counted)."""

    free: int
    total: int
    files: int | None = None


def measured_room(folder: Path) -> Room:
    """The space for this process's user on the disk of a folder, or of its nearest existing parent. Raises StorageError."""
    try:
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        found = os.statvfs(folder)
    except OSError as error:
        raise fault_or(error, folder, StorageError(f"cannot look at {folder}: {error.strerror}")) from error
    files = found.f_favail if found.f_files else None
    return Room(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize, files)


class DiskSpace:
    """The disk of one folder, for one event loop. Concurrent jobs reserve their bytes from the same free space.

    `keep` bytes stay free for databases and logs; by default 256 MB, or a twentieth of a small disk. The bytes that a job has
    written count twice until it ends, which errs on the safe side.
    """

    def __init__(
        self,
        folder: Path,
        keep: int | None = None,
        room: Callable[[Path], Room] = measured_room,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self.folder = folder
        self._keep = keep
        self._room = room
        self._patience_seconds = patience_seconds
        self._reserved = 0
        self._released = asyncio.Event()

    @property
    def reserved(self) -> int:
        return self._reserved

    def check(self, needed: int = 0, what: str = "this") -> None:
        """Raises NoSpaceError, which names folder and bytes, when `needed` bytes more do not fit."""
        room = self._room(self.folder)
        left = room.free - self._keep_of(room) - self._reserved
        if left < needed or left <= 0:
            raise self._no_space(needed, max(0, left), what)
        if room.files is not None and room.files < _FEWEST_FILES:
            raise NoSpaceError(
                f"the disk of {self.folder} takes no more files (its inodes are used up); remove some",
                folder=str(self.folder),
            )

    @asynccontextmanager
    async def reserved_for(self, needed: int, what: str) -> AsyncGenerator[None]:
        """Reserves `needed` bytes for the block. Waits while other reservations hold the missing space.

        Raises NoSpaceError when the space is too small even without them, or is not free in time.
        """
        await self._wait(needed, what)
        self._reserved += needed
        try:
            yield
        finally:
            self._reserved -= needed
            self._released.set()

    async def probe(self) -> None:
        """Writes a small file to the disk: the free space does not reveal quotas and read-only file systems.

        Raises NoSpaceError, StorageError.
        """
        self.check()
        try:
            await asyncio.to_thread(_write_probe, self.folder)
        except OSError as error:
            failed = StorageError(f"cannot write to {self.folder}: {error.strerror}")
            raise fault_or(error, self.folder, failed) from error

    async def _wait(self, needed: int, what: str) -> None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                while not self._fits(needed, what):
                    self._released.clear()
                    await self._released.wait()
        except TimeoutError:
            self.check(needed, what)

    def _fits(self, needed: int, what: str) -> bool:
        """False while other reservations hold the missing space. Raises NoSpaceError."""
        try:
            self.check(needed, what)
        except NoSpaceError as error:
            if not self._reserved or error.free is None or error.free + self._reserved < needed:
                raise
            return False
        return True

    def _keep_of(self, room: Room) -> int:
        return min(_LARGEST_KEPT, int(room.total * _SHARE_KEPT)) if self._keep is None else self._keep

    def _no_space(self, needed: int, left: int, what: str) -> NoSpaceError:
        return NoSpaceError(
            f"the disk of {self.folder} has no room for {what}: it needs {_megabytes(needed)}, {_megabytes(left)} may be "
            f"used; make room there",
            folder=str(self.folder),
            needed=needed,
            free=left,
        )


def _megabytes(count: int) -> str:
    return f"{count / MEGABYTE:.1f} MB ({count} bytes)"


def _write_probe(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".probe-{os.getpid()}"
    try:
        with path.open("wb") as file:
            file.write(_PROBE)
            file.flush()
            # A file system with delayed allocation reports only now that it is full.
            os.fsync(file.fileno())
    finally:
        path.unlink(missing_ok=True)
