"""Where files are kept, whatever keeps them. Keys are ours, never the user's text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from adreel.domain.errors import StorageError
from adreel.services.defaults import new_id
from adreel.services.downloads import Downloader, shown
from adreel.services.storage.files import move_atomically
from adreel.services.storage.keys import suffix_of
from adreel.services.storage.objects import ObjectStore, StoredObject


class StorageService:
    """Stores files, hands out their URLs, and fetches them back. Every method raises StorageError.

    Writes are atomic: a reader sees the whole file or none. Without a `downloader` only stored files are fetched.
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
        """`upload_file` for a file that its owner gives away: it is gone afterwards, and on the same disk never copied."""
        stored = await self._store.put(file_path, key or self._new_key(content_type), content_type, move=True)
        return self.url(stored.key)

    async def download_file(self, url: str, local_path: Path) -> None:
        """Writes the file behind `url` to `local_path`: a stored one, or by the checked download one from elsewhere.

        Whoever knows the URL of a stored file gets it: URLs written by a person go to `Downloader.fetch` instead.
        """
        key = self.key_of(url)
        if key is not None:
            await self._store.fetch(key, local_path)
        elif self._downloader is not None and url.lower().startswith(("https://", "http://")):
            await self._downloader.fetch(url, local_path)
        else:
            raise StorageError(f"{shown(url)} is not in this storage", retryable=False)

    async def move_out(self, url: str, target: Path) -> None:
        """Hands a stored file over to a place outside: `target` appears whole, the stored file goes."""
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
            raise StorageError(f"cannot fetch {key} to {target}: {error.strerror}") from error

    async def stat(self, key: str) -> StoredObject | None:
        """What is stored under `key`; None when nothing is."""
        return await self._store.stat(key)

    async def exists(self, key: str) -> bool:
        return await self._store.stat(key) is not None

    async def delete(self, key: str) -> None:
        """Removes the file; no error when there is none."""
        await self._store.delete(key)

    async def delete_prefix(self, prefix: str) -> int:
        """Removes every file below a folder of keys (``sessions/<id>``) and says how many there were."""
        return await self._store.delete_prefix(prefix)

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
        """A URL by which a browser may read the file for `seconds`; None when the files are to be served by us.

        `disposition` is the Content-Disposition that the file comes with.
        """
        return await self._store.link(key, seconds, disposition)

    def local_path(self, key: str) -> Path | None:
        """Where the file lies (or would lie) on this machine, to be read only; None when it is elsewhere."""
        return self._store.local_path(key)

    def url(self, key: str) -> str:
        """The lasting name of the file. Not a permission: see `link`."""
        return self._store.url(key)

    def key_of(self, url: str) -> str | None:
        """The key in the URL of a stored file; None for any other URL."""
        return self._store.key_of(url)

    async def check(self) -> None:
        """Raises StorageError, saying what to do, when files cannot be kept as things stand."""
        await self._store.check()

    async def close(self) -> None:
        """Lets go of connections and threads."""
        await self._store.close()

    def _new_key(self, content_type: str) -> str:
        return f"videos/{self._make_id()}{suffix_of(content_type)}"
