"""Flows with traces and counts: each run is a span of its job's trace, with one span below it for each step that really runs.

A run after a crash continues the trace that the order carries. Its stored steps have no spans, since they do not run again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.domain.sessions.session import Json
from adreel.domain.work.tracing import (
    NO_TRACES,
    TRACE,
    Span,
    SpanKind,
    Tracer,
    carrying,
    span,
    trace_of,
    traced_by,
    without_trace,
)
from adreel.domain.work.work_counts import WorkCounts
from adreel.orchestrator.engine.steps import Children, Flow, Steps
from adreel.orchestrator.flows.job_steps import failure_kind

T = TypeVar("T")


class TracedSteps:
    """Steps whose work is recorded as spans. `carried` is the trace of the workflow, which its children belong to as well."""

    def __init__(self, steps: Steps, carried: Mapping[str, str]) -> None:
        self._steps = steps
        self._carried = carried

    @property
    def workflow_id(self) -> str:
        return self._steps.workflow_id

    async def run(
        self,
        name: str,
        work: Callable[..., Awaitable[T]],
        *args: Any,  # noqa: ANN401 (whatever `work` takes)
        retries: int = 0,
        preemptible: bool = False,
        heavy: bool = False,
        on_cancel: Callable[..., Awaitable[None]] | None = None,
    ) -> T:
        async def recorded(*arguments: Any) -> T:  # noqa: ANN401 (whatever `work` takes)
            # The number of an attempt and the format of a film would be names of their own.
            with span(f"step {name.partition(':')[0]}", step=name):
                return await work(*arguments)

        return await self._steps.run(
            name, recorded, *args, retries=retries, preemptible=preemptible, heavy=heavy, on_cancel=on_cancel
        )

    async def wholly(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:  # noqa: ANN401 (whatever `work` takes)
        return await self._steps.wholly(work, *args)

    async def children(self, flow: str, orders: Mapping[str, Json], queue: str) -> Children:
        """Children get the trace as the parent got it: the parent's own span is lost if its process dies."""
        carried = {name: {**order, TRACE: dict(self._carried)} for name, order in orders.items()}
        return await self._steps.children(flow, carried, queue)

    async def sleep(self, seconds: float) -> None:
        await self._steps.sleep(seconds)


def traced_flow(name: str, flow: Flow, tracer: Tracer, counts: WorkCounts) -> Flow:
    """The flow with spans of `tracer`; its failures are counted."""

    async def traced(steps: Steps, order: Json) -> Json:
        given = without_trace(order)
        if tracer is NO_TRACES:
            return await _counted(name, flow, steps, given, counts)
        with traced_by(tracer), tracer.resume(trace_of(order)), _job_span(name, steps, order) as each:
            carried = trace_of(order) or trace_of(carrying({}))
            result = await _counted(name, flow, TracedSteps(steps, carried), given, counts)
            _note_failure(each, result)
            return result

    return traced


def _job_span(name: str, steps: Steps, order: Json) -> AbstractContextManager[Span]:
    return span(f"job {name}", SpanKind.CONSUMER, workflow=steps.workflow_id, session=str(order.get("session_id", "")))


async def _counted(name: str, flow: Flow, steps: Steps, order: Json, counts: WorkCounts) -> Json:
    try:
        result = await flow(steps, order)
    except (CancelledError, LostLeaseError):
        raise
    except AdreelError as error:
        counts.failure(name, type(error).__name__)
        raise
    kind = failure_kind(result)
    if kind is not None:
        counts.failure(name, kind)
    return result


def _note_failure(each: Span, result: Json) -> None:
    kind = failure_kind(result)
    if kind is not None:
        each.fail(kind)
