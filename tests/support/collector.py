"""A collector of the traces that adreel sends, over HTTP. Shares only the schema of messages with the exporter."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SentSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

SECONDS = 120


@dataclass(frozen=True)
class Received:
    """A span as it was sent. Ids are hexadecimal, `parent` is empty without one; `texts` is everything that it says."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    has_failed: bool
    texts: tuple[str, ...]


class Collector:
    """`spans` are those of all requests so far, `bodies` the requests as they came."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.services: set[str] = set()
        self.bodies: list[bytes] = []
        self.paths: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def until(self, is_there: Callable[[list[Received]], bool]) -> list[Received]:
        """The spans, once they are as `is_there` wants them."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = list(self.spans)
            if is_there(found):
                return found
            time.sleep(0.05)
        raise AssertionError(f"these spans came: {sorted({span.name for span in self.spans})}")

    def _take(self, path: str, body: bytes) -> None:
        self.paths.add(path)
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services.update(
                each.value.string_value for each in resource.resource.attributes if each.key == "service.name"
            )
            self.spans += [_received(span) for scope in resource.scope_spans for span in scope.spans]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.headers["content-type"] == "application/x-protobuf"
                collector._take(self.path, body)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as it is called)
                """Says nothing on the terminal."""

        return Handler


def _received(span: SentSpan) -> Received:
    attributes = {each.key: _text(each.value) for each in span.attributes}
    events = [each.name for each in span.events] + [
        _text(each.value) for event in span.events for each in event.attributes
    ]
    return Received(
        name=span.name,
        kind=SentSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=attributes,
        has_failed=span.status.code == Status.STATUS_CODE_ERROR,
        texts=(span.name, span.status.message, *attributes.values(), *events),
    )


def _text(value: AnyValue) -> str:
    return str(getattr(value, str(value.WhichOneof("value"))))


@pytest.fixture
def collector() -> Iterator[Collector]:
    with closing(Collector()) as running:
        yield running
