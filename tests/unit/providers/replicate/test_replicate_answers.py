from __future__ import annotations

import httpx
import pytest

from adreel.domain.errors import (
    AmbiguousSubmitError,
    GenerationError,
    NoCreditError,
    RefusedError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
)
from adreel.providers.replicate.responses import body_of, error_of, submit_connection_error, submit_error


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusedError),
        (401, UnauthorizedError),
        (402, NoCreditError),
        (404, RefusedError),
        (408, UnavailableError),
        (422, RefusedError),
        (429, ThrottledError),
        (500, UnavailableError),
        (503, UnavailableError),
        (302, RefusedError),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[GenerationError]) -> None:
    assert type(error_of(httpx.Response(status))) is kind


def test_a_success_is_no_error() -> None:
    assert error_of(httpx.Response(201)) is None


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_an_order_that_a_broken_server_answered_may_have_been_accepted(status: int) -> None:
    assert isinstance(submit_error(httpx.Response(status)), AmbiguousSubmitError)


@pytest.mark.parametrize("status", [401, 402, 404, 422, 429])
def test_an_order_that_was_refused_was_not_accepted(status: int) -> None:
    error = submit_error(httpx.Response(status))
    assert error is not None
    assert not isinstance(error, AmbiguousSubmitError)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError(""), UnavailableError),
        (httpx.ConnectTimeout(""), UnavailableError),
        (httpx.PoolTimeout(""), UnavailableError),
        (httpx.ReadTimeout(""), AmbiguousSubmitError),
        (httpx.WriteTimeout(""), AmbiguousSubmitError),
        (httpx.ReadError(""), AmbiguousSubmitError),
        (httpx.WriteError(""), AmbiguousSubmitError),
        (httpx.RemoteProtocolError(""), AmbiguousSubmitError),
    ],
)
def test_only_what_has_surely_not_left_may_be_repeated(
    error: httpx.TransportError, kind: type[GenerationError]
) -> None:
    assert type(submit_connection_error(error)) is kind


@pytest.mark.parametrize(
    ("body", "header", "wait"),
    [
        ({"retry_after": 5}, None, 5),
        ({}, "7", 7),
        ({"retry_after": 5}, "7", 7),
        ({}, None, 5),
        ({"retry_after": -1}, "inf", 5),
    ],
)
def test_the_wait_is_read_from_body_and_header(body: dict[str, int], header: str | None, wait: float) -> None:
    error = error_of(httpx.Response(429, json=body, headers={"retry-after": header} if header else {}))
    assert isinstance(error, ThrottledError)
    assert error.retry_after == wait


def test_the_fields_at_fault_are_named() -> None:
    body = {"detail": "bad", "invalid_fields": [{"type": "x", "field": "input.seed", "description": "must be whole"}]}
    assert "input.seed: must be whole" in str(error_of(httpx.Response(422, json=body)))


def test_a_page_instead_of_a_problem_document_is_no_harm() -> None:
    assert "no reason given" in str(error_of(httpx.Response(422, text="<html>")))
    assert "no reason given" in str(error_of(httpx.Response(422, json=["odd"])))


@pytest.mark.parametrize(
    "content", [b"[" * 100_000 + b"]" * 100_000, b'{"output":' + b"[" * 900 + b"]" * 900 + b"}", b"", b"<html>"]
)
def test_an_answer_that_is_no_json_or_nested_without_end_is_a_broken_answer(content: bytes) -> None:
    with pytest.raises(UnavailableError, match="not JSON"):
        body_of(httpx.Response(200, content=content))
    assert isinstance(error_of(httpx.Response(422, content=content)), RefusedError)
