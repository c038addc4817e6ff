"""Traces and counts of workflows, over an engine that dies where a test wants it to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from adreel.domain.errors import PhotoError
from adreel.domain.providers import JobStatus
from adreel.domain.sessions.session import Json
from adreel.domain.sessions.stage import Stage
from adreel.domain.work.work_counts import WorkCounts
from adreel.orchestrator.flows.build import build_flows
from support.flows import HOSTED, PRICE, SECONDS, Hall
from support.spans import Recorder, parent_id, span_id, trace_id


class Observed(Recorder):
    """A hall whose orchestrator and workers record traces and counts."""

    def __init__(self, hall: Hall) -> None:
        super().__init__()
        self.counts = WorkCounts()
        self.hall = hall
        kit = replace(hall.kit("observed"), tracer=self.tracer, counts=self.counts)
        hall.jobs.flows = dict(build_flows(kit).by_name)
        hall.orchestrator._tracer = self.tracer


@pytest.fixture
def observed(hall: Hall) -> Iterator[Observed]:
    found = Observed(hall)
    yield found
    found.tracer.close()


async def test_a_job_its_children_and_its_purchase_are_one_trace(observed: Observed) -> None:
    hall = observed.hall
    session = await hall.session(images=1)
    await hall.make_clips(session.id, HOSTED)
    spans = observed.spans()
    assert len({trace_id(span) for span in spans}) == 1
    (accepted,) = _named(spans, "accept job")
    below_acceptance = [span.name for span in spans if parent_id(span) == span_id(accepted)]
    assert sorted(below_acceptance) == ["job clip", "job clips"]
    (settled,) = _named(spans, "settle purchase")
    assert settled.attributes is not None
    assert {name: settled.attributes[name] for name in ("adreel.kind", "adreel.model", "adreel.provider_id")} == {
        "adreel.kind": "clip",
        "adreel.model": HOSTED,
        "adreel.provider_id": "job1",
    }
    assert Decimal(str(settled.attributes["adreel.amount"])) == PRICE


async def test_the_trace_is_in_the_order_and_flows_do_not_see_it(observed: Observed) -> None:
    hall = observed.hall
    session = await hall.session(images=1)
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", SECONDS)
    record = await hall.sessions.record(session.id)
    assert record.job is not None
    order: Json = record.job.order
    assert set(order["trace"]) == {"traceparent"}
    assert (await hall.jobs.work(started.job_id))["clips"]


async def test_a_job_goes_on_in_its_trace_after_a_crash_and_stored_steps_are_no_spans(observed: Observed) -> None:
    hall = observed.hall
    session = await hall.session(images=1)
    hall.jobs.dies_after = ["finish"]
    await hall.make_clips(session.id)
    assert hall.jobs.crashes == 1
    spans = observed.spans()
    assert len({trace_id(span) for span in spans}) == 1
    assert len(_named(spans, "job clips")) == 2
    assert (len(_named(spans, "step plan")), len(_named(spans, "step finish"))) == (1, 2)


async def test_a_job_that_was_ordered_without_traces_has_a_trace_with_its_children(
    hall: Hall, observed: Observed
) -> None:
    session = await hall.session(images=2)
    untraced = hall.with_jobs(hall.jobs)
    started = await untraced.generate_clips("ann", session.id, "calm", SECONDS)
    await hall.jobs.work(started.job_id)
    spans = observed.spans()
    (job,) = _named(spans, "job clips")
    assert job.parent is None
    assert {parent_id(span) for span in _named(spans, "job clip")} == {span_id(job)}


async def test_workers_without_traces_do_the_jobs_of_an_api_with_them(hall: Hall, observed: Observed) -> None:
    hall.jobs.flows = dict(build_flows(hall.kit("plain")).by_name)
    session = await hall.session(images=1)
    view = await hall.make_clips(session.id)
    assert view.session.stage is Stage.CLIP_SELECTION
    assert [span.name for span in observed.spans()] == ["accept job"]


async def test_failures_are_counted_by_workflow_and_type_and_say_no_more(observed: Observed) -> None:
    hall = observed.hall
    session = await hall.session(images=1)
    hall.drawing.fails_on(session.approved_image_ids[0], PhotoError("ada's teapot.jpg is broken"))
    assert (await hall.make_clips(session.id)).session.stage is Stage.FAILED
    assert observed.counts.read().failures == {("clip", "PhotoError"): 1, ("clips", "PhotoError"): 1}
    spans = observed.spans()
    failed = {span.name for span in spans if not span.status.is_ok}
    assert failed == {"job clips", "job clip", "step draw", "segment"}
    assert "teapot" not in "".join(span.to_json() for span in spans)


async def test_a_lost_purchase_says_what_it_cost(observed: Observed) -> None:
    hall = observed.hall
    hall.provider.endings = [JobStatus.FAILED]
    session = await hall.session(images=1)
    await hall.make_clips(session.id, HOSTED)
    states = [(span.attributes or {})["adreel.state"] for span in _named(observed.spans(), "settle purchase")]
    assert states == ["lost", "paid"]


def _named(spans: list[ReadableSpan], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name]
