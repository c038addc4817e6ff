"""Jobs of sessions as they can be read during and after their work, and the types of the events that report them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from adreel.domain.sessions.stage import Action

END = "end"
"""A key in the data of a job's last event; its value is ready, complete, failed or cancelled."""

ACTION = "action"
"""A key in the data of a job's first event: the action that was accepted."""


SCRIPT = "script"
"""A key in the data of the event of a changed script; its value is saved or removed."""

STORAGE_KEY = "storage_key"
"""A key in the data of a file in an event, from which the API makes the file's signed link; the API does not send it."""


class RunState(StrEnum):
    """The state of a job. `COMPLETED`: it made something, though parts of it may have failed."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EventType(StrEnum):
    """The type of an event of a session. The last event of a job is one of `JOB_COMPLETED`, `JOB_FAILED`, `JOB_CANCELLED`."""

    JOB_ACCEPTED = "job.accepted"
    JOB_PROGRESS = "job.progress"
    JOB_WARNING = "job.warning"
    IMAGE_READY = "image.ready"
    IMAGE_FAILED = "image.failed"
    CLIP_READY = "clip.ready"
    CLIP_FAILED = "clip.failed"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    SCRIPT_CHANGED = "script.changed"


@dataclass(frozen=True, slots=True)
class JobSize:
    """What a job is to make: `parts` clips, images or films by `model`; `seconds` is the length of one clip or film."""

    model: str = ""
    seconds: float = 0.0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class TimedJob:
    """A completed job: it took `seconds` from order to ready, and made `parts` new clips, images or films of `length` seconds."""

    seconds: float
    parts: int
    length: float


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job of a session. `progress` is 0–100 of the job alone; `message` is the newest of its events, empty for an ended one.

    `made` are the ids of the assets that it made, `failures` the messages of its parts that failed, `error` why it failed.
    """

    id: str
    session_id: str
    action: Action
    state: RunState
    progress: float
    message: str
    made: tuple[str, ...]
    failures: tuple[str, ...]
    error: str | None
    started_at: datetime
    ended_at: datetime | None


_ENDS: Mapping[str, EventType] = {
    "ready": EventType.JOB_COMPLETED,
    "complete": EventType.JOB_COMPLETED,
    "failed": EventType.JOB_FAILED,
    "cancelled": EventType.JOB_CANCELLED,
}
_MARKS: tuple[tuple[str, EventType], ...] = (
    (SCRIPT, EventType.SCRIPT_CHANGED),
    ("clip", EventType.CLIP_READY),
    ("image", EventType.IMAGE_READY),
    ("failed_image_id", EventType.CLIP_FAILED),
    ("failed_index", EventType.IMAGE_FAILED),
    (ACTION, EventType.JOB_ACCEPTED),
)


def event_type(data: Mapping[str, Any]) -> EventType:
    """The type of an event, by its data: events of versions that stored no type have one too."""
    if END in data:
        return _ENDS.get(data[END], EventType.JOB_COMPLETED)
    if data.get("warning"):
        return EventType.JOB_WARNING
    return next((found for key, found in _MARKS if key in data), EventType.JOB_PROGRESS)
