from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from adreel.domain.work.tracing import (
    NO_ATTRIBUTES,
    NO_TRACES,
    Attribute,
    Attributes,
    SpanKind,
    carrying,
    current_ids,
    span,
    trace_of,
    traced_by,
    without_trace,
)


@dataclass
class Noted:
    name: str
    attributes: dict[str, Attribute]

    def rename(self, name: str) -> None:
        self.name = name

    def note(self, **attributes: Attribute) -> None:
        self.attributes |= attributes

    def fail(self, kind: str) -> None:
        self.attributes["failed"] = kind


@dataclass
class Notebook:
    """A Tracer that remembers its spans."""

    spans: list[Noted] = field(default_factory=list[Noted])

    @contextmanager
    def span(
        self, name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes = NO_ATTRIBUTES
    ) -> Generator[Noted]:
        self.spans.append(Noted(name, dict(attributes)))
        yield self.spans[-1]

    def carry(self) -> Mapping[str, str]:
        return {"traceparent": "a trace"}

    @contextmanager
    def resume(self, carried: Mapping[str, str]) -> Generator[None]:
        yield

    def ids(self) -> tuple[str, str] | None:
        return "trace", "span"


async def test_spans_go_to_the_tracer_of_the_block_also_from_tasks_and_threads() -> None:
    notebook = Notebook()

    def in_thread() -> None:
        with span("thread"):
            pass

    async def in_task() -> None:
        with span("task", of="card") as each:
            each.note(cache="hit")
        await asyncio.to_thread(in_thread)

    with traced_by(notebook):
        await asyncio.create_task(in_task())
        assert current_ids() == ("trace", "span")
    with span("after the block"):
        pass
    assert notebook.spans == [Noted("task", {"of": "card", "cache": "hit"}), Noted("thread", {})]


def test_without_a_tracer_nothing_is_recorded_and_nothing_is_carried() -> None:
    with span("work", of="card") as each, NO_TRACES.resume({"traceparent": "a trace"}):
        each.rename("other work")
        each.note(cache="hit")
        each.fail("RenderError")
    order = {"session_id": "s"}
    assert carrying(order) is order
    assert current_ids() is None


def test_an_order_carries_its_trace_in_one_field() -> None:
    order = {"session_id": "s", "frames": 3}
    with traced_by(Notebook()):
        carried = carrying(order)
    assert carried == {**order, "trace": {"traceparent": "a trace"}}
    assert trace_of(carried) == {"traceparent": "a trace"}
    assert without_trace(carried) == order


def test_orders_of_other_versions_have_no_trace_or_one_that_is_none() -> None:
    assert trace_of({"session_id": "s"}) == {}
    assert trace_of({"trace": "text"}) == {}
    assert without_trace({"session_id": "s"}) == {"session_id": "s"}
