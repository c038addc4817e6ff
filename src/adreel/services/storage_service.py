"""Stores files through an ObjectStore. Keys are generated, never the user's text.

LocalFiles gives stored files as files of this machine: those of a local store directly, others fetched once and cached.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from adreel.domain.errors import StorageError
from adreel.domain.ids import new_id
from adreel.domain.machine_faults import fault_or
from adreel.media.cache_uses import note_use
from adreel.services.storage.atomic import move_atomically
from adreel.services.storage.download_types import shown
from adreel.services.storage.downloads import Downloader
from adreel.services.storage.keys import suffix_of
from adreel.services.storage.object_store import ObjectStore, StoredObject


class StorageService:
    """Stores files, returns their URLs, and fetches them. Every method raises StorageError.

    Writes are atomic: a reader sees the whole file or none. Without a `downloader` only stored files can be fetched.
    """

    def __init__(
        self, store: ObjectStore, downloader: Downloader | None = None, make_id: Callable[[], str] = new_id
    ) -> None:
        self._store = store
        self._downloader = downloader
        self._make_id = make_id

    async def upload_file(self, file_path: Path, content_type: str, key: str | None = None) -> str:
        """Stores a copy of `file_path` and returns its URL. Without a `key` the file gets a new one in ``videos/``."""
        stored = await self._store.put(file_path, key or self._new_key(content_type), content_type)
        return self.url(stored.key)

    async def take_file(self, file_path: Path, content_type: str, key: str | None = None) -> str:
        """As `upload_file`, but moves the file: `file_path` is removed, and on the same disk nothing is copied."""
        stored = await self._store.put(file_path, key or self._new_key(content_type), content_type, move=True)
        return self.url(stored.key)

    async def download_file(self, url: str, local_path: Path) -> None:
        """Writes the file of `url` to `local_path`: a stored one, or one of another host by the checked download.

        Checks no permission for stored files: pass URLs from users to `Downloader.fetch` instead.
        """
        key = self.key_of(url)
        if key is not None:
            await self._store.fetch(key, local_path)
        elif self._downloader is not None and url.lower().startswith(("https://", "http://")):
            await self._downloader.fetch(url, local_path)
        else:
            raise StorageError(f"{shown(url)} is not in this storage", retryable=False)

    async def move_out(self, url: str, target: Path) -> None:
        """Moves a stored file out of the storage to `target`, atomically."""
        key = self.key_of(url)
        if key is None:
            raise StorageError(f"{shown(url)} is not in this storage", retryable=False)
        path = self.local_path(key)
        if path is None:
            await self._store.fetch(key, target)
            await self._store.delete(key)
            return
        try:
            await asyncio.to_thread(move_atomically, path, target)
        except OSError as error:
            failed = StorageError(f"cannot fetch {key} to {target}: {error.strerror}")
            raise fault_or(error, target.parent, failed) from error

    async def stat(self, key: str) -> StoredObject | None:
        """The stored file of `key`, or None."""
        return await self._store.stat(key)

    async def exists(self, key: str) -> bool:
        return await self._store.stat(key) is not None

    async def delete(self, key: str) -> None:
        """Removes the file; no error when there is none."""
        await self._store.delete(key)

    async def delete_prefix(self, prefix: str) -> int:
        """Removes every file below a folder of keys (``sessions/<id>``); returns their number."""
        return await self._store.delete_prefix(prefix)

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
        """A URL by which a browser may read the file for `seconds`; None when the service itself must serve the files.

        `disposition` is the Content-Disposition of the response.
        """
        return await self._store.link(key, seconds, disposition)

    def local_path(self, key: str) -> Path | None:
        """The path of the file on this machine (which need not exist), to be read only; None for a remote store."""
        return self._store.local_path(key)

    def url(self, key: str) -> str:
        """The permanent name of the file. Grants no access: see `link`."""
        return self._store.url(key)

    def key_of(self, url: str) -> str | None:
        """The key in the URL of a stored file; None for any other URL."""
        return self._store.key_of(url)

    async def check(self) -> None:
        """Raises StorageError, which says what to do, when files cannot be stored."""
        await self._store.check()

    async def close(self) -> None:
        """Closes connections and threads."""
        await self._store.close()

    def _new_key(self, content_type: str) -> str:
        return f"videos/{self._make_id()}{suffix_of(content_type)}"


class LocalFiles:
    """`root` is a cache folder: its files are named by the hash of their content and may be removed at any time."""

    def __init__(self, storage: StorageService, root: Path) -> None:
        self._storage = storage
        self._root = root

    async def path(self, key: str, content_hash: str) -> Path:
        """The stored file, to be read only. Raises StorageError."""
        stored = self._storage.local_path(key)
        if stored is not None:
            return stored
        cached = self._root / f"{content_hash}{PurePosixPath(key).suffix}"
        note_use(self._root, content_hash)
        try:
            os.utime(cached)
        except FileNotFoundError:
            await self._storage.download_file(self._storage.url(key), cached)
            note_use(self._root, content_hash)
        return cached
