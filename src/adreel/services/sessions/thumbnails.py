"""Thumbnails of a session's files: drawn at the first request, and stored below the session.

Because they are drawn on request, no paid work waits for them, a crash over one loses nothing, and sessions of older versions
have them too.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from weakref import WeakValueDictionary

from adreel.domain.errors import InputError, RenderError, StorageError
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media import thumbnails
from adreel.media.scratch import scratch_folder
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.service import SessionService
from adreel.services.sessions.thumbnail_keys import pictured, thumbnail_key
from adreel.services.storage.object_store import StoredObject
from adreel.services.storage_service import StorageService

_AT_ONCE, _WAITING = 2, 200
"""The longest page of a list has half as many."""

_log = logging.getLogger(__name__)


class ThumbnailService:
    """`work` is a folder for temporary files; None for the system's."""

    def __init__(
        self,
        sessions: SessionService,
        storage: StorageService,
        photos: PhotoService,
        work: Path | None = None,
        processor: ProcessorShares | None = None,
    ) -> None:
        self._sessions = sessions
        self._storage = storage
        self._photos = photos
        self._work = work
        self._limiter = ConcurrencyLimiter("small pictures", _AT_ONCE, _WAITING, processor)
        self._drawing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, key: str) -> StoredObject | None:
        """The thumbnail stored under `key`, drawn now if it is missing; None for other keys, or if it cannot be drawn.

        Raises StorageError, and BusyError when very many requests wait.
        """
        asset_id = pictured(key)
        if asset_id is None:
            return None
        # Concurrent requests wait for one drawing. Several processes may each draw: their files are the same.
        owner = await self._sessions.owner(asset_id)
        if owner is None:
            return None
        async with self._drawing.setdefault(key, asyncio.Lock()), self._limiter.acquire(owner):
            return await self._storage.stat(key) or await self._made(key, asset_id)

    async def _made(self, key: str, asset_id: str) -> StoredObject | None:
        asset = await self._sessions.find_asset(asset_id)
        source = None if asset is None or thumbnail_key(asset) != key else _source(asset)
        if source is None:
            return None
        with scratch_folder(self._work, "thumbnail-") as folder:
            picture = await self._drawn(asset_id, source, folder)
            if picture is None:
                return None
            await self._storage.take_file(picture, thumbnails.CONTENT_TYPE, key)
        if await self._sessions.find_asset(asset_id) is None:
            # The session was deleted meanwhile: remove what was stored after the deletion.
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
            return await self._draw(kind, path, folder / "thumbnail.webp")
        except (InputError, RenderError, StorageError) as error:
            if error.retryable:
                raise
            _log.warning("no thumbnail of %s can be drawn: %s", asset_id, error)
            return None

    async def _draw(self, kind: AssetKind, source: Path, target: Path) -> Path:
        if kind is AssetKind.IMAGE:
            photo = await self._photos.load(source, thumbnails.SIDE)
            picture = await asyncio.to_thread(thumbnails.of_photo, photo)
        else:
            picture = await asyncio.to_thread(thumbnails.of_film, source)
        await asyncio.to_thread(target.write_bytes, picture)
        return target


def _source(asset: Asset) -> tuple[AssetKind, str] | None:
    """The file that the thumbnail shows: for a clip its segment, which adreel has encoded itself."""
    if asset.kind is AssetKind.CLIP:
        return asset.kind, asset.clip_details.segment.video
    return (asset.kind, asset.storage_key) if asset.kind in (AssetKind.IMAGE, AssetKind.FINAL) else None
