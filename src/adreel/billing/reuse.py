"""Reuses purchases of a user's other sessions: the result of the same order is copied, not bought again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from adreel.billing.clip_jobs import ClipJob, asset_id
from adreel.billing.image_jobs import ImageJob
from adreel.domain.sessions.details import Details
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.media.scratch import scratch_folder
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.service import SessionService
from adreel.services.storage_service import StorageService


@dataclass(frozen=True, slots=True)
class Reuse:
    """Copies files, since each session has its own, which are deleted with it. `work` is a folder for temporary files.

    Methods may be repeated after a crash within them. They raise StorageError.
    """

    sessions: SessionService
    storage: StorageService
    work: Path

    async def clip(self, job: ClipJob) -> Asset | None:
        """Copies the clip of the same photo, scene, model, length, size and seed into this session.

        None if there is none, or for a new take.
        """
        old = None if job.take else await self._old(job.user_id, AssetKind.CLIP, job.content)
        if old is None:
            return None
        details = old.clip_details
        segment = details.segment
        new_id = asset_id(job.session_id, job.request)
        keys = {old.storage_key: f"sessions/{job.session_id}/clips/{new_id}.mp4"}
        for key in (segment.video, segment.sound):
            if key is not None:
                keys.setdefault(key, f"sessions/{job.session_id}/segments/{new_id}{_suffix(key)}")
        if not await self._copied(keys):
            return None
        sound = None if segment.sound is None else keys[segment.sound]
        moved = replace(segment, video=keys[segment.video], sound=sound)
        copied = replace(details, segment=moved, bought_as=details.bought_as or old.id)
        copied = replace(copied, beat=job.beat, place=job.place)
        made = _copy(old, new_id, keys[old.storage_key], job.request, copied, job.image.id)
        return await self.sessions.add_made(job.session_id, made)

    async def image(self, job: ImageJob) -> Asset | None:
        """Copies the image of the same prompt, models and seed into this session. None if there is none, or for a new batch."""
        old = None if job.batch else await self._old(job.user_id, AssetKind.IMAGE, job.request)
        if old is None:
            return None
        new_id = asset_id(job.session_id, job.request)
        key = f"sessions/{job.session_id}/images/{new_id}{_suffix(old.storage_key)}"
        if not await self._copied({old.storage_key: key}):
            return None
        details = old.image_details
        made = _copy(old, new_id, key, job.request, replace(details, bought_as=details.bought_as or old.id), None)
        return await self.sessions.add_made(job.session_id, made)

    async def _old(self, user_id: str, kind: AssetKind, content: str) -> Asset | None:
        return await self.sessions.bought_before(user_id, kind, content)

    async def _copied(self, keys: Mapping[str, str]) -> bool:
        """False when the files do not exist any more: their session may be in deletion."""
        with scratch_folder(self.work, "again-") as folder:
            for number, (source, target) in enumerate(keys.items()):
                stored = await self.storage.stat(source)
                if stored is None:
                    return False
                path = folder / str(number)
                await self.storage.download_file(self.storage.url(source), path)
                await self.storage.take_file(path, stored.content_type, target)
        return True


def _copy(old: Asset, new_id: str, key: str, request: str, details: Details, image_id: str | None) -> NewAsset:
    """The copy as a new asset, without cost."""
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
        details=details,
    )


def _suffix(key: str) -> str:
    return PurePosixPath(key).suffix
