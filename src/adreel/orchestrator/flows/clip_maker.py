"""Makes one clip, drawn locally or from a bought file, and records it as an asset."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.clip_jobs import ClipJob, asset_id
from adreel.billing.clip_quality import unfetched
from adreel.billing.conforming import ClipConformer, Conformed
from adreel.billing.crash_points import Checkpoint, CrashPoint, no_op
from adreel.domain.costs.ledger import PurchaseKind
from adreel.domain.films.formats import FPS, to_seconds
from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.machine_faults import machine_faults
from adreel.domain.ports import Shot
from adreel.domain.providers import RemoteJob
from adreel.domain.sessions.details import ClipDetails, StoredSegment
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.domain.work.percentages import CLIP_DRAWN
from adreel.domain.work.progress import FrameProgress
from adreel.domain.work.tracing import span
from adreel.media.clips.info import ClipInfo
from adreel.media.scratch import scratch_folder
from adreel.media.segments.sizes import segment_bytes
from adreel.orchestrator.flows.progress import Reporter
from adreel.orchestrator.flows.thread_progress import with_thread_progress
from adreel.services.sessions.records import Charge, CostEntry, NewAsset, Settlement
from adreel.services.sessions.service import SessionService
from adreel.services.storage.disk_space import DiskSpace
from adreel.services.storage.segments import SegmentExchange
from adreel.services.storage_service import LocalFiles, StorageService

_DRAWN_FILES, _BOUGHT_FILES = 2, 4
"""Copies of a clip on the disk while it is made: the segment and its stored copy; for a bought one also the downloaded file and
its stored copy."""

_FREE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class FileStores:
    """The stores of a flow's files: storage, local copies, segments, a folder for temporary files, and its disk space."""

    storage: StorageService
    files: LocalFiles
    exchange: SegmentExchange
    work: Path
    space: DiskSpace


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in storage. `content_hash` is SHA-256, `size` in bytes."""

    key: str
    content_hash: str
    size: int


@dataclass(frozen=True, slots=True)
class DrawnClip:
    """The WorkReporter of a clip that is drawn."""

    reporter: Reporter
    job: ClipJob

    async def report(self, fraction: float, message: str) -> None:  # noqa: ARG002 (of every WorkReporter)
        """The message of the frames is left out: clips of a job are drawn side by side."""
        what = f"Drawing clip {self.job.index + 1} of {self.job.count}"
        await self.reporter.clip(self.job, CLIP_DRAWN * fraction, what, {})


class ClipMaker:
    """`draw` and `keep` may be repeated after a crash within them: the id of the asset is fixed beforehand.

    The transaction that records a clip also appends its event.
    """

    def __init__(
        self,
        agent: VideoGeneratorAgent,
        conformer: ClipConformer,
        sessions: SessionService,
        stores: FileStores,
        reporter: Reporter,
        clock: Callable[[], float] = time.monotonic,
        checkpoint: Checkpoint = no_op,
    ) -> None:
        self._agent = agent
        self._conformer = conformer
        self._sessions = sessions
        self._stores = stores
        self._reporter = reporter
        self._clock = clock
        self._checkpoint = checkpoint

    def check_room(self, job: ClipJob) -> None:
        """Raises NoSpaceError when the disk has no space for the clip. Call it before the clip is bought."""
        self._stores.space.check(_bought_bytes(job), _name_of(job))

    async def draw(self, job: ClipJob) -> Asset:
        """Draws the clip directly into a segment, once the disk has space for it.

        Raises PhotoError, GenerationError, RenderError, StorageError.
        """
        needed = _DRAWN_FILES * segment_bytes(job.size, job.frames)
        with machine_faults():
            async with self._stores.space.reserved_for(needed, _name_of(job)):
                return await self._draw(job)

    async def _draw(self, job: ClipJob) -> Asset:
        started = self._clock()
        path = await self._stores.files.path(job.image.key, job.image.content_hash)
        image = ApprovedImage(job.image.id, path, ViewType(job.image.view_type))
        shot = Shot(image, job.scene, job.size, job.frames, job.seed, job.words, job.text_style)

        async with with_thread_progress(DrawnClip(self._reporter, job)) as threads:
            progress = FrameProgress(threads.reporter, threads.cancellation, shot.frames)
            segment = await self._agent.draw(shot, job.model, progress, job.index, job.count, job.user_id)
        new_id = asset_id(job.session_id, job.request)
        with span("store", of="clip"):
            stored = await self._stores.exchange.publish(segment, f"sessions/{job.session_id}/clips/{new_id}")
        self._checkpoint(CrashPoint.CLIP_STORED, "clip")
        file = StoredFile(stored.video, stored.content_hash, stored.bytes)
        taken = self._clock() - started
        asset = _asset(job, new_id, file, _drawn_details(job, stored), taken)
        cost = CostEntry(f"clip:{new_id}", PurchaseKind.CLIP.agent, job.model, asset.cost, taken)
        return await self._record(job, asset, cost)

    async def keep(self, job: ClipJob, payment: Settlement, remote: RemoteJob) -> Asset | str:
        """Fetches, stores, examines and conforms a bought clip, and records it with its payment; or returns why it is rejected.

        Raises ExpiredError, DownloadError, GenerationError when it cannot be fetched, StorageError.
        """
        if not remote.outputs and not remote.expired:
            return "the provider says that it succeeded, but gives no clip"
        with machine_faults():
            async with self._stores.space.reserved_for(_bought_bytes(job), _name_of(job)):
                return await self._keep(job, payment, remote)

    async def _keep(self, job: ClipJob, payment: Settlement, remote: RemoteJob) -> Asset | str:
        new_id = asset_id(job.session_id, payment.call_key)
        key = f"sessions/{job.session_id}/clips/{new_id}.mp4"
        with scratch_folder(self._stores.work, "bought-") as folder:
            path = folder / "clip.mp4"
            with span("fetch", of="clip"):
                await self._fetch(job, remote, key, path)
            async with self._agent.slots.place(job.user_id):
                with span("conform", frames=job.frames), self._agent.processor.long_work(job.user_id, 1):
                    made = await asyncio.to_thread(self._conformed, job, path)
            if isinstance(made, str):
                return made
        file = StoredFile(key, made.digest, made.size)
        with span("store", of="clip"):
            stored = await self._stores.exchange.publish(made.segment, f"sessions/{job.session_id}/segments/{new_id}")
        self._checkpoint(CrashPoint.CLIP_STORED, "clip")
        details = _bought_details(job, made.info, stored)
        asset = _asset(job, new_id, file, details, payment.duration, payment.amount)
        return await self._record(job, asset, payment)

    async def _fetch(self, job: ClipJob, remote: RemoteJob, key: str, path: Path) -> None:
        """Fetches the clip from adreel's storage if an earlier run has stored it; else fetches and stores it."""
        if await self._stores.storage.exists(key):
            await self._stores.storage.download_file(self._stores.storage.url(key), path)
            return
        with unfetched(job.model):
            await self._agent.collect(job.model, remote, path)
        self._checkpoint(CrashPoint.OUTPUT_FETCHED, "clip")
        await self._stores.storage.upload_file(path, "video/mp4", key)

    def _conformed(self, job: ClipJob, path: Path) -> Conformed | str:
        return self._conformer.conformed(job.model, job.image.id, job.size, job.frames, path)

    async def _record(self, job: ClipJob, asset: NewAsset, charge: Charge) -> Asset:
        made = await self._reporter.record_clip(job, asset, charge)
        self._checkpoint(CrashPoint.ASSET_RECORDED, "clip")
        return made


def _bought_bytes(job: ClipJob) -> int:
    return _BOUGHT_FILES * segment_bytes(job.size, job.frames)


def _name_of(job: ClipJob) -> str:
    return f"clip {job.index + 1}"


def _drawn_details(job: ClipJob, stored: StoredSegment) -> ClipDetails:
    """The stored file of a drawn clip is its segment."""
    return ClipDetails(
        duration=to_seconds(stored.frames),
        resolution=f"{stored.width}x{stored.height}",
        fps=FPS,
        frames=stored.frames,
        scene=job.scene,
        clip_frames=stored.frames,
        segment=stored,
        seed=job.seed,
        content=job.content,
        beat=job.beat,
        place=job.place,
        words=job.words,
        text_style=job.text_style,
    )


def _bought_details(job: ClipJob, info: ClipInfo, stored: StoredSegment) -> ClipDetails:
    fps = info.fps
    return replace(
        _drawn_details(job, stored),
        duration=round(float(info.duration), 3),
        resolution=f"{info.width}x{info.height}",
        fps=round(float(fps), 3) if fps is not None else None,
        frames=info.frames,
    )


def _asset(
    job: ClipJob, new_id: str, file: StoredFile, details: ClipDetails, taken: float, cost: Decimal = _FREE
) -> NewAsset:
    return NewAsset(
        kind=AssetKind.CLIP,
        storage_key=file.key,
        content_hash=file.content_hash,
        content_type="video/mp4",
        size_bytes=file.size,
        id=new_id,
        request=job.request,
        view_type=job.image.view_type,
        source_image_id=job.image.id,
        take=job.take,
        model=job.model,
        cost=cost,
        generation_time=round(taken, 3),
        details=details,
    )
