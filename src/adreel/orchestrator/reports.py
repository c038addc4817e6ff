"""What a session's listeners are told, and at which percentage. No other module knows a percentage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from adreel.domain.session import Asset, Job, Json, SessionEvent, SessionRecord
from adreel.domain.stage import Stage
from adreel.orchestrator.image_orders import ImageJob
from adreel.orchestrator.orders import ClipJob
from adreel.services.progress_service import ProgressService
from adreel.services.records import NewAsset, Tell, Telling

_PAGE = 500
_MOST_BOARDS = 64
"""Jobs whose progress is remembered; of others it is read again."""

END = "end"
"""In the data of a job's last event: ready, complete, failed or cancelled."""

AddTold = Callable[[Tell], Awaitable[tuple[Asset, SessionEvent | None]]]
"""Records a file and what is told of it in one transaction, see `SessionService.add_told`."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the work: the session's stage, and the percentages at which it begins and ends."""

    stage: Stage
    start: float
    end: float

    def percent(self, fraction: float) -> float:
        return round(self.start + (self.end - self.start) * min(1.0, max(0.0, fraction)), 1)


PARSING = Phase(Stage.IMAGE_GENERATION, 0, 10)
IMAGES = Phase(Stage.IMAGE_GENERATION, 10, 50)
IMAGES_READY = Phase(Stage.IMAGE_SELECTION, 50, 50)
PLANNING = Phase(Stage.CLIP_GENERATION, 55, 55)
CLIPS = Phase(Stage.CLIP_GENERATION, 55, 90)
CLIPS_READY = Phase(Stage.CLIP_SELECTION, 90, 90)
COMPOSING = Phase(Stage.FINAL_COMPOSITION, 92, 98)
COMPLETE = Phase(Stage.COMPLETE, 100, 100)

RESTING: Mapping[Stage, float] = {
    Stage.CREATED: 0,
    Stage.IMAGE_GENERATION: 0,
    Stage.IMAGE_SELECTION: 50,
    Stage.CLIP_GENERATION: 55,
    Stage.CLIP_SELECTION: 90,
    Stage.FINAL_COMPOSITION: 92,
    Stage.COMPLETE: 100,
}
"""Where a session stands when nothing is under way; also what a job that failed or was cancelled goes back to."""


@dataclass(frozen=True, slots=True)
class _Part:
    """That one of several has come so far (0–1)."""

    job: ClipJob | ImageJob
    phase: Phase
    noun: str
    fraction: float
    message: str
    told: Json


@dataclass(slots=True)
class _Board:
    """How far the parts of a job are, as told up to event `after`, and the highest percentage among these."""

    after: int
    noun: str
    floor: float
    parts: dict[int, float] = field(default_factory=dict[int, float])
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def note(self, job_id: str, event: SessionEvent) -> None:
        self.after = event.seq
        if event.data.get("job") != job_id or f"{self.noun}_index" not in event.data:
            return
        index, fraction = int(event.data[f"{self.noun}_index"]), float(event.data[f"{self.noun}_fraction"])
        self.parts[index] = max(fraction, self.parts.get(index, 0.0))
        self.floor = max(self.floor, event.progress)

    def next(self, part: _Part) -> Telling:
        """The percentage adds up what was told of all parts, and does not fall."""
        job = part.job
        parts = {**self.parts, job.index: max(part.fraction, self.parts.get(job.index, 0.0))}
        percent = max(self.floor, part.phase.percent(sum(parts.values()) / job.count))
        place = {f"{self.noun}_index": job.index, f"{self.noun}_fraction": round(part.fraction, 4)}
        return Telling(part.phase.stage, percent, part.message, {"job": job.job_id, **part.told, **place})


class Reporter:
    """Tells the listeners of sessions. Every event of a job carries the job's id in its data."""

    def __init__(self, progress: ProgressService) -> None:
        self._progress = progress
        self._boards: dict[str, _Board] = {}

    async def accepted(self, session: SessionRecord, job: Job) -> None:
        """A job has been taken on."""
        await self._append(session.id, session.stage, RESTING[session.stage], f"Accepted: {job.action}", job.id)

    async def planning(self, session_id: str, job_id: str) -> int:
        """The event's number: all that the job reports of its clips comes after it."""
        return await self._append(session_id, PLANNING.stage, PLANNING.start, "Planning scenes…", job_id)

    async def planned(self, session_id: str, job_id: str, warning: str) -> None:
        """The scenes are not what was hoped for."""
        told = {"warning": warning}
        await self._append(session_id, PLANNING.stage, PLANNING.end, f"Warning: {warning}", job_id, told)

    async def parsing(self, session_id: str, job_id: str) -> int:
        return await self._append(session_id, PARSING.stage, PARSING.start, "Reading the product prompt…", job_id)

    async def parsed(self, session_id: str, job_id: str, plan: Json) -> int:
        """What is to be photographed, as an ImagePlan. The event's number: all that is told of the pictures comes after it."""
        message = f"Making {len(plan['prompts'])} images: {plan['category']}, {', '.join(plan['style_keywords'])}"
        told = {name: plan[name] for name in ("category", "style_keywords", "planner", "warning")}
        return await self._append(session_id, PARSING.stage, PARSING.end, message, job_id, told)

    async def ready_clip(self, job: ClipJob, asset: Asset) -> None:
        """A clip that was there already, or was copied."""
        await self.clip(job, 1.0, _ready(job), {"clip": clip_data(asset)})

    async def clip(self, job: ClipJob, fraction: float, message: str, told: Json) -> None:
        """One clip of several has come this far (0–1).

        The percentage adds up what all clips of the job have reported, from whichever process, and does not fall. (Two
        processes that report within the same milliseconds may be told of in either order.)
        """
        await self._part(_Part(job, CLIPS, "clip", fraction, message, told))

    async def image(self, job: ImageJob, fraction: float, message: str, told: Json) -> None:
        """One picture of several has come this far, as `clip`."""
        await self._part(_Part(job, IMAGES, "image", fraction, message, told))

    async def composing(self, session_id: str, job_id: str, fraction: float, message: str) -> None:
        await self._append(session_id, COMPOSING.stage, COMPOSING.percent(fraction), message, job_id)

    async def hand_on(self, session_id: str) -> None:
        """Tells those who listen here of what was kept with a change of the session itself: the ends of jobs."""
        await self._progress.hand_on(session_id)

    async def made_clip(self, job: ClipJob, asset: NewAsset, add: AddTold) -> Asset:
        """Lets `add` record a clip, and tells of it in the same transaction, unless that was done before."""
        board = self._board(job, CLIPS, "clip")
        part = _Part(job, CLIPS, "clip", 1.0, _ready(job), {"clip": clip_data(asset)})
        async with board.turn:
            while True:
                try:
                    made, event = await add(partial(_told_next, board, part))
                except _BehindError:
                    await self._catch_up(board, job)
                    continue
                if event is not None:
                    board.note(job.job_id, event)
                    self._progress.publish(event)
                return made

    async def _part(self, part: _Part) -> None:
        job, board = part.job, self._board(part.job, part.phase, part.noun)
        async with board.turn:
            await self._catch_up(board, job)
            event = await self._append_told(job.session_id, board.next(part))
            if event.seq == board.after + 1:
                board.note(job.job_id, event)

    def _board(self, job: ClipJob | ImageJob, phase: Phase, noun: str) -> _Board:
        board = self._boards.setdefault(job.job_id, _Board(job.after, noun, phase.start))
        if len(self._boards) > _MOST_BOARDS:
            del self._boards[next(iter(self._boards))]
        return board

    async def _catch_up(self, board: _Board, job: ClipJob | ImageJob) -> None:
        """Notes what has been told of the job's parts up to now."""
        while True:
            events = await self._progress.replay(job.session_id, board.after, _PAGE)
            for event in events:
                board.note(job.job_id, event)
            if len(events) < _PAGE:
                return

    async def _append(
        self, session_id: str, stage: Stage, percent: float, message: str, job_id: str, told: Json | None = None
    ) -> int:
        telling = Telling(stage, percent, message, {"job": job_id, **(told or {})})
        return (await self._append_told(session_id, telling)).seq

    async def _append_told(self, session_id: str, told: Telling) -> SessionEvent:
        return await self._progress.append(session_id, told.stage, told.progress, told.message, told.data)


def _told_next(board: _Board, part: _Part, session: SessionRecord) -> Telling:
    """Raises _BehindError when something was told that the board does not know of."""
    if session.last_seq != board.after:
        raise _BehindError
    return board.next(part)


class _BehindError(Exception):
    """Somebody else has told of the session meanwhile."""


def images_ready(job_id: str, message: str, told: Json) -> Telling:
    return _end(IMAGES_READY.stage, IMAGES_READY.end, message, job_id, "ready", told)


def clips_ready(job_id: str, message: str, told: Json) -> Telling:
    return _end(CLIPS_READY.stage, CLIPS_READY.end, message, job_id, "ready", told)


def complete(job_id: str, told: Json) -> Telling:
    return _end(COMPLETE.stage, COMPLETE.end, "Your video is complete", job_id, "complete", told)


def failed(session: SessionRecord, job_id: str, message: str) -> Telling:
    back = session.return_stage or Stage.CREATED
    return _end(Stage.FAILED, RESTING[back], message, job_id, "failed", {"return_stage": back})


def cancelled(session: SessionRecord, job_id: str) -> Telling:
    return _end(session.stage, RESTING.get(session.stage, 0), "Cancelled", job_id, "cancelled", {})


def _end(stage: Stage, percent: float, message: str, job_id: str, how: str, told: Json) -> Telling:
    return Telling(stage, percent, message, {"job": job_id, **told, END: how})


def _ready(job: ClipJob) -> str:
    return f"Clip {job.index + 1} of {job.count} is ready"


def clip_data(asset: Asset | NewAsset) -> Json:
    """A clip as it is told in an event."""
    return {
        "id": asset.id,
        "source_image_id": asset.source_image_id,
        "view_type": asset.view_type,
        "take": asset.take,
        "duration": asset.details.get("duration"),
        "model": asset.model,
        "cost": str(asset.cost),
    }


def image_data(asset: Asset) -> Json:
    """A picture as it is told in an event."""
    return {
        "id": asset.id,
        "view_type": asset.view_type,
        "width": asset.details.get("width"),
        "height": asset.details.get("height"),
        "model": asset.model,
        "cost": str(asset.cost),
    }


def film_data(asset: Asset) -> Json:
    """A finished film as it is told in an event."""
    facts = {name: asset.details.get(name) for name in ("duration", "resolution", "fps", "format", "aspect")}
    return {"id": asset.id, **facts, "file_size_mb": round(asset.size_bytes / 1_000_000, 2)}
