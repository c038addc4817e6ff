"""The steps of a film, and the progress of a running job.

The server renders progress from the published events; scripts update it from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from adreel.domain.sessions.session import AssetKind, Job, Json, SessionEvent, SessionRecord, SessionView
from adreel.domain.sessions.stage import ALLOWED, Action, Stage
from adreel.domain.work.part_progress import read_parts
from adreel.domain.work.percentages import JOB_SPANS, percent_of


class Step(StrEnum):
    IMAGES = "images"
    SCRIPT = "script"
    CLIPS = "clips"
    FINISH = "finish"
    RESULT = "result"


_OF: Mapping[Stage, Step] = {
    Stage.CREATED: Step.IMAGES,
    Stage.IMAGE_GENERATION: Step.IMAGES,
    Stage.IMAGE_SELECTION: Step.IMAGES,
    Stage.CLIP_GENERATION: Step.CLIPS,
    Stage.CLIP_SELECTION: Step.CLIPS,
    Stage.FINAL_COMPOSITION: Step.FINISH,
    Stage.COMPLETE: Step.RESULT,
}
_TITLES: Mapping[Step, str] = {
    Step.IMAGES: "Images",
    Step.SCRIPT: "Script",
    Step.CLIPS: "Clips",
    Step.FINISH: "Finish",
    Step.RESULT: "Film",
}


@dataclass(frozen=True, slots=True)
class StepLink:
    """A step in the navigation; `is_open`: it has something to do or to show."""

    name: Step
    title: str
    is_open: bool


def step_of(session: SessionRecord) -> Step:
    """The step at which the user continues. The script can be skipped: nobody is led to it."""
    return _OF.get(_acting(session), Step.IMAGES)


def may(session: SessionRecord, action: Action) -> bool:
    """True if the session's stage allows an action."""
    return _acting(session) in ALLOWED[action]


def step_links(view: SessionView) -> tuple[StepLink, ...]:
    session = view.session
    is_open = {
        Step.IMAGES: True,
        Step.SCRIPT: bool(view.of_kind(AssetKind.IMAGE)),
        Step.CLIPS: bool(session.approved_image_ids or view.of_kind(AssetKind.CLIP)),
        Step.FINISH: bool(session.approved_clip_ids),
        Step.RESULT: bool(view.of_kind(AssetKind.FINAL)),
    }
    return tuple(StepLink(step, _TITLES[step], is_open[step]) for step in Step)


def _acting(session: SessionRecord) -> Stage:
    """The stage that determines allowed actions: for a failed session the one before the failure."""
    return session.return_stage if session.stage is Stage.FAILED and session.return_stage else session.stage


_JOB_TITLES: Mapping[Action, str] = {
    Action.GENERATE_IMAGES: "Making images",
    Action.GENERATE_CLIPS: "Making clips",
    Action.REGENERATE_CLIP: "Making a new take",
    Action.COMPOSE: "Making the film",
    Action.WRITE_SCRIPT: "Writing the script",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One unfinished clip or image of a running job. `image_id` is the source image of a clip, `percent` 0–100."""

    index: int
    image_id: str | None
    percent: float


@dataclass(frozen=True, slots=True)
class WorkView:
    """`percent` of this job, 0–100; `start` and `end` as in `JOB_SPANS`."""

    action: Action
    title: str
    message: str
    percent: float
    start: float
    end: float
    started_at: datetime
    parts: tuple[Part, ...]


def work_view(view: SessionView, events: Sequence[SessionEvent]) -> WorkView | None:
    """The running job of a session with its progress, from the events of the job."""
    job = view.session.job
    if job is None:
        return None
    job_events = [event for event in events if event.data.get("job") == job.id]
    span = JOB_SPANS[job.action]
    last = job_events[-1] if job_events else None
    return WorkView(
        action=job.action,
        title=_JOB_TITLES[job.action],
        message=last.message if last else "Waiting for its turn",
        percent=percent_of(span.fraction(last.progress)) if last else 0.0,
        start=span.start,
        end=span.end,
        started_at=job.started_at,
        parts=tuple(_parts(job, job_events)),
    )


def _parts(job: Job, job_events: Sequence[SessionEvent]) -> list[Part]:
    """The unfinished parts."""
    images = _image_ids(job.order)
    noun = "image" if job.action is Action.GENERATE_IMAGES else "clip"
    fractions: dict[int, float] = {}
    for event in job_events:
        fractions |= read_parts(event.data, noun)
    count = int(job.order.get("count", len(images)))
    return [
        Part(index, images[index] if index < len(images) else None, percent_of(fractions.get(index, 0.0)))
        for index in range(count)
        if fractions.get(index, 0.0) < 1
    ]


def _image_ids(order: Json) -> list[str]:
    return [str(image["id"]) for image in order.get("images", ())]
