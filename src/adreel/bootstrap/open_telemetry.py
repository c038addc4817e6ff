"""The Tracer that sends traces to a collector by OTLP over HTTP. Only this module imports OpenTelemetry, an extra."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adreel.domain.redaction import without_credentials
from adreel.domain.work.tracing import NO_ATTRIBUTES, Attribute, Attributes, SpanKind
from adreel.version import __version__

_NAME = "adreel"
_SEND_SECONDS = 5.0
"""For one request to the collector, its retries included. Spans that are not taken by then are dropped: work goes on."""

_BATCH_MILLISECONDS = 1000
"""Ended spans are sent this often. Those that a killed process had not sent are lost."""

_MOST_CHARACTERS = 200

_STANDARD: Mapping[str, str] = MappingProxyType(
    {"method": "http.request.method", "route": "http.route", "status": "http.response.status_code"}
)
"""Attributes that OpenTelemetry names itself. All others begin with ``adreel.``."""

_KINDS: Mapping[SpanKind, trace.SpanKind] = MappingProxyType({kind: trace.SpanKind[kind.name] for kind in SpanKind})


class OpenTelemetrySpan:
    """A Span."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def note(self, **attributes: Attribute) -> None:
        self._span.set_attributes(_named(attributes))

    def fail(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        # Without a description: messages of errors may repeat what users wrote.
        self._span.set_status(trace.StatusCode.ERROR)


class OpenTelemetryTracer:
    """A Tracer. Takes nothing from OpenTelemetry's process-wide settings, and sets none."""

    def __init__(self, exporter: SpanExporter, *, sent_every: int = _BATCH_MILLISECONDS) -> None:
        """`sent_every` is in milliseconds."""
        self._provider = TracerProvider(
            sampler=ParentBased(ALWAYS_ON),
            resource=Resource.create({"service.name": _NAME, "service.version": __version__}),
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_span_attribute_length=_MOST_CHARACTERS),
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=sent_every))
        self._tracer = self._provider.get_tracer(_NAME, __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(
        self, name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes = NO_ATTRIBUTES
    ) -> Generator[OpenTelemetrySpan]:
        # Exceptions are not recorded by OpenTelemetry, which would add their messages and stacks.
        with self._tracer.start_as_current_span(
            name,
            kind=_KINDS[kind],
            attributes=_named(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as raw:
            span = OpenTelemetrySpan(raw)
            try:
                yield span
            except Exception as error:
                span.fail(type(error).__name__)
                raise

    def carry(self) -> Mapping[str, str]:
        carried: dict[str, str] = {}
        self._propagator.inject(carried)
        return carried

    @contextmanager
    def resume(self, carried: Mapping[str, str]) -> Generator[None]:
        # From an empty context: what does not say its trace belongs to none, and not to the one of this process.
        token = contexts.attach(self._propagator.extract(carried, contexts.Context()))
        try:
            yield
        finally:
            contexts.detach(token)

    def ids(self) -> tuple[str, str] | None:
        found = trace.get_current_span().get_span_context()
        if not found.is_valid:
            return None
        return trace.format_trace_id(found.trace_id), trace.format_span_id(found.span_id)

    def close(self) -> None:
        """Sends what has ended, for a few seconds at most. Blocks: not for the event loop."""
        self._provider.shutdown()


def open_telemetry(endpoint: str) -> OpenTelemetryTracer:
    """Sends to this collector's address of traces, such as ``http://127.0.0.1:4318/v1/traces``."""
    return OpenTelemetryTracer(OTLPSpanExporter(endpoint=endpoint, timeout=_SEND_SECONDS))


def _named(attributes: Attributes) -> dict[str, Attribute]:
    return {_STANDARD.get(name, f"{_NAME}.{name}"): _clean(value) for name, value in attributes.items()}


def _clean(value: Attribute) -> Attribute:
    return without_credentials(value) if isinstance(value, str) else value
