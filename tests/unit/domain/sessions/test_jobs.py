from __future__ import annotations

from typing import Any

import pytest

from adreel.domain.sessions.jobs import EventType, event_type
from adreel.domain.sessions.stage import Stage
from adreel.domain.work.percentages import job_percent


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({}, EventType.JOB_PROGRESS),
        ({"job": "1", "action": "generate clips"}, EventType.JOB_ACCEPTED),
        ({"job": "1", "clip_index": 0, "clip_fraction": 0.5}, EventType.JOB_PROGRESS),
        ({"job": "1", "clip": {"id": "c"}, "clip_fraction": 1.0}, EventType.CLIP_READY),
        ({"job": "1", "image": {"id": "i"}}, EventType.IMAGE_READY),
        ({"job": "1", "failed_image_id": "i", "error": "no"}, EventType.CLIP_FAILED),
        ({"job": "1", "failed_index": 0, "error": "no"}, EventType.IMAGE_FAILED),
        ({"job": "1", "warning": "rules plan"}, EventType.JOB_WARNING),
        ({"job": "1", "warning": None}, EventType.JOB_PROGRESS),
        ({"job": "1", "clips": [], "end": "ready"}, EventType.JOB_COMPLETED),
        ({"job": "1", "final_video": {}, "end": "complete"}, EventType.JOB_COMPLETED),
        ({"job": "1", "end": "failed"}, EventType.JOB_FAILED),
        ({"job": "1", "end": "cancelled"}, EventType.JOB_CANCELLED),
    ],
)
def test_every_event_has_a_type(data: dict[str, Any], kind: EventType) -> None:
    assert event_type(data) is kind


@pytest.mark.parametrize(
    ("stage", "percent", "own"),
    [
        (Stage.IMAGE_GENERATION, 25.0, 50.0),
        (Stage.CLIP_GENERATION, 55.0, 0.0),
        (Stage.CLIP_GENERATION, 72.5, 50.0),
        (Stage.FINAL_COMPOSITION, 98.0, 100.0),
        (Stage.CLIP_SELECTION, 90.0, None),
    ],
)
def test_a_job_has_a_progress_of_its_own(stage: Stage, percent: float, own: float | None) -> None:
    assert job_percent(stage, percent) == own
