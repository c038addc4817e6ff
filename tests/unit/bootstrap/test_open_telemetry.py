from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from adreel.domain.errors import RenderError
from adreel.domain.work.tracing import SpanKind, Tracer
from support.spans import Recorder, parent_id, span_id, trace_id

PARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
UNSAMPLED = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}


class Place(Recorder):
    def sent(self) -> dict[str, ReadableSpan]:
        """The ended spans by name."""
        return {span.name: span for span in self.spans()}


@pytest.fixture
def place() -> Iterator[Place]:
    found = Place()
    yield found
    found.tracer.close()


def test_it_is_a_tracer(place: Place) -> None:
    tracer: Tracer = place.tracer
    assert tracer.ids() is None
    assert tracer.carry() == {}


def test_a_trace_is_carried_to_another_tracer(place: Place) -> None:
    other = Place()
    with place.tracer.span("request", SpanKind.SERVER) as each:
        carried, ids = place.tracer.carry(), place.tracer.ids()
        each.rename("GET /api/models")
    with other.tracer.resume(carried), other.tracer.span("job", SpanKind.CONSUMER), other.tracer.span("step"):
        pass
    request, spans = place.sent()["GET /api/models"], other.sent()
    assert {trace_id(span) for span in spans.values()} == {trace_id(request)}
    assert ids == (trace_id(request), span_id(request))
    assert parent_id(spans["job"]) == span_id(request)
    assert parent_id(spans["step"]) == span_id(spans["job"])
    assert (request.kind.name, spans["job"].kind.name, spans["step"].kind.name) == ("SERVER", "CONSUMER", "INTERNAL")


@pytest.mark.parametrize("carried", [{}, {"traceparent": "nonsense"}, {"traceparent": ""}])
def test_what_is_no_trace_starts_one_of_its_own(place: Place, carried: dict[str, str]) -> None:
    with place.tracer.span("unrelated"), place.tracer.resume(carried), place.tracer.span("job"):
        pass
    spans = place.sent()
    assert spans["job"].parent is None
    assert trace_id(spans["job"]) != trace_id(spans["unrelated"])


def test_a_trace_that_is_not_sampled_elsewhere_is_not_sent(place: Place) -> None:
    with place.tracer.resume(UNSAMPLED), place.tracer.span("job"):
        assert place.tracer.carry()["traceparent"].endswith("-00")
    with place.tracer.resume(PARENT), place.tracer.span("sampled"):
        pass
    assert list(place.sent()) == ["sampled"]


def test_a_failure_says_the_type_of_the_error_and_never_its_message(place: Place) -> None:
    with pytest.raises(RenderError), place.tracer.span("work"):
        raise RenderError("ada@example.com wrote a prompt")
    with place.tracer.span("job") as each:
        each.fail("RefusedError")
    spans = place.sent()
    assert {name: span.attributes["error.type"] for name, span in spans.items() if span.attributes} == {
        "work": "RenderError",
        "job": "RefusedError",
    }
    assert not any(span.events or span.status.description for span in spans.values())
    assert {span.status.status_code.name for span in spans.values()} == {"ERROR"}


def test_an_interruption_is_no_failure(place: Place) -> None:
    with pytest.raises(KeyboardInterrupt), place.tracer.span("work"):
        raise KeyboardInterrupt
    assert place.sent()["work"].status.status_code.name == "UNSET"


def test_attributes_have_our_prefix_or_the_usual_name_and_no_credentials(place: Place) -> None:
    facts = {"method": "GET", "route": "/api/models", "status": 200, "clips": 3, "cached": True}
    with place.tracer.span("work", attributes=facts) as each:
        each.note(provider_id="job1", note="https://ada:geheim@host/x?token=geheim", long="x" * 1000)
    found = dict(place.sent()["work"].attributes or {})
    assert found.pop("adreel.long") == "x" * 200
    assert found == {
        "http.request.method": "GET",
        "http.route": "/api/models",
        "http.response.status_code": 200,
        "adreel.clips": 3,
        "adreel.cached": True,
        "adreel.provider_id": "job1",
        "adreel.note": "https://***@host/x?token=***",
    }


def test_the_spans_are_of_adreel_and_its_version(place: Place) -> None:
    with place.tracer.span("work"):
        pass
    resource = place.sent()["work"].resource.attributes
    assert resource["service.name"] == "adreel"
    assert resource["service.version"]
