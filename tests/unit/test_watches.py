from __future__ import annotations

from itertools import pairwise

import pytest

from adreel.domain.errors import CancelledError
from adreel.domain.events import COMPOSE_SPANS, MAKE_SPANS, Progress, ProgressStage, Spans
from adreel.watches import JobWatch


def test_percentages_rise_within_their_stage() -> None:
    seen: list[Progress] = []
    job = JobWatch(seen.append, MAKE_SPANS)
    clips = job.stage(ProgressStage.CLIPS)
    clips.report(0.5, "half")
    clips.report(0.25, "late news of another thread")
    clips.report(7, "too much")
    start, end = MAKE_SPANS[ProgressStage.CLIPS]
    assert [event.percent for event in seen] == [(start + end) / 2, (start + end) / 2, end]


@pytest.mark.parametrize("spans", [MAKE_SPANS, COMPOSE_SPANS])
def test_spans_follow_each_other(spans: Spans) -> None:
    ends = [spans[stage] for stage in ProgressStage if stage in spans]
    assert ends[0][0] == 0
    assert ends[-1][1] == 100
    assert all(before[1] == after[0] for before, after in pairwise(ends))


def test_stopping_reaches_every_stage() -> None:
    job = JobWatch(lambda _event: None, MAKE_SPANS)
    watch = job.stage(ProgressStage.CLIPS)
    watch.check()
    job.stop()
    with pytest.raises(CancelledError):
        watch.check()
