"""A tracer whose spans stay in memory."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adreel.bootstrap.open_telemetry import OpenTelemetryTracer


class Recorder:
    """`tracer` records; `spans` are those that have ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer = OpenTelemetryTracer(self._exporter)

    def spans(self) -> list[ReadableSpan]:
        """All of them; nothing is recorded afterwards."""
        self.tracer.close()
        return list(self._exporter.get_finished_spans())


def trace_id(span: ReadableSpan) -> str:
    """The hexadecimal id of a span's trace."""
    context = span.get_span_context()
    assert context is not None
    return f"{context.trace_id:032x}"


def span_id(span: ReadableSpan) -> str:
    """The hexadecimal id of a span."""
    context = span.get_span_context()
    assert context is not None
    return f"{context.span_id:016x}"


def parent_id(span: ReadableSpan) -> str | None:
    """The hexadecimal id of the span above; None for the first of a trace."""
    return None if span.parent is None else f"{span.parent.span_id:016x}"
