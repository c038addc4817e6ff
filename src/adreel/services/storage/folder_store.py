"""FolderStore: stored files in a local folder."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from adreel.domain.errors import StorageError
from adreel.domain.machine_faults import fault_or
from adreel.services.storage.atomic import copy_atomically, move_atomically, sync, whole_file
from adreel.services.storage.keys import check_key, check_prefix, check_type, key_below, type_of
from adreel.services.storage.object_store import StoredObject


class FolderStore:
    """An ObjectStore below `root`, which is created when first needed. Rejects links that lead out of it.

    A stored file is on the disk when `put` returns. `local_path` is to be read only.
    """

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    async def put(self, path: Path, key: str, content_type: str, *, move: bool = False) -> StoredObject:
        check_type(check_key(key), content_type)
        try:
            size = await asyncio.to_thread(self._put, path, key, move=move)
        except OSError as error:
            failed = StorageError(f"cannot store {path.name} in {self._root}: {error.strerror}")
            raise fault_or(error, self._root, failed) from error
        return StoredObject(key, size, content_type)

    async def fetch(self, key: str, path: Path) -> None:
        source = self.local_path(key)
        try:
            await asyncio.to_thread(copy_atomically, source, path)
        except FileNotFoundError as error:
            raise StorageError(f"cannot fetch {key}: it is not in {self._root}", retryable=False) from error
        except OSError as error:
            failed = StorageError(f"cannot fetch {key} to {path}: {error.strerror}")
            raise fault_or(error, path.parent, failed) from error

    async def stat(self, key: str) -> StoredObject | None:
        path = self.local_path(key)
        return await asyncio.to_thread(_stat, key, path)

    async def delete(self, key: str) -> None:
        path = self.local_path(key)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise StorageError(f"cannot delete {key} from {self._root}: {error.strerror}") from error

    async def delete_prefix(self, prefix: str) -> int:
        folder = self.local_path(check_prefix(prefix).removesuffix("/"))
        try:
            return await asyncio.to_thread(_remove_folder, folder)
        except OSError as error:
            raise StorageError(f"cannot delete {prefix} from {self._root}: {error.strerror}") from error

    def url(self, key: str) -> str:
        return (self._root / check_key(key)).as_uri()

    def key_of(self, url: str) -> str | None:
        return key_below(self._root.as_uri(), url)

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:  # noqa: ARG002
        """Always None: the service itself serves the files of a folder."""
        check_key(key)

    def local_path(self, key: str) -> Path:
        path = self._root / check_key(key)
        if Path(os.path.realpath(path)) != path:
            raise StorageError(f"{path} is or lies behind a link; remove the link from the storage", retryable=False)
        return path

    async def check(self) -> None:
        try:
            await asyncio.to_thread(_write_probe, self._root)
        except OSError as error:
            failed = StorageError(f"cannot write to {self._root}: {error.strerror}; make the folder writable")
            raise fault_or(error, self._root, failed) from error

    async def close(self) -> None:
        """Does nothing: no resource is held open."""

    def _put(self, path: Path, key: str, *, move: bool) -> int:
        target = self.local_path(key)
        if move:
            sync(path)
            size = move_atomically(path, target)
        else:
            size = copy_atomically(path, target, synced=True)
        sync(target.parent)
        return size


def _stat(key: str, path: Path) -> StoredObject | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(f"cannot look at {path}: {error.strerror}") from error
    return StoredObject(key, found.st_size, type_of(key)) if path.is_file() else None


def _remove_folder(folder: Path) -> int:
    """Removes a folder with its content, and counts the stored files. Concurrent removals are no error."""
    count = 0
    for base, folders, files in os.walk(folder, topdown=False):
        links = [name for name in folders if (Path(base) / name).is_symlink()]
        for name in (*files, *links):
            (Path(base) / name).unlink(missing_ok=True)
            count += not name.startswith(".")
        with suppress(FileNotFoundError):
            Path(base).rmdir()
    return count


def _write_probe(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    with whole_file(root / ".probe") as temporary:
        temporary.write_bytes(b"adreel")
    (root / ".probe").unlink(missing_ok=True)
