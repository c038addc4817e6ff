"""Segments through storage: stored by the machine that made them, brought in by the one that composes."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from adreel.domain.clip import Segment
from adreel.domain.session import Json
from adreel.media import segment_exchange as media
from adreel.media.segments import SegmentStore, file_digest
from adreel.services.storage_service import StorageService


class SegmentExchange:
    """`work` is a folder for files in transit."""

    def __init__(self, storage: StorageService, store: SegmentStore, work: Path) -> None:
        self._storage = storage
        self._store = store
        self._work = work

    async def publish(self, segment: Segment, key: str) -> Json:
        """Stores a segment as ``KEY.mp4`` and its sound as ``KEY.wav``; what `bring` needs. Raises StorageError.

        `content_hash` and `bytes` are those of the stored picture.
        """
        video_key = f"{key}.mp4"
        self._work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work, prefix="segment-") as folder:
            playable = Path(folder) / "clip.mp4"
            stored = await asyncio.to_thread(_written, segment, playable)
            await self._storage.take_file(playable, "video/mp4", video_key)
        sound_key = None
        if segment.sound is not None:
            sound_key = f"{key}.wav"
            await self._storage.upload_file(segment.sound, "audio/wav", sound_key)
        return {**media.describe(segment), **stored, "video": video_key, "sound": sound_key}

    async def bring(self, facts: Json) -> Segment:
        """The segment, from this machine's store or else from storage. Raises StorageError, RenderError."""
        found = await asyncio.to_thread(media.find, self._store, facts)
        return found if found is not None else await self._fetch(facts)

    async def _fetch(self, facts: Json) -> Segment:
        self._work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work, prefix="segment-") as folder:
            video = Path(folder) / "clip.mp4"
            await self._storage.download_file(self._storage.url(facts["video"]), video)
            sound = await self._sound(facts, Path(folder) / "clip.wav")
            return await asyncio.to_thread(media.adopt, self._store, facts, video, sound)

    async def _sound(self, facts: Json, path: Path) -> Path | None:
        key: Any = facts["sound"]
        if key is None:
            return None
        await self._storage.download_file(self._storage.url(key), path)
        return path


def _written(segment: Segment, path: Path) -> Json:
    media.write_playable(segment, path)
    return {"content_hash": file_digest(path), "bytes": path.stat().st_size}
