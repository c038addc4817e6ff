from __future__ import annotations

import pytest

from adreel.orchestrator.engine.steps import JobState
from adreel.orchestrator.queues import (
    BATCHES,
    CLIPS,
    FILMS,
    FIRST_CLIPS,
    FIRST_ROWS,
    HOSTED,
    JOBS,
    ROWS,
    queue_limits,
)


@pytest.mark.parametrize("hosted", [1, 3, 8, 50])
def test_no_process_may_run_more_of_a_queue_than_all_together(hosted: int) -> None:
    limits = queue_limits(hosted=hosted, clips_per_worker=4)
    assert limits.keys() == {JOBS, CLIPS, FIRST_CLIPS, HOSTED, FILMS, BATCHES, ROWS, FIRST_ROWS}
    assert limits[HOSTED].global_concurrency == hosted
    assert limits[CLIPS].worker_concurrency == 4
    assert {one.first for one in limits.values()} == {FIRST_CLIPS, FIRST_ROWS, None}
    assert all(1 <= one.worker_concurrency <= one.global_concurrency for one in limits.values())


def test_a_job_is_over_when_nothing_more_comes_of_it() -> None:
    assert {state for state in JobState if state.is_over} == {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
