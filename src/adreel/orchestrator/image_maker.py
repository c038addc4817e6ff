"""Makes one bought picture into a recorded asset."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adreel.agents.image_generator import CONTENT_TYPES, SUFFIXES, BatchImageGeneratorAgent, UselessImageError, examined
from adreel.domain.ledger import CallState, PaidCall
from adreel.domain.remote import RemoteJob
from adreel.domain.session import Asset, AssetKind
from adreel.media.photos import PhotoInfo
from adreel.orchestrator.bought_clip import unfetched
from adreel.orchestrator.checkpoints import Checkpoint, Point, pass_by
from adreel.orchestrator.image_orders import ImageJob
from adreel.orchestrator.orders import asset_id
from adreel.orchestrator.shops import IMAGES_AGENT
from adreel.services.records import CostEntry, NewAsset, Settlement
from adreel.services.session_service import SessionService
from adreel.services.storage_service import StorageService


@dataclass(frozen=True, slots=True)
class ImageMaker:
    """May be repeated after having been killed within: the asset has an id of its own beforehand."""

    agent: BatchImageGeneratorAgent
    sessions: SessionService
    storage: StorageService
    work: Path
    checkpoint: Checkpoint = pass_by

    async def keep(self, job: ImageJob, call: PaidCall, remote: RemoteJob, taken: float) -> Asset | str:
        """Fetches, examines, stores and records a bought picture, and settles its purchase; or says why it is of no use.

        `taken`: seconds from the order to the picture.
        Raises ExpiredError, and when it could not be fetched and may be later DownloadError, RefusedError, StorageError.
        """
        new_id = asset_id(job.session_id, call.key)
        self.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.work, prefix="image-") as folder:
            path = Path(folder) / "image"
            try:
                info = await self._fetch(job, new_id, remote, path)
            except UselessImageError as error:
                return str(error)
            size = path.stat().st_size
        asset = _asset(job, new_id, info, size, call, taken)
        cost = CostEntry(call.key, IMAGES_AGENT, call.model, call.estimate, taken)
        made = await self.sessions.add_made(
            job.session_id, asset, cost, Settlement(call.key, CallState.PAID, call.estimate)
        )
        self.checkpoint(Point.ASSET_RECORDED, "image")
        return made

    async def _fetch(self, job: ImageJob, new_id: str, remote: RemoteJob, path: Path) -> PhotoInfo:
        """The picture, from our own storage if it came that far before, and into it as soon as it was found good."""
        for suffix in sorted(set(SUFFIXES.values())):
            key = storage_key(job.session_id, new_id, suffix)
            if await self.storage.exists(key):
                await self.storage.download_file(self.storage.url(key), path)
                return await asyncio.to_thread(examined, job.model, path)
        with unfetched(job.model):
            info = await self.agent.collect(job.model, remote, path)
        self.checkpoint(Point.OUTPUT_FETCHED, "image")
        key = storage_key(job.session_id, new_id, SUFFIXES[info.format])
        await self.storage.upload_file(path, CONTENT_TYPES[info.format], key)
        self.checkpoint(Point.CLIP_STORED, "image")
        return info


def storage_key(session_id: str, new_id: str, suffix: str) -> str:
    """Where a picture of a session is stored; `suffix` as ".png"."""
    return f"sessions/{session_id}/images/{new_id}{suffix}"


def _asset(job: ImageJob, new_id: str, info: PhotoInfo, size: int, call: PaidCall, taken: float) -> NewAsset:
    return NewAsset(
        kind=AssetKind.IMAGE,
        storage_key=storage_key(job.session_id, new_id, SUFFIXES[info.format]),
        content_hash=info.digest,
        content_type=CONTENT_TYPES[info.format],
        size_bytes=size,
        id=new_id,
        request=job.request,
        view_type=job.prompt.view_type,
        model=call.model,
        cost=call.estimate,
        generation_time=round(taken, 3),
        details={
            "width": info.width,
            "height": info.height,
            "file_name": f"{job.prompt.view_type}-{job.index + 1}{SUFFIXES[info.format]}",
            "prompt": job.prompt.prompt,
            "negative_prompt": job.prompt.negative_prompt,
            "seed": job.seed,
            "product": job.product,
            "count": job.count,
            "asked_model": job.models[0],
            "batch": job.batch,
            "content": job.request,
            "index": job.index,
        },
    )
