"""Makes one clip into a recorded asset: drawn here, or from a file that was bought."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.domain.clip import Segment
from adreel.domain.errors import ClipError, PhotoError, RenderError
from adreel.domain.fit import Fit
from adreel.domain.formats import FPS, to_seconds
from adreel.domain.ledger import CallState
from adreel.domain.ports import Shot
from adreel.domain.remote import RemoteJob
from adreel.domain.scene import ApprovedImage, ViewType
from adreel.domain.session import Asset, AssetKind, Json
from adreel.media.clip_info import ClipInfo
from adreel.media.given import ClipExaminer
from adreel.media.motion_plan import frames_within_reach
from adreel.media.rendering import SegmentMaker, no_watch
from adreel.media.segments import file_digest
from adreel.orchestrator.bought_clip import size_fault, unfetched
from adreel.orchestrator.checkpoints import Checkpoint, Point, pass_by
from adreel.orchestrator.local_files import LocalFiles
from adreel.orchestrator.orders import ClipJob, asset_id
from adreel.orchestrator.purchase import AGENT
from adreel.orchestrator.relay import relayed
from adreel.orchestrator.reports import Reporter
from adreel.orchestrator.segment_exchange import SegmentExchange
from adreel.services.records import CostEntry, NewAsset, Settlement
from adreel.services.session_service import SessionService
from adreel.services.storage_service import StorageService

_SHORTEST = 0.9
"""A bought clip may be this much shorter than what was asked for: providers count frames in their own way."""

_DRAWN = 0.95
"""Share of a clip's work that is drawing; the rest is storing."""

_FREE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where files go on their way."""

    storage: StorageService
    files: LocalFiles
    exchange: SegmentExchange
    work: Path


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in storage. `content_hash` is SHA-256, `size` in bytes."""

    key: str
    content_hash: str
    size: int


@dataclass(frozen=True, slots=True)
class Bought:
    """The purchase of a clip: what it counts as, in US dollars."""

    key: str
    estimate: Decimal


@dataclass(frozen=True, slots=True)
class Conformed:
    """A bought clip, looked at, and the segment made of it. `digest` and `size` are those of the clip."""

    info: ClipInfo
    segment: Segment
    digest: str
    size: int


class ClipMaker:
    """Both ways may be repeated after having been killed within: the asset has an id of its own beforehand.

    A clip is told of in the transaction that records it.
    """

    def __init__(
        self,
        agent: VideoGeneratorAgent,
        maker: SegmentMaker,
        examiner: ClipExaminer,
        sessions: SessionService,
        rooms: Rooms,
        reporter: Reporter,
        clock: Callable[[], float] = time.monotonic,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self._agent = agent
        self._maker = maker
        self._examiner = examiner
        self._sessions = sessions
        self._rooms = rooms
        self._reporter = reporter
        self._clock = clock
        self._checkpoint = checkpoint

    async def draw(self, job: ClipJob) -> Asset:
        """Draws the clip straight into a segment. Raises PhotoError, GenerationError, RenderError, StorageError."""
        started = self._clock()
        path = await self._rooms.files.path(job.image.key, job.image.content_hash)
        image = ApprovedImage(job.image.id, path, ViewType(job.image.view_type))
        shot = Shot(image, job.scene, job.size, job.frames, job.seed)

        async def tell(fraction: float, _message: str) -> None:
            await self._reporter.clip(job, _DRAWN * fraction, f"Drawing clip {job.index + 1} of {job.count}", {})

        async with relayed(tell) as watch:
            segment = await self._agent.draw(shot, job.model, watch, job.index, job.count)
        fault = fault_of(segment)
        if fault is not None:
            raise PhotoError(f"the clip of this photo {fault}; choose another photo or camera move")
        new_id = asset_id(job.session_id, job.request)
        facts = await self._rooms.exchange.publish(segment, f"sessions/{job.session_id}/clips/{new_id}")
        self._checkpoint(Point.CLIP_STORED, "clip")
        shown = {
            "duration": to_seconds(segment.frames),
            "resolution": f"{segment.size.width}x{segment.size.height}",
            "fps": FPS,
            "frames": segment.frames,
        }
        file = StoredFile(facts["video"], facts["content_hash"], facts["bytes"])
        taken = self._clock() - started
        asset = _asset(job, new_id, file, {**shown, "segment": facts}, taken)
        cost = CostEntry(f"clip:{new_id}", AGENT, job.model, asset.cost, taken)
        return await self._record(job, asset, cost, None)

    async def keep(self, job: ClipJob, bought: Bought, remote: RemoteJob, taken: float) -> Asset | str:
        """Fetches, stores, examines and conforms a bought clip, and settles its purchase; or says why it is of no use.

        `taken`: seconds from the order to the clip.

        Raises ExpiredError, DownloadError, GenerationError when it cannot be fetched, StorageError.
        """
        if not remote.outputs and not remote.expired:
            return "the provider says that it succeeded, but gives no clip"
        new_id = asset_id(job.session_id, bought.key)
        key = f"sessions/{job.session_id}/clips/{new_id}.mp4"
        self._rooms.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._rooms.work, prefix="bought-") as folder:
            path = Path(folder) / "clip.mp4"
            await self._fetch(job, remote, key, path)
            async with self._agent.slots:
                made = await asyncio.to_thread(self._conformed, job, path)
            if isinstance(made, str):
                return made
        file = StoredFile(key, made.digest, made.size)
        facts = await self._rooms.exchange.publish(made.segment, f"sessions/{job.session_id}/segments/{new_id}")
        self._checkpoint(Point.CLIP_STORED, "clip")
        asset = _asset(job, new_id, file, {**_measured(made.info), "segment": facts}, taken, bought.estimate)
        cost = CostEntry(bought.key, AGENT, job.model, bought.estimate, taken)
        return await self._record(job, asset, cost, Settlement(bought.key, CallState.PAID, bought.estimate))

    async def _fetch(self, job: ClipJob, remote: RemoteJob, key: str, path: Path) -> None:
        """The clip, from our own storage if it came that far before, and into it as soon as it is there."""
        if await self._rooms.storage.exists(key):
            await self._rooms.storage.download_file(self._rooms.storage.url(key), path)
            return
        with unfetched(job.model):
            await self._agent.collect(job.model, remote, path)
        self._checkpoint(Point.OUTPUT_FETCHED, "clip")
        await self._rooms.storage.upload_file(path, "video/mp4", key)

    def _conformed(self, job: ClipJob, path: Path) -> Conformed | str:
        """The segment of a bought clip, or why there is none."""
        try:
            self._examiner.examine(path, job.image.id, _go_on)
            info = self._examiner.info(path)
            wrong = size_fault(self._agent.models[job.model], job.size, info)
            if wrong is not None:
                return wrong
            frames = frames_within_reach(info, job.frames)
            if frames < _SHORTEST * job.frames:
                return f"the clip lasts {info.duration:.2f} s instead of {to_seconds(job.frames):.2f} s"
            segment = self._maker.given(
                path, info, job.size, frames, Fit.BLUR, threads=1, on_frame=no_watch, smooth=True
            )
        except (ClipError, RenderError) as error:
            return str(error).replace(str(path), "the clip")
        fault = fault_of(segment)
        if fault is not None:
            return f"the clip {fault}"
        return Conformed(info, segment, file_digest(path), path.stat().st_size)

    async def _record(self, job: ClipJob, asset: NewAsset, cost: CostEntry, settlement: Settlement | None) -> Asset:
        add = partial(self._sessions.add_told, job.session_id, asset, cost, settlement)
        made = await self._reporter.made_clip(job, asset, add)
        self._checkpoint(Point.ASSET_RECORDED, "clip")
        return made


def fault_of(segment: Segment) -> str | None:
    """What is wrong with the picture of a clip, if anything."""
    if segment.black:
        return f"is black for {segment.black} frames"
    if segment.frozen:
        return f"stands still for {segment.frozen} frames"
    return None


def _go_on() -> None:
    """Examining a clip takes a moment: it is not interrupted."""


def _measured(info: ClipInfo) -> Json:
    fps = info.fps
    return {
        "duration": round(float(info.duration), 3),
        "resolution": f"{info.width}x{info.height}",
        "fps": round(float(fps), 3) if fps is not None else None,
        "frames": info.frames,
    }


def _asset(job: ClipJob, new_id: str, file: StoredFile, shown: Json, taken: float, cost: Decimal = _FREE) -> NewAsset:
    """`shown` is what the stored file was measured to be, and its segment."""
    frames = shown["segment"]["frames"]
    made: dict[str, Any] = {"scene": asdict(job.scene), "seed": job.seed, "clip_frames": frames, "content": job.content}
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
        details={**shown, **made},
    )
