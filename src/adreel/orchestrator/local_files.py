"""Stored files as files of this machine: read where they lie, or fetched once and kept."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from adreel.services.storage_service import StorageService


class LocalFiles:
    """`root` is a cache folder: files in it are named by the hash of their content and may be removed at any time."""

    def __init__(self, storage: StorageService, root: Path) -> None:
        self._storage = storage
        self._root = root

    async def path(self, key: str, content_hash: str) -> Path:
        """The stored file, to be read only. Raises StorageError."""
        here = self._storage.local_path(key)
        if here is not None:
            return here
        kept = self._root / f"{content_hash}{PurePosixPath(key).suffix}"
        try:
            os.utime(kept)
        except FileNotFoundError:
            await self._storage.download_file(self._storage.url(key), kept)
        return kept
