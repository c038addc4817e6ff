from __future__ import annotations

from itertools import pairwise

import pytest

from adreel.domain.sessions.stage import ENDS_IN, Action, Stage
from adreel.domain.work.percentages import (
    CLIPS,
    COMPOSING,
    HOSTED_SPANS,
    IMAGES,
    JOB_SPANS,
    PLANNING,
    RESTING,
    PartState,
    ProgressSpan,
    ProgressStage,
    film_progress,
    fraction_by_time,
    part_fraction,
    percent_of,
)


def test_percentages_are_those_of_the_stages() -> None:
    assert [CLIPS.percent(part) for part in (0, 0.5, 1, 2)] == [55, 72.5, 90, 90]
    assert [COMPOSING.percent(part) for part in (-1, 0.5, 1)] == [92, 95, 98]
    assert set(RESTING) == set(Stage) - {Stage.FAILED}


def test_the_phases_of_a_session_follow_each_other() -> None:
    spans = [phase.span for phase in (IMAGES, PLANNING, CLIPS, COMPOSING)]
    assert all(before.end <= after.start for before, after in pairwise(spans))


def test_every_action_with_a_job_has_its_span() -> None:
    assert set(JOB_SPANS) == {*ENDS_IN, Action.WRITE_SCRIPT}


@pytest.mark.parametrize("span", [ProgressSpan(55, 90), ProgressSpan(0, 0.6)])
@pytest.mark.parametrize("fraction", [0, 0.25, 1])
def test_a_place_in_a_span_is_a_fraction_of_it(span: ProgressSpan, fraction: float) -> None:
    assert span.fraction(span.at(fraction)) == pytest.approx(fraction)


def test_places_outside_of_a_span_are_its_ends() -> None:
    assert [ProgressSpan(55, 90).fraction(place) for place in (0, 100)] == [0, 1]
    assert [percent_of(fraction) for fraction in (-1, 0.1234, 2)] == [0, 12.3, 100]
    assert ProgressSpan(50, 50).fraction(70) == 0


def test_a_session_is_a_part_of_its_film() -> None:
    assert film_progress(Stage.CLIP_GENERATION, 90) == (ProgressStage.CLIPS, HOSTED_SPANS[ProgressStage.CLIPS].end)
    assert film_progress(Stage.IMAGE_GENERATION, 0) == (ProgressStage.IMAGES, HOSTED_SPANS[ProgressStage.IMAGES].start)
    assert film_progress(Stage.FAILED, 55) is None


def test_an_estimate_by_time_rises_and_never_says_that_the_work_is_done() -> None:
    estimates = [fraction_by_time(seconds, 40) for seconds in (-5, 0, 20, 40, 41, 80, 200)]
    assert estimates[:4] == [0, 0, pytest.approx(0.4), pytest.approx(0.8)]
    assert all(before < after for before, after in pairwise(estimates[1:]))
    assert estimates[-1] < 1


def test_a_hosted_part_advances_from_state_to_state_and_is_done_when_it_is_stored() -> None:
    ends = [fraction for state in PartState for fraction in (part_fraction(state, 0), part_fraction(state, 1))]
    assert ends == sorted(ends)
    assert ends[-1] < 1
