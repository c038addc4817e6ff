"""What a person has bought before, in another session: the same order is copied, not bought again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from adreel.domain.session import Asset, AssetKind
from adreel.orchestrator.image_orders import ImageJob
from adreel.orchestrator.orders import ClipJob, asset_id
from adreel.services.records import NewAsset
from adreel.services.session_service import SessionService
from adreel.services.storage_service import StorageService


@dataclass(frozen=True, slots=True)
class Reuse:
    """Copies files, since each session has its own and they go with it. `work` is a folder for files in transit.

    Methods may be repeated after having been killed within. They raise StorageError.
    """

    sessions: SessionService
    storage: StorageService
    work: Path

    async def clip(self, job: ClipJob) -> Asset | None:
        """The clip of the same photo, scene, model, length, size and seed, now of this session. A new take is always made."""
        old = None if job.take else await self._old(job.user_id, AssetKind.CLIP, job.content)
        if old is None:
            return None
        segment: Mapping[str, Any] = old.details["segment"]
        new_id = asset_id(job.session_id, job.request)
        keys = {old.storage_key: f"sessions/{job.session_id}/clips/{new_id}.mp4"}
        for kind in ("video", "sound"):
            if segment[kind] is not None:
                keys.setdefault(segment[kind], f"sessions/{job.session_id}/segments/{new_id}{_suffix(segment[kind])}")
        if not await self._copied(keys):
            return None
        moved = {kind: keys.get(segment[kind]) for kind in ("video", "sound")}
        details = {**old.details, "segment": {**segment, **moved}}
        made = _copy(old, new_id, keys[old.storage_key], job.request, details, job.image.id)
        return await self.sessions.add_made(job.session_id, made)

    async def image(self, job: ImageJob) -> Asset | None:
        """The picture of the same words, models and seed, now of this session. A new batch is always made."""
        old = None if job.batch else await self._old(job.user_id, AssetKind.IMAGE, job.request)
        if old is None:
            return None
        new_id = asset_id(job.session_id, job.request)
        key = f"sessions/{job.session_id}/images/{new_id}{_suffix(old.storage_key)}"
        if not await self._copied({old.storage_key: key}):
            return None
        made = _copy(old, new_id, key, job.request, dict(old.details), None)
        return await self.sessions.add_made(job.session_id, made)

    async def _old(self, user_id: str, kind: AssetKind, content: str) -> Asset | None:
        return await self.sessions.bought_before(user_id, kind, content)

    async def _copied(self, keys: Mapping[str, str]) -> bool:
        """False when the files are not there any more: their session may be going away just now."""
        self.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.work, prefix="again-") as folder:
            for number, (source, target) in enumerate(keys.items()):
                stored = await self.storage.stat(source)
                if stored is None:
                    return False
                path = Path(folder) / str(number)
                await self.storage.download_file(self.storage.url(source), path)
                await self.storage.take_file(path, stored.content_type, target)
        return True


def _copy(
    old: Asset, new_id: str, key: str, request: str, details: Mapping[str, Any], image_id: str | None
) -> NewAsset:
    """It costs nothing again."""
    return NewAsset(
        kind=old.kind,
        storage_key=key,
        content_hash=old.content_hash,
        content_type=old.content_type,
        size_bytes=old.size_bytes,
        id=new_id,
        request=request,
        view_type=old.view_type,
        source_image_id=image_id,
        model=old.model,
        generation_time=old.generation_time,
        details={**details, "bought_as": old.details.get("bought_as", old.id)},
    )


def _suffix(key: str) -> str:
    return PurePosixPath(key).suffix
