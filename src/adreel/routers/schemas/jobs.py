"""Bodies of jobs and of the events that report them."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from adreel.domain.sessions.jobs import EventType, RunState
from adreel.domain.sessions.stage import Action, Stage
from adreel.routers.schemas.common import Amount, Answer, Time
from adreel.routers.schemas.sessions import FinalVideo, GeneratedClip, Image


class JobAnswer(Answer):
    """A job with what it made. `progress` is 0–100 of the job; `message` is its newest one, empty after its end.

    `failures` are the messages of parts that failed; `error` says why a failed job failed. Until the end the lists are empty: the
    session and its events have the finished parts.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "1d2f4a6c7d9f2c4e8a1b4f6d9c3e5a7b",
                    "session_id": "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c",
                    "action": "generate clips",
                    "state": "completed",
                    "progress": 100.0,
                    "message": "",
                    "images": [],
                    "clips": [],
                    "films": [],
                    "failures": [],
                    "error": None,
                    "started_at": "2026-05-04T09:30:00.125000Z",
                    "ended_at": "2026-05-04T09:34:10.500000Z",
                }
            ]
        }
    )

    id: str
    session_id: str
    action: Action
    state: RunState
    progress: float
    message: str
    images: list[Image]
    clips: list[GeneratedClip]
    films: list[FinalVideo]
    failures: list[str]
    error: str | None
    started_at: Time
    ended_at: Time | None


class EventAnswer(Answer):
    """An event on the WebSocket; `seq` counts from 1 within the session.

    `progress` (0–100) is that of the session, `job_progress` (0–100) that of its job; null without a job, and when it failed or
    was cancelled. Files in `data` have a signed `url`.
    """

    type: EventType
    session_id: str
    job_id: str | None
    stage: Stage
    progress: float
    job_progress: float | None
    message: str
    current_cost: Amount
    data: dict[str, Any]
    timestamp: Time
    seq: int
