"""Small pictures of a session's files: drawn when they are first looked at, and kept in storage beside the session's files.

Nothing that was paid for waits for them, a worker may die over one, and sessions of older versions have them too.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path
from weakref import WeakValueDictionary

from adreel.domain.errors import InputError, RenderError, StorageError
from adreel.domain.session import Asset, AssetKind
from adreel.media import thumbnails
from adreel.services.session_service import SessionService
from adreel.services.storage.objects import StoredObject
from adreel.services.storage_service import StorageService
from adreel.services.thumbnail_keys import pictured, thumbnail_key
from adreel.services.turns import Turns

_AT_ONCE, _WAITING = 2, 200
"""The longest page of a list shows half as many."""

_log = logging.getLogger(__name__)


class ThumbnailService:
    """`work` is a folder for files in transit, the system's own place when None."""

    def __init__(self, sessions: SessionService, storage: StorageService, work: Path | None = None) -> None:
        self._sessions = sessions
        self._storage = storage
        self._work = work
        self._turns = Turns("small pictures", _AT_ONCE, _WAITING)
        self._drawing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, key: str) -> StoredObject | None:
        """The thumbnail stored under `key`, drawn now if it was not there; None for what is no thumbnail or cannot be drawn.

        Raises StorageError, and BusyError when very many are waited for.
        """
        asset_id = pictured(key)
        if asset_id is None:
            return None
        # Several askers wait for one drawing. Several processes may each draw: the last one's file is the same.
        async with self._drawing.setdefault(key, asyncio.Lock()), self._turns.take():
            return await self._storage.stat(key) or await self._made(key, asset_id)

    async def remove(self, image: Asset) -> None:
        """Takes away the thumbnail of a file that is gone."""
        await self._storage.delete(thumbnail_key(image))

    async def _made(self, key: str, asset_id: str) -> StoredObject | None:
        asset = await self._sessions.find_asset(asset_id)
        source = None if asset is None or thumbnail_key(asset) != key else _source(asset)
        if source is None:
            return None
        with await asyncio.to_thread(_folder, self._work) as folder:
            picture = await self._drawn(asset_id, source, Path(folder))
            if picture is None:
                return None
            await self._storage.take_file(picture, thumbnails.CONTENT_TYPE, key)
        if await self._sessions.find_asset(asset_id) is None:
            # Deleted meanwhile: what comes after the deletion is taken away again.
            await self._storage.delete(key)
            return None
        return await self._storage.stat(key)

    async def _drawn(self, asset_id: str, source: tuple[AssetKind, str], folder: Path) -> Path | None:
        kind, key = source
        try:
            path = self._storage.local_path(key)
            if path is None:
                path = folder / "source"
                await self._storage.download_file(self._storage.url(key), path)
            return await asyncio.to_thread(_draw, kind, path, folder / "thumbnail.webp")
        except (InputError, RenderError, StorageError) as error:
            if error.retryable:
                raise
            _log.warning("no thumbnail of %s can be drawn: %s", asset_id, error)
            return None


def _source(asset: Asset) -> tuple[AssetKind, str] | None:
    """What the picture is taken of: of a clip its segment, which is always of our own making."""
    if asset.kind is AssetKind.CLIP:
        segment: str | None = asset.details["segment"].get("video")
        return None if segment is None else (asset.kind, segment)
    return (asset.kind, asset.storage_key) if asset.kind in (AssetKind.IMAGE, AssetKind.FINAL) else None


def _draw(kind: AssetKind, source: Path, target: Path) -> Path:
    picture = thumbnails.of_photo(source) if kind is AssetKind.IMAGE else thumbnails.of_film(source)
    target.write_bytes(picture)
    return target


def _folder(work: Path | None) -> tempfile.TemporaryDirectory[str]:
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=work, prefix="thumbnail-")
