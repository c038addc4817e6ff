"""Writes the progress events of jobs; no other module of the flows does. Percentages are those of `domain/work/percentages.py`.

Endings ends a job exactly once, however often workers crash: updates the session and publishes the final event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adreel.billing.clip_jobs import ClipJob
from adreel.billing.image_jobs import ImageJob
from adreel.domain.costs.money import format_amount
from adreel.domain.errors import KilledError
from adreel.domain.films.images import ImagePlan
from adreel.domain.sessions.details import ClipDetails, narrowed
from adreel.domain.sessions.jobs import ACTION, END, STORAGE_KEY
from adreel.domain.sessions.session import Asset, AssetKind, Job, Json, SessionEvent, SessionRecord, SessionView
from adreel.domain.sessions.stage import Stage
from adreel.domain.work.percentages import (
    CLIPS_READY,
    COMPLETE,
    COMPOSING,
    IMAGES_READY,
    PARSING,
    PLANNING,
    RESTING,
    Phase,
    writing_phase,
)
from adreel.orchestrator.engine.client import Outcome
from adreel.orchestrator.engine.engine import MAX_RECOVERIES
from adreel.orchestrator.engine.steps import JobState
from adreel.orchestrator.flows.board import CLIP, IMAGE, Board, PartJob, PartKind
from adreel.orchestrator.flows.failure_words import failure_words
from adreel.services.events.log import ProgressService
from adreel.services.receipts import Receipt, no_receipt
from adreel.services.sessions.records import Charge, EventDraft, NewAsset
from adreel.services.sessions.service import SessionService

_PAGE = 500
_MOST_BOARDS = 64
"""Jobs whose progress is cached; that of others is read again."""


class Reporter:
    """Publishes events to the listeners of sessions. The data of every event of a job has the job's id."""

    def __init__(self, progress: ProgressService, sessions: SessionService) -> None:
        self._progress = progress
        self._sessions = sessions
        self._boards: dict[str, Board] = {}

    async def accepted(self, session: SessionRecord, job: Job) -> None:
        """Reports that a job was accepted."""
        data = {ACTION: job.action.value}
        await self._append(session.id, session.stage, RESTING[session.stage], f"Accepted: {job.action}", job.id, data)

    async def planning(self, session_id: str, job_id: str) -> int:
        """Reports the start of planning. Returns the event's number: all events of the job's clips come after it."""
        return await self._append(session_id, PLANNING.stage, PLANNING.percent(0), "Planning scenes…", job_id)

    async def planned(self, session_id: str, job_id: str, warning: str) -> None:
        """Reports that scenes were planned by rules. `warning` says why, for programs and logs; the message is for everyone."""
        data = {"warning": warning}
        await self._append(session_id, PLANNING.stage, PLANNING.percent(1), PLANNED_BY_RULES, job_id, data)

    async def parsing(self, session_id: str, job_id: str) -> int:
        return await self._append(session_id, PARSING.stage, PARSING.percent(0), "Reading the product prompt…", job_id)

    async def parsed(self, session_id: str, job_id: str, plan: ImagePlan) -> int:
        """Reports the plan of the images. Returns the event's number: all events of the images come after it."""
        message = f"Making {len(plan.prompts)} images: {plan.category}, {', '.join(plan.style_keywords)}"
        data = {
            "category": plan.category,
            "style_keywords": list(plan.style_keywords),
            "planner": plan.planner,
            "warning": plan.warning,
        }
        return await self._append(session_id, PARSING.stage, PARSING.percent(1), message, job_id, data)

    async def ready_clip(self, job: ClipJob, asset: Asset) -> None:
        """Reports a clip that existed already, or was copied."""
        await self.clip(job, 1.0, _ready(job), {"clip": clip_data(asset)})

    async def clip(self, job: ClipJob, fraction: float, message: str, data: Json) -> None:
        """Reports the progress (0–1) of one clip.

        The percentage sums up the progress of all clips of the job, from any process, and never falls. (The events of two
        processes that report within the same milliseconds may come in either order.)
        """
        await self._one(CLIP, job, fraction, message, data)

    async def image(self, job: ImageJob, fraction: float, message: str, data: Json) -> None:
        """Reports the progress (0–1) of one image, as `clip`."""
        await self._one(IMAGE, job, fraction, message, data)

    async def parts(self, kind: PartKind, job: PartJob, fractions: Mapping[int, float], message: str) -> None:
        """Reports the progress (0–1) of several parts by their index, unless the session does not run the job any more.

        `job` is that of any of them.
        """
        board = self._board(kind, job)
        async with board.turn:
            await self._catch_up(board, job)
            draft = board.all(fractions, message)
            self._note(board, await self._progress.append_in_job(job.session_id, job.job_id, draft))

    async def silent(self, kind: PartKind, job: PartJob, heard: int, message: str) -> int:
        """Reports `message` if no event of the job has come after number `heard`. Returns the number of its newest event."""
        board = self._board(kind, job)
        async with board.turn:
            await self._catch_up(board, job)
            if board.heard <= heard:
                draft = board.all({}, message)
                self._note(board, await self._progress.append_in_job(job.session_id, job.job_id, draft))
            return board.heard

    async def still(self, phase: Phase, session_id: str, job_id: str, message: str) -> None:
        """Reports that a phase without parts goes on, unless the session does not run the job any more."""
        draft = EventDraft(phase.stage, phase.percent(0), message, {"job": job_id})
        await self._progress.append_in_job(session_id, job_id, draft)

    async def composing(self, session_id: str, job_id: str, fraction: float, message: str) -> None:
        await self._append(session_id, COMPOSING.stage, COMPOSING.percent(fraction), message, job_id)

    async def publish_appended(self, session_id: str) -> None:
        """Publishes to this process's listeners the events appended with a change of the session: the ends of jobs."""
        await self._progress.publish_appended(session_id)

    async def record_clip(self, job: ClipJob, asset: NewAsset, charge: Charge) -> Asset:
        """Records a clip, its charge and its event in one transaction, unless the clip is recorded already."""
        board = self._board(CLIP, job)
        data = {"clip": clip_data(asset)}
        async with board.turn:
            while True:
                event_of = _NextEvent(board, job, _ready(job), data).draft
                try:
                    made, event = await self._sessions.add_with_event(job.session_id, asset, charge, event_of)
                except _BehindError:
                    await self._catch_up(board, job)
                    continue
                if event is not None:
                    board.note(event)
                    self._progress.publish(event)
                return made

    async def _one(self, kind: PartKind, job: PartJob, fraction: float, message: str, data: Json) -> None:
        board = self._board(kind, job)
        async with board.turn:
            await self._catch_up(board, job)
            self._note(board, await self._append_draft(job.session_id, board.one(job.index, fraction, message, data)))

    def _note(self, board: Board, event: SessionEvent | None) -> None:
        """Leaves an event for the next `_catch_up` if others came between."""
        if event is not None and event.seq == board.after + 1:
            board.note(event)

    def _board(self, kind: PartKind, job: PartJob) -> Board:
        board = self._boards.setdefault(job.job_id, Board.of(kind, job))
        if len(self._boards) > _MOST_BOARDS:
            del self._boards[next(iter(self._boards))]
        return board

    async def _catch_up(self, board: Board, job: PartJob) -> None:
        """Reads the events of the session that the board does not have yet."""
        while True:
            events = await self._progress.replay(job.session_id, board.after, _PAGE)
            for event in events:
                board.note(event)
            if len(events) < _PAGE:
                return

    async def _append(
        self, session_id: str, stage: Stage, percent: float, message: str, job_id: str, data: Json | None = None
    ) -> int:
        draft = EventDraft(stage, percent, message, {"job": job_id, **(data or {})})
        return (await self._append_draft(session_id, draft)).seq

    async def _append_draft(self, session_id: str, draft: EventDraft) -> SessionEvent:
        return await self._progress.append(session_id, draft.stage, draft.progress, draft.message, draft.data)


@dataclass(frozen=True, slots=True)
class _NextEvent:
    """The event of a clip that is ready."""

    board: Board
    job: ClipJob
    message: str
    data: Json

    def draft(self, session: SessionRecord) -> EventDraft:
        """Raises _BehindError when the session has events that the board has not read."""
        if session.last_seq != self.board.after:
            raise _BehindError
        return self.board.one(self.job.index, 1.0, self.message, self.data)


class _BehindError(Exception):
    """Another process has appended an event meanwhile."""


def images_ready(job_id: str, message: str, data: Json) -> EventDraft:
    return _end(IMAGES_READY.stage, IMAGES_READY.percent(1), message, job_id, "ready", data)


def script_ready(stage: Stage, job_id: str, message: str, data: Json) -> EventDraft:
    return _end(stage, writing_phase(stage).percent(1), message, job_id, "ready", data)


def clips_ready(job_id: str, message: str, data: Json) -> EventDraft:
    return _end(CLIPS_READY.stage, CLIPS_READY.percent(1), message, job_id, "ready", data)


def complete(job_id: str, data: Json) -> EventDraft:
    return _end(COMPLETE.stage, COMPLETE.percent(1), "Your video is complete", job_id, "complete", data)


def failed(session: SessionRecord, job_id: str, message: str) -> EventDraft:
    back = session.return_stage or Stage.CREATED
    return _end(Stage.FAILED, RESTING[back], message, job_id, "failed", {"return_stage": back})


def cancelled(session: SessionRecord, job_id: str) -> EventDraft:
    return _end(session.stage, RESTING.get(session.stage, RESTING[Stage.CREATED]), "Cancelled", job_id, "cancelled", {})


def _end(stage: Stage, percent: float, message: str, job_id: str, how: str, data: Json) -> EventDraft:
    return EventDraft(stage, percent, message, {"job": job_id, **data, END: how})


PLANNED_BY_RULES = "The language model was of no help: adreel plans the scenes by its own rules"
"""The message to everyone; why is in the data of the event."""


def _ready(job: ClipJob) -> str:
    return f"Clip {job.index + 1} of {job.count} is ready"


def clip_data(asset: Asset | NewAsset) -> Json:
    """A clip in the data of an event."""
    return {
        "id": asset.id,
        "source_image_id": asset.source_image_id,
        "view_type": asset.view_type,
        "take": asset.take,
        "duration": narrowed(asset.details, ClipDetails).duration,
        "model": asset.model,
        "cost": format_amount(asset.cost),
        STORAGE_KEY: asset.storage_key,
    }


def image_data(asset: Asset) -> Json:
    """An image in the data of an event."""
    return {
        "id": asset.id,
        "view_type": asset.view_type,
        "width": asset.image_details.width,
        "height": asset.image_details.height,
        "model": asset.model,
        "cost": format_amount(asset.cost),
        STORAGE_KEY: asset.storage_key,
    }


def film_data(asset: Asset) -> Json:
    """A finished film in the data of an event."""
    details = asset.film_details
    files = [{"format": each.suffix.removeprefix("."), STORAGE_KEY: each.storage_key} for each in details.captions]
    captions = {"captions": files} if files else {}
    return {
        "id": asset.id,
        "duration": details.duration,
        "resolution": details.resolution,
        "fps": details.fps,
        "format": details.format,
        "aspect": details.aspect,
        "file_size_mb": round(asset.size_bytes / 1_000_000, 2),
        STORAGE_KEY: asset.storage_key,
        "notes": list(details.notes),
        **captions,
    }


class Endings:
    """Ends jobs. Every method is idempotent: a session that does not run the job any more stays unchanged.

    One transaction stores the end of a job and its event; publishing the event to listeners follows it.
    """

    def __init__(self, sessions: SessionService, reporter: Reporter) -> None:
        self._sessions = sessions
        self._reporter = reporter

    async def clips_ready(self, session_id: str, job_id: str, made: list[str], failures: list[str]) -> None:
        """Ends a job that made the clips `made` (asset ids); `failures` are the messages of those that failed."""
        view = await self._sessions.view(session_id)
        clips = [clip_data(asset) for asset in view.of_kind(AssetKind.CLIP) if asset.id in made]
        event = clips_ready(
            job_id, _ready_message(len(clips), "clip", failures), {"clips": clips, "failures": failures}
        )
        await self._sessions.finish(job_id, make_event=lambda _: event, made=made, failures=failures)
        await self._reporter.publish_appended(session_id)

    async def images_ready(self, session_id: str, job_id: str, made: list[str], failures: list[str]) -> None:
        """Ends a job that made the images `made` (asset ids); `failures` are the messages of those that failed."""
        view = await self._sessions.view(session_id)
        images = [image_data(asset) for asset in view.of_kind(AssetKind.IMAGE) if asset.id in made]
        event = images_ready(
            job_id, _ready_message(len(images), "image", failures), {"images": images, "failures": failures}
        )
        await self._sessions.finish(job_id, make_event=lambda _: event, made=made, failures=failures)
        await self._reporter.publish_appended(session_id)

    async def script_ready(self, session_id: str, job_id: str, stage: Stage, writer: str, warning: str | None) -> None:
        """Ends a job that wrote the session's script. `warning` says why `writer` is not the language model."""
        data = {"writer": writer, **({"warning": warning} if warning else {})}
        event = script_ready(stage, job_id, warning or "The script is ready", data)
        await self._sessions.finish(job_id, make_event=lambda _: event)
        await self._reporter.publish_appended(session_id)

    async def complete(self, session_id: str, job_id: str, films: list[str]) -> None:
        """Ends a job that made the films (asset ids); the first becomes the session's final video."""
        made = [film_data(asset) for asset in _assets(await self._sessions.view(session_id), films)]
        event = complete(job_id, {"final_video": made[0], "films": made, "videos": made})
        await self._sessions.finish(job_id, final_video_id=films[0], make_event=lambda _: event, made=films)
        await self._reporter.publish_appended(session_id)

    async def ended(self, session_id: str, job_id: str, outcome: Outcome) -> None:
        """Ends a job whose workflow ended without ending the job."""
        if outcome.state is JobState.CANCELLED:
            await self.cancelled(session_id, job_id)
        else:
            error = outcome.error or KilledError(MAX_RECOVERIES)
            await self.failed(session_id, job_id, failure_words(error, f"job {job_id}"))

    async def failed(self, session_id: str, job_id: str, message: str) -> None:
        """Ends a failed job with an error message."""
        await self._sessions.fail(job_id, message, lambda session: failed(session, job_id, message))
        await self._reporter.publish_appended(session_id)

    async def cancelled(self, session_id: str, job_id: str, receipt: Receipt[SessionRecord] = no_receipt) -> None:
        """Ends a cancelled job."""
        await self._sessions.cancelled(job_id, lambda session: cancelled(session, job_id), receipt)
        await self._reporter.publish_appended(session_id)


def _ready_message(number: int, what: str, failures: list[str]) -> str:
    message = f"{number} {what} is ready" if number == 1 else f"{number} {what}s are ready"
    return f"{message}, {len(failures)} could not be made: {'; '.join(failures)}" if failures else message


def _assets(view: SessionView, ids: list[str]) -> list[Asset]:
    by_id = {asset.id: asset for asset in view.assets}
    return [by_id[each] for each in ids]
