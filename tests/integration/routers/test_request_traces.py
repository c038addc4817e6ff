"""Requests as spans: what they are named, what they say, and which have none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adreel.domain.network import parse_networks
from support.api import LOCAL_OPTIONS, Api, Backend, opened_api, with_services
from support.spans import Recorder, trace_id


class Traced(Recorder):
    """An API whose requests are recorded."""

    api: Api

    @property
    def http(self) -> httpx.AsyncClient:
        return self.api.http


@pytest.fixture
async def traced(backend: Backend) -> AsyncIterator[Traced]:
    found = Traced()
    async with opened_api(with_services(backend, tracer=found.tracer)) as found.api:
        yield found
    found.tracer.close()


async def test_a_request_is_named_by_its_route_and_never_by_its_path(traced: Traced) -> None:
    session_id = await traced.api.new_session()
    await traced.http.get(f"/api/sessions/{session_id}?token=hunter2", headers={"X-Request-ID": "request-1234"})
    await traced.http.get("/wp-admin/ada@example.com")
    await traced.http.request("BREW", "/api/sessions")
    spans = {span.name: span for span in traced.spans()}
    found = spans["GET /api/sessions/{session_id}"]
    assert found.kind.name == "SERVER"
    assert dict(found.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/api/sessions/{session_id}",
        "http.response.status_code": 200,
        "adreel.request": "request-1234",
    }
    assert {"GET", "POST /api/sessions/create"} <= set(spans)
    text = "".join(span.to_json() for span in spans.values())
    for secret in (session_id, "hunter2", "ada@example.com", "BREW"):
        assert secret not in text


async def test_probes_have_no_spans(traced: Traced) -> None:
    for path in ("/health", "/ready", "/metrics"):
        await traced.http.get(path)
    assert traced.spans() == []


async def test_an_error_of_the_service_is_a_failed_span_and_one_of_the_client_is_not(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr(traced.api.services.sessions, "get", broken)
    assert (await traced.http.get("/api/sessions/unknown")).status_code == 500
    assert (await traced.http.get("/api/nowhere")).status_code == 404
    failed = {span.name: (span.attributes or {}).get("error.type") for span in traced.spans()}
    assert failed == {"GET /api/sessions/{session_id}": "500", "GET": None}


async def test_the_trace_of_a_stranger_is_not_taken_over(backend: Backend) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    header = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    for networks, is_taken in (("10.0.0.0/8", False), ("127.0.0.1", True)):
        recorder = Recorder()
        options = replace(LOCAL_OPTIONS, auth_required=True, trusted_proxies=parse_networks([networks]))
        async with opened_api(with_services(backend, tracer=recorder.tracer), options) as api:
            await api.http.get("/api/sessions", headers=header)
        (span,) = recorder.spans()
        assert (trace_id(span) == trace) is is_taken


async def test_a_provider_of_the_process_gets_nothing_from_the_api(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastAPI would send it paths, queries and messages of exceptions."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    async with opened_api(backend) as api:
        assert (await api.http.get("/api/sessions")).status_code == 200
    assert exporter.get_finished_spans() == ()
