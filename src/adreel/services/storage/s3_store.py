"""S3Store: stored files in a bucket of any S3-compatible server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from adreel.domain.errors import StorageError
from adreel.services.storage.keys import check_key, check_prefix, check_type, key_below
from adreel.services.storage.objects import StoredObject
from adreel.services.storage.s3_bucket import S3Bucket
from adreel.services.storage.s3_client import S3Config

T = TypeVar("T")

MAX_LINK_SECONDS = 7 * 24 * 3600
"""Signatures of S3 hold a week at most."""


class S3Store:
    """An ObjectStore in a bucket. Calls run in threads of its own, `config.jobs` at a time."""

    def __init__(self, config: S3Config) -> None:
        self._bases = config.bases
        self._bucket = S3Bucket(config)
        self._threads = ThreadPoolExecutor(config.jobs, thread_name_prefix="adreel-s3")

    async def put(self, path: Path, key: str, content_type: str, *, move: bool = False) -> StoredObject:
        check_type(check_key(key), content_type)
        size = await self._run(lambda: self._bucket.put(path, key, content_type))
        if move:
            await self._run(lambda: _remove(path))
        return StoredObject(key, size, content_type)

    async def fetch(self, key: str, path: Path) -> None:
        check_key(key)
        stopped = threading.Event()

        def go_on(_bytes: int) -> None:
            if stopped.is_set():
                raise StorageError(f"fetching {key} was stopped")

        try:
            await self._run(lambda: self._bucket.fetch(key, path, go_on))
        except asyncio.CancelledError:
            # The thread cannot be cancelled, but nothing may appear under a name that nobody waits for any more.
            stopped.set()
            raise

    async def stat(self, key: str) -> StoredObject | None:
        check_key(key)
        return await self._run(lambda: self._bucket.stat(key))

    async def delete(self, key: str) -> None:
        check_key(key)
        await self._run(lambda: self._bucket.delete(key))

    async def delete_prefix(self, prefix: str) -> int:
        folder = check_prefix(prefix)
        return await self._run(lambda: self._bucket.delete_folder(folder))

    def url(self, key: str) -> str:
        return f"{self._bases[0]}/{check_key(key)}"

    def key_of(self, url: str) -> str | None:
        return next((key for base in self._bases if (key := key_below(base, url)) is not None), None)

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
        """A presigned URL, good for a week at most."""
        check_key(key)
        return await self._run(lambda: self._bucket.sign(key, max(1, min(seconds, MAX_LINK_SECONDS)), disposition))

    def local_path(self, key: str) -> Path | None:
        """None: the files are elsewhere."""
        check_key(key)

    async def check(self) -> None:
        await self._run(self._bucket.check)

    async def close(self) -> None:
        """Waits for the calls that are under way."""
        await asyncio.to_thread(self._threads.shutdown)
        self._bucket.close()

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise StorageError(f"{path} was stored but cannot be removed: {error.strerror}") from error
