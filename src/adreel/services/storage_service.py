"""Where finished files are kept. One local folder; keys are ours, never the user's text."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from adreel.domain.errors import StorageError

_SUFFIXES = {
    "video/mp4": ".mp4",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "audio/mp4": ".m4a",
    "application/json": ".json",
}


def new_key() -> str:
    return uuid.uuid4().hex


class StorageService:
    """Stores files under `root`, hands out ``file:`` URLs. Writes are atomic: a reader sees the whole file or none."""

    def __init__(self, root: Path, make_id: Callable[[], str] = new_key) -> None:
        self._root = root
        self._make_id = make_id

    async def upload_file(self, file_path: Path, content_type: str) -> str:
        """Stores a copy of `file_path` and returns its URL. Raises StorageError."""
        suffix = _SUFFIXES.get(content_type, file_path.suffix)
        target = self._root / "videos" / f"{self._make_id()}{suffix}"
        try:
            await asyncio.to_thread(copy_atomically, file_path, target)
        except OSError as error:
            raise StorageError(f"cannot store {file_path.name} in {self._root}: {error.strerror}") from error
        return target.resolve().as_uri()

    async def download_file(self, url: str, local_path: Path) -> None:
        """Copies a stored file to `local_path`. Raises StorageError for a URL that is not in this storage."""
        source = self._stored_path(url)
        try:
            await asyncio.to_thread(copy_atomically, source, local_path)
        except OSError as error:
            raise StorageError(f"cannot fetch {url}: {error.strerror}") from error

    async def move_out(self, url: str, target: Path) -> None:
        """Hands a stored file over to a place outside: `target` appears whole, the stored copy goes. Raises StorageError."""
        await self.download_file(url, target)
        self._stored_path(url).unlink(missing_ok=True)

    def _stored_path(self, url: str) -> Path:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        if parts.scheme != "file" or parts.netloc or not path.is_relative_to(self._root.resolve()):
            raise StorageError(f"{url} is not in this storage ({self._root})")
        return path


def copy_atomically(source: Path, target: Path) -> None:
    """Copies under a temporary name beside the target, then renames. Raises OSError and then leaves nothing behind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
