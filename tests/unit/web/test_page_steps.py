from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adreel.domain.sessions.session import Job, SessionEvent, SessionView
from adreel.domain.sessions.stage import Action, Stage
from adreel.web.steps import Step, step_links, step_of, work_view
from support.records import EMPTY_SESSION, NOW


def event(seq: int, progress: float, message: str, data: Mapping[str, Any], job: str = "job") -> SessionEvent:
    return SessionEvent(
        "s", seq, Stage.CLIP_GENERATION, progress, message, Decimal(0), {"job": job, **data}, timestamp=NOW
    )


def working(action: Action, order: Mapping[str, Any]) -> SessionView:
    return SessionView(replace(EMPTY_SESSION, job=Job("job", action, order, NOW)), ())


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.FAILED])
def test_every_stage_has_its_step(stage: Stage) -> None:
    failed = replace(EMPTY_SESSION, stage=Stage.FAILED, return_stage=stage)
    assert step_of(replace(EMPTY_SESSION, stage=stage)) is step_of(failed)


def test_a_film_that_is_ready_is_shown() -> None:
    assert step_of(replace(EMPTY_SESSION, stage=Stage.COMPLETE)) is Step.RESULT


def test_steps_open_as_there_is_something_to_do() -> None:
    nothing = [link.is_open for link in step_links(SessionView(EMPTY_SESSION, ()))]
    clips = replace(EMPTY_SESSION, approved_image_ids=("i",), approved_clip_ids=("c",))
    assert nothing == [True, False, False, False, False]
    assert [link.is_open for link in step_links(SessionView(clips, ()))] == [True, False, True, True, False]


def test_nothing_under_way_is_no_work() -> None:
    assert work_view(SessionView(EMPTY_SESSION, ()), []) is None


def test_work_that_waits_for_a_worker_is_shown_as_waiting() -> None:
    found = work_view(working(Action.COMPOSE, {"clips": ["c"]}), [])
    assert found is not None
    assert (found.percent, found.parts) == (0.0, ())
    assert "Waiting" in found.message


def test_the_share_of_this_work_is_shown_not_that_of_the_whole_film() -> None:
    view = working(Action.COMPOSE, {"clips": ["c"]})
    found = work_view(view, [event(1, 90, "old", {}, job="other"), event(2, 95, "cards and music", {})])
    assert found is not None
    assert (found.percent, found.message) == (50.0, "cards and music")


def test_clips_that_are_not_made_yet_are_shown_with_how_far_they_are() -> None:
    view = working(Action.GENERATE_CLIPS, {"images": [{"id": "a"}, {"id": "b"}, {"id": "c"}]})
    events = [
        event(1, 55, "Planning scenes…", {}),
        event(2, 60, "…", {"clip_index": 0, "clip_fraction": 0.2}),
        event(3, 80, "…", {"clip_index": 0, "clip_fraction": 1.0}),
        event(4, 80, "…", {"clip_index": 2, "clip_fraction": 0.5}),
    ]
    found = work_view(view, events)
    assert found is not None
    assert [(part.index, part.image_id, part.percent) for part in found.parts] == [(1, "b", 0.0), (2, "c", 50.0)]


def test_events_about_all_clips_count_as_those_about_one() -> None:
    view = working(Action.GENERATE_CLIPS, {"images": [{"id": "a"}, {"id": "b"}, {"id": "c"}]})
    events = [
        event(1, 60, "…", {"clip_index": 1, "clip_fraction": 0.1}),
        event(2, 70, "…", {"clip_fractions": {"0": 1.0, "1": 0.25}}),
    ]
    found = work_view(view, events)
    assert found is not None
    assert [(part.index, part.percent) for part in found.parts] == [(1, 25.0), (2, 0.0)]


def test_images_that_are_not_made_yet_are_counted_by_the_order() -> None:
    found = work_view(working(Action.GENERATE_IMAGES, {"count": 4, "anchors": []}), [])
    assert found is not None
    assert [part.index for part in found.parts] == [0, 1, 2, 3]
