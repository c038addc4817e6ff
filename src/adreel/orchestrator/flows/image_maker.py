"""Records one bought image as an asset."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from adreel.agents.image_generator import CONTENT_TYPES, SUFFIXES, BatchImageGeneratorAgent, UselessImageError
from adreel.billing.clip_jobs import asset_id
from adreel.billing.clip_quality import unfetched
from adreel.billing.crash_points import Checkpoint, CrashPoint, no_op
from adreel.billing.image_jobs import ImageJob
from adreel.domain.machine_faults import machine_faults
from adreel.domain.providers import RemoteJob
from adreel.domain.sessions.details import GeneratedImage, ImageDetails
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.media.photos.photo import PhotoInfo
from adreel.media.scratch import scratch_folder
from adreel.services.sessions.records import NewAsset, Settlement
from adreel.services.sessions.service import SessionService
from adreel.services.storage.disk_space import DiskSpace
from adreel.services.storage_service import StorageService

IMAGE_BYTES = 20 * 1024 * 1024
"""Disk space of an image: the download and its stored copy; providers' 2K PNGs have up to 10 MB."""


@dataclass(frozen=True, slots=True)
class ImageMaker:
    """`keep` may be repeated after a crash within it: the id of the asset is fixed beforehand."""

    agent: BatchImageGeneratorAgent
    sessions: SessionService
    storage: StorageService
    work: Path
    space: DiskSpace
    checkpoint: Checkpoint = no_op

    def check_room(self) -> None:
        """Raises NoSpaceError when the disk has no space for an image. Call it before the image is bought."""
        self.space.check(IMAGE_BYTES, "an image")

    async def keep(self, job: ImageJob, payment: Settlement, remote: RemoteJob) -> Asset | str:
        """Fetches, examines and stores a bought image, and records it with its payment; or returns why it is rejected.

        Raises ExpiredError, and DownloadError, RefusedError or StorageError when it cannot be fetched but may be later.
        """
        with machine_faults():
            return await self._keep(job, payment, remote)

    async def _keep(self, job: ImageJob, payment: Settlement, remote: RemoteJob) -> Asset | str:
        new_id = asset_id(job.session_id, payment.call_key)
        with scratch_folder(self.work, "image-") as folder:
            path = folder / "image"
            try:
                info = await self._fetch(job, new_id, remote, path)
            except UselessImageError as error:
                return str(error)
            size = path.stat().st_size
        asset = _asset(job, new_id, info, size, payment)
        made = await self.sessions.add_made(job.session_id, asset, payment)
        self.checkpoint(CrashPoint.ASSET_RECORDED, "image")
        return made

    async def _fetch(self, job: ImageJob, new_id: str, remote: RemoteJob, path: Path) -> PhotoInfo:
        """Fetches the image from adreel's storage if an earlier run has stored it; else from the provider, and stores it once it
        is examined."""
        for suffix in sorted(set(SUFFIXES.values())):
            key = storage_key(job.session_id, new_id, suffix)
            if await self.storage.exists(key):
                await self.storage.download_file(self.storage.url(key), path)
                return await asyncio.to_thread(self.agent.examined, job.model, path)
        with unfetched(job.model):
            info = await self.agent.collect(job.model, remote, path)
        self.checkpoint(CrashPoint.OUTPUT_FETCHED, "image")
        key = storage_key(job.session_id, new_id, SUFFIXES[info.format])
        await self.storage.upload_file(path, CONTENT_TYPES[info.format], key)
        self.checkpoint(CrashPoint.CLIP_STORED, "image")
        return info


def storage_key(session_id: str, new_id: str, suffix: str) -> str:
    """The storage key of a session's image; `suffix` as ".png"."""
    return f"sessions/{session_id}/images/{new_id}{suffix}"


def _asset(job: ImageJob, new_id: str, info: PhotoInfo, size: int, payment: Settlement) -> NewAsset:
    name = f"{job.prompt.view_type}-{job.index + 1}{SUFFIXES[info.format]}"
    return NewAsset(
        kind=AssetKind.IMAGE,
        storage_key=storage_key(job.session_id, new_id, SUFFIXES[info.format]),
        content_hash=info.digest,
        content_type=CONTENT_TYPES[info.format],
        size_bytes=size,
        id=new_id,
        request=job.request,
        view_type=job.prompt.view_type,
        model=job.model,
        cost=payment.amount,
        generation_time=round(payment.duration, 3),
        details=ImageDetails(info.width, info.height, name, _generated(job)),
    )


def _generated(job: ImageJob) -> GeneratedImage:
    return GeneratedImage(
        prompt=job.prompt.prompt,
        negative_prompt=job.prompt.negative_prompt,
        seed=job.seed,
        product=job.product,
        count=job.count,
        asked_model=job.models[0],
        batch=job.batch,
        aspect=job.aspect,
        content=job.request,
        index=job.index,
    )
