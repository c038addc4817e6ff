from __future__ import annotations

from itertools import pairwise

import pytest

from adreel.domain.errors import CancelledError
from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.percentages import COMPOSE_SPANS, HOSTED_SPANS, MAKE_SPANS, ProgressSpan, ProgressStage, Spans
from adreel.domain.work.progress import FrameProgress, JobReporter, PartReporter, Progress


def test_percentages_rise_within_their_stage() -> None:
    seen: list[Progress] = []
    job = JobReporter(seen.append, MAKE_SPANS)
    clips = job.stage(ProgressStage.CLIPS)
    clips.report(0.5, "half")
    clips.report(0.25, "late news of another thread")
    clips.report(7, "too much")
    start, end = MAKE_SPANS[ProgressStage.CLIPS]
    assert [event.percent for event in seen] == [(start + end) / 2, (start + end) / 2, end]


@pytest.mark.parametrize("spans", [MAKE_SPANS, HOSTED_SPANS, COMPOSE_SPANS])
def test_spans_follow_each_other(spans: Spans) -> None:
    ends = [spans[stage] for stage in ProgressStage if stage in spans]
    assert ends[0][0] == 0
    assert ends[-1][1] == 100
    assert all(before[1] == after[0] for before, after in pairwise(ends))


class Reports:
    """A ProgressReporter that keeps everything."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, str]] = []

    def report(self, fraction: float, message: str) -> None:
        self.seen.append((fraction, message))


def test_a_part_is_reported_in_its_span() -> None:
    whole = Reports()
    part = PartReporter(whole, ProgressSpan(0.5, 0.75))
    part.report(0.0, "begun")
    part.report(1.0, "done")
    assert whole.seen == [(0.5, "begun"), (0.75, "done")]


def test_frames_of_several_segments_are_added_up() -> None:
    reports = Reports()
    frames = FrameProgress(reports, CancellationToken(), 40)
    frames.done(0, 10)
    frames.done(1, 20)
    frames.done(0, 20)
    assert reports.seen == [(0.25, "10 of 40 frames"), (0.75, "30 of 40 frames"), (1.0, "40 of 40 frames")]


def test_a_cancelled_segment_reports_no_more_frames() -> None:
    reports, cancellation = Reports(), CancellationToken()
    frames = FrameProgress(reports, cancellation, 40)
    frames.done(0, 10)
    cancellation.cancel()
    with pytest.raises(CancelledError):
        frames.done(0, 20)
    assert len(reports.seen) == 1
