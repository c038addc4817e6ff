"""The port of traces: spans of work that belong together, across threads and processes.

The tracer in use is set once for a request or a job (`traced_by`); the code below opens spans without knowing which it is, and
without one they cost a look-up. Attributes say what a piece of work is: never prompts, names of files or people, tokens, URLs.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Protocol

from adreel.domain.sessions.session import Json

TRACE = "trace"
"""The field of a job's JSON with the trace that the job belongs to. Jobs that were ordered without traces lack it."""

Attribute = str | int | float | bool
Attributes = Mapping[str, Attribute]

NO_ATTRIBUTES: Attributes = {}
NO_TRACE: Mapping[str, str] = {}


class SpanKind(StrEnum):
    """The part of a span's work in an exchange: a `SERVER` answers a request, a `CLIENT` waits for another system's answer, a
    `PRODUCER` orders work that a `CONSUMER` does later."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


class Span(Protocol):
    """A piece of work under way. Its end is that of its block."""

    def rename(self, name: str) -> None:
        """Replaces the name, for work whose name is known later."""
        ...

    def note(self, **attributes: Attribute) -> None:
        """Adds attributes, in addition to those that the span began with."""
        ...

    def fail(self, kind: str) -> None:
        """Marks the work as failed. `kind` is the type of the error, such as ``RenderError``, and never its message."""
        ...


class Tracer(Protocol):
    """Records spans and passes traces on between processes."""

    def span(
        self, name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes = NO_ATTRIBUTES
    ) -> AbstractContextManager[Span]:
        """Records the block as a span below the current one. An Exception that leaves the block marks the span as failed."""
        ...

    def carry(self) -> Mapping[str, str]:
        """The current trace as a few short texts, for `resume` in another process; empty without one."""
        ...

    def resume(self, carried: Mapping[str, str]) -> AbstractContextManager[None]:
        """Continues a carried trace within the block; an invalid one starts a new trace."""
        ...

    def ids(self) -> tuple[str, str] | None:
        """The hexadecimal ids of the current trace and span, for logs; None without one."""
        ...


class _NoSpan:
    def rename(self, name: str) -> None:
        """Nothing is recorded."""

    def note(self, **attributes: Attribute) -> None:
        """Nothing is recorded."""

    def fail(self, kind: str) -> None:
        """Nothing is recorded."""

    def __enter__(self) -> _NoSpan:
        return self

    def __exit__(self, *_: object) -> None:
        return


class _NoTracer:
    """The Tracer where traces are off."""

    def span(
        self,
        name: str,  # noqa: ARG002 (of every Tracer)
        kind: SpanKind = SpanKind.INTERNAL,  # noqa: ARG002
        attributes: Attributes = NO_ATTRIBUTES,  # noqa: ARG002
    ) -> AbstractContextManager[Span]:
        return _NO_SPAN

    def carry(self) -> Mapping[str, str]:
        return NO_TRACE

    @contextmanager
    def resume(self, carried: Mapping[str, str]) -> Generator[None]:  # noqa: ARG002 (of every Tracer)
        yield

    def ids(self) -> tuple[str, str] | None:
        return None


_NO_SPAN = _NoSpan()
NO_TRACES: Tracer = _NoTracer()

_tracer: ContextVar[Tracer] = ContextVar("adreel_tracer", default=NO_TRACES)


@contextmanager
def traced_by(tracer: Tracer) -> Generator[None]:
    """Records the spans of the block, and of the tasks and `asyncio.to_thread` calls that it starts, with this tracer."""
    token = _tracer.set(tracer)
    try:
        yield
    finally:
        _tracer.reset(token)


def span(name: str, kind: SpanKind = SpanKind.INTERNAL, /, **attributes: Attribute) -> AbstractContextManager[Span]:
    """Records the block as a span of the tracer in use. Names have few values; what differs each time is an attribute.

    with span("segment", of="card") as each:
        each.note(cache="hit")
    """
    return _tracer.get().span(name, kind, attributes)


def current_ids() -> tuple[str, str] | None:
    """The ids of the trace and the span in use, for logs."""
    return _tracer.get().ids()


def carrying(order: Json) -> Json:
    """The order of a job with the current trace, for the process that will do it; unchanged without a trace."""
    carried = _tracer.get().carry()
    return {**order, TRACE: dict(carried)} if carried else order


def trace_of(order: Json) -> Mapping[str, str]:
    """The trace that a job's order carries; empty without one, or when it is none."""
    found = order.get(TRACE)
    if not isinstance(found, dict):
        return NO_TRACE
    return {str(name): str(value) for name, value in found.items()}


def without_trace(order: Json) -> Json:
    """The order as it was before `carrying`."""
    return {name: value for name, value in order.items() if name != TRACE}
