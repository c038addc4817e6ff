"""Previews of drawn clips in another aspect: drawn as the film will draw them, at full size, and kept small."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

from adreel.domain.errors import InputError, NotFoundError
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.ports import FrameEngine, Shot
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media.cache_uses import used_by
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.store import SegmentStore, segment_key
from adreel.media.yuv import scaled
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.sessions.service import SessionService
from adreel.services.storage_service import LocalFiles

_SIDE = 640
"""Longest side of a preview, pixels."""

_AT_ONCE, _WAITING = 1, 40
"""As many as a film has clips may wait."""


class ClipPreviews:
    """`engine` draws the clips of its name; `store` keeps the previews, which may be removed at any time."""

    def __init__(
        self,
        sessions: SessionService,
        files: LocalFiles,
        engine: FrameEngine,
        store: SegmentStore,
        processor: ProcessorShares | None = None,
    ) -> None:
        self._sessions = sessions
        self._files = files
        self._engine = engine
        self._store = store
        self._limiter = ConcurrencyLimiter("previews of clips", _AT_ONCE, _WAITING, processor)

    async def find(self, user_id: str, clip_id: str, aspect: str) -> Path:
        """An MP4 of the clip in an aspect. A clip of a hosted model is not drawn, so it has none.

        Raises NotFoundError, InputError for an unknown aspect, PhotoError, RenderError, BusyError when many requests wait.
        """
        if aspect not in ASPECTS:
            raise InputError(f"aspect {aspect!r} is not made; choose one of {', '.join(ASPECTS)}")
        clip = await self._sessions.asset(user_id, clip_id)
        if clip.kind is not AssetKind.CLIP or clip.model != self._engine.name:
            raise NotFoundError(f"there is no clip {clip_id} that is drawn here")
        image = await self._image(clip)
        shot = await self._shot(clip, image, ASPECTS[aspect])
        async with self._limiter.acquire(user_id):
            with used_by(clip.session_id):
                return await asyncio.to_thread(self._drawn, shot, image.content_hash)

    async def _shot(self, clip: Asset, image: Asset, size: FrameSize) -> Shot:
        path = await self._files.path(image.storage_key, image.content_hash)
        approved = ApprovedImage(image.id, path, ViewType(image.view_type or ViewType.FRONT))
        details = clip.clip_details
        return Shot(approved, details.scene, size, details.clip_frames, details.seed)

    async def _image(self, clip: Asset) -> Asset:
        image = await self._sessions.find_asset(clip.source_image_id or "")
        if image is None:
            raise NotFoundError("the photo of this clip was removed, so that it cannot be drawn in another format")
        return image

    def _drawn(self, shot: Shot, photo: str) -> Path:
        small = _small(shot.size)
        engine = (self._engine.name, self._engine.version)
        key = segment_key("preview", *engine, photo, asdict(shot.scene), shot.size, small, shot.frames, shot.seed)

        def draw(video: Path, _sound: Path) -> None:
            with SegmentEncoder(video, small, shot.frames, cuttable=False) as encoder:
                for frame in self._engine.frames(shot):
                    encoder.write(scaled(frame, small))

        return self._store.make(key, small, shot.frames, draw).video


def _small(size: FrameSize) -> FrameSize:
    """The size of a preview, even in both directions."""
    share = min(1.0, _SIDE / max(size.width, size.height))
    return FrameSize(2 * round(size.width * share / 2), 2 * round(size.height * share / 2))
