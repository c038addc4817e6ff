"""Exchanges segments through storage: the machine that makes a segment stores it, the one that composes fetches it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adreel.domain.films.clip import Segment
from adreel.domain.sessions.details import StoredSegment
from adreel.media.scratch import scratch_folder
from adreel.media.segments import transfer as media
from adreel.media.segments.store import SegmentStore
from adreel.services.storage_service import StorageService


class SegmentExchange:
    """`work` is a folder for temporary files."""

    def __init__(self, storage: StorageService, store: SegmentStore, work: Path) -> None:
        self._storage = storage
        self._store = store
        self._work = work

    async def publish(self, segment: Segment, key: str) -> StoredSegment:
        """Stores a segment as ``KEY.mp4`` and its sound as ``KEY.wav``; returns the description for `bring`.

        Raises StorageError.
        """
        video, sound = f"{key}.mp4", None if segment.sound is None else f"{key}.wav"
        with scratch_folder(self._work, "segment-") as folder:
            playable = folder / "clip.mp4"
            await asyncio.to_thread(media.write_playable, segment, playable)
            stored = await asyncio.to_thread(media.describe, segment, playable, video, sound)
            await self._storage.take_file(playable, "video/mp4", video)
        if segment.sound is not None and sound is not None:
            await self._storage.upload_file(segment.sound, "audio/wav", sound)
        return stored

    async def bring(self, stored: StoredSegment) -> Segment:
        """Returns the segment from this machine's store, else fetches it from storage. Raises StorageError, RenderError."""
        found = await asyncio.to_thread(media.find, self._store, stored)
        return found if found is not None else await self._fetch(stored)

    async def _fetch(self, stored: StoredSegment) -> Segment:
        with scratch_folder(self._work, "segment-") as folder:
            video = folder / "clip.mp4"
            await self._storage.download_file(self._storage.url(stored.video), video)
            sound = await self._sound(stored, folder / "clip.wav")
            return await asyncio.to_thread(media.adopt, self._store, stored, video, sound)

    async def _sound(self, stored: StoredSegment, path: Path) -> Path | None:
        if stored.sound is None:
            return None
        await self._storage.download_file(self._storage.url(stored.sound), path)
        return path
