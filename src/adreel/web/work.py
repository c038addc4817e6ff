"""Work under way, as the first paint shows it: from the events that were told. Scripts go on from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adreel.domain.session import Job, Json, SessionEvent, SessionView
from adreel.domain.stage import Action

SPANS: Mapping[Action, tuple[float, float]] = {
    Action.GENERATE_IMAGES: (0, 50),
    Action.GENERATE_CLIPS: (55, 90),
    Action.REGENERATE_CLIP: (55, 90),
    Action.COMPOSE: (92, 98),
}
"""Where each kind of work begins and ends on the way of the whole film, as `orchestrator.reports` counts it."""

_TITLES: Mapping[Action, str] = {
    Action.GENERATE_IMAGES: "Making images",
    Action.GENERATE_CLIPS: "Making clips",
    Action.REGENERATE_CLIP: "Making a new take",
    Action.COMPOSE: "Making the film",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things that are being made. `image_id` is what a clip is made of, `percent` 0–100."""

    index: int
    image_id: str | None
    percent: float


@dataclass(frozen=True, slots=True)
class WorkView:
    """`percent` of this work, 0–100; `start` and `end` as in `SPANS`."""

    action: Action
    title: str
    message: str
    percent: float
    start: float
    end: float
    started_at: datetime
    parts: tuple[Part, ...]


def work_view(view: SessionView, events: Sequence[SessionEvent]) -> WorkView | None:
    """What is under way in a session, by the events of its job."""
    job = view.session.job
    if job is None:
        return None
    told = [event for event in events if event.data.get("job") == job.id]
    start, end = SPANS[job.action]
    last = told[-1] if told else None
    return WorkView(
        action=job.action,
        title=_TITLES[job.action],
        message=last.message if last else "Waiting for a worker",
        percent=_share(last.progress, start, end) if last else 0.0,
        start=start,
        end=end,
        started_at=job.started_at,
        parts=tuple(_parts(job, told)),
    )


def _parts(job: Job, told: Sequence[SessionEvent]) -> list[Part]:
    """Those that are not made yet."""
    images = _image_ids(job.order)
    noun = "image" if job.action is Action.GENERATE_IMAGES else "clip"
    reached: dict[int, float] = {}
    for event in told:
        if f"{noun}_index" in event.data:
            reached[int(event.data[f"{noun}_index"])] = float(event.data[f"{noun}_fraction"])
    count = int(job.order.get("count", len(images)))
    parts = [
        Part(index, images[index] if index < len(images) else None, round(100 * reached.get(index, 0.0), 1))
        for index in range(count)
    ]
    return [part for part in parts if part.percent < 100]


def _image_ids(order: Json) -> list[str]:
    return [str(image["id"]) for image in order.get("images", ())]


def _share(progress: float, start: float, end: float) -> float:
    return round(100 * min(1.0, max(0.0, (progress - start) / (end - start))), 1)
