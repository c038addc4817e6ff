"""Translates what Replicate answers, and how connections fail, into errors of ours.

Reads Replicate's predictions into records."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import httpx

from adreel.domain.errors import (
    AmbiguousSubmitError,
    GenerationError,
    NoCreditError,
    RefusedError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
)
from adreel.domain.json_text import read_json
from adreel.domain.providers import JobStatus

Json = Mapping[str, object]

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""Failures before anything of the request has left."""

_USUAL_WAIT = 5.0
_LONGEST_DETAIL = 500
_REQUEST_TIMEOUT = 408
_TOO_MANY = 429
_SERVER_ERROR = 500


def error_of(response: httpx.Response) -> GenerationError | None:
    """The error that an answer stands for; None when it is a success."""
    status = response.status_code
    if response.is_success:
        return None
    said = problem_of(response)
    if status == _TOO_MANY:
        return ThrottledError(f"Replicate asks to wait: {detail_of(said)}", wait_of(response, said))
    if status >= _SERVER_ERROR or status == _REQUEST_TIMEOUT:
        return UnavailableError(f"Replicate is not available right now (HTTP {status}); try again later")
    return _refusal(status, said)


def _refusal(status: int, said: Json) -> GenerationError:
    match status:
        case 401 | 403:
            return UnauthorizedError(
                "Replicate does not accept the API token; check it at https://replicate.com/account/api-tokens"
            )
        case 402:
            return NoCreditError(
                "the account at Replicate has no credit left; add some at https://replicate.com/account/billing"
            )
        case 404:
            return RefusedError("Replicate does not have what was asked for (HTTP 404); check the model's reference")
        case _:
            return RefusedError(f"Replicate refuses the order (HTTP {status}): {_fields(said) or detail_of(said)}")


def submit_error(response: httpx.Response) -> GenerationError | None:
    """As `error_of`, for an order: an answer that does not say whether it was accepted is ambiguous."""
    error = error_of(response)
    if isinstance(error, UnavailableError):
        return ambiguous(f"the answer was HTTP {response.status_code}")
    return error


def connection_error(error: httpx.TransportError) -> UnavailableError:
    """A connection that failed, for a call that may be repeated."""
    return UnavailableError(f"Replicate cannot be reached ({type(error).__name__}); check the network and try again")


def submit_connection_error(error: httpx.TransportError) -> GenerationError:
    """A connection that failed, for an order: only what has surely not been sent may be repeated."""
    if isinstance(error, _NOT_SENT):
        return connection_error(error)
    return ambiguous(type(error).__name__)


def ambiguous(why: str) -> AmbiguousSubmitError:
    """An order that may or may not have been accepted."""
    return AmbiguousSubmitError(
        f"Replicate may or may not have accepted the order ({why}); look for it before ordering again"
    )


def problem_of(response: httpx.Response) -> Json:
    """The problem document of an answer; empty when there is none."""
    try:
        said = read_json(response.content)
    except ValueError:
        return {}
    return cast("Json", said) if isinstance(said, dict) else {}


def detail_of(said: Json) -> str:
    return str(said.get("detail") or said.get("title") or "no reason given")[:_LONGEST_DETAIL]


def wait_of(response: httpx.Response, said: Json) -> float:
    """Seconds to wait: the longer of what the body and the header say."""
    given = [_seconds(said.get("retry_after")), _seconds(response.headers.get("retry-after"))]
    known = [seconds for seconds in given if seconds is not None]
    return max(known) if known else _USUAL_WAIT


def _seconds(value: object) -> float | None:
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _fields(said: Json) -> str:
    """The fields that a refusal names, each with its reason."""
    found = said.get("invalid_fields")
    fields = cast("Sequence[object]", found) if isinstance(found, list) else ()
    tables = [cast("Json", field) for field in fields if isinstance(field, dict)]
    return "; ".join(f"{field.get('field')}: {field.get('description')}" for field in tables)[:_LONGEST_DETAIL]


def body_of(response: httpx.Response) -> object:
    """The JSON of a successful answer. Raises UnavailableError when it is none."""
    try:
        return read_json(response.content)
    except ValueError as error:
        raise UnavailableError("Replicate answered with something that is not JSON of a usual depth") from error


@dataclass(frozen=True, slots=True)
class Prediction:
    """`input` is empty and `output` None once the provider has removed them (`data_removed`). Times are UTC.

    `predict_seconds` is the time on the machine that was billed; `model` is owner/name; `logs` is what the model has written
    so far.
    """

    id: str
    status: JobStatus
    input: Json
    output: object
    error: str | None
    data_removed: bool
    created_at: datetime | None
    completed_at: datetime | None
    predict_seconds: float | None
    model: str = ""
    started_at: datetime | None = None
    logs: str = ""


def read_prediction(body: object) -> Prediction:
    """Raises UnavailableError when the answer is not a prediction."""
    if not isinstance(body, dict):
        raise UnavailableError("Replicate answered with something that is not a prediction")
    facts = cast("Json", body)
    try:
        return _read(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise UnavailableError(f"Replicate answered with a prediction that cannot be read: {error}") from error


def _read(facts: Json) -> Prediction:
    seconds = _table(facts.get("metrics")).get("predict_time")
    error = facts.get("error")
    return Prediction(
        id=str(facts["id"]),
        status=JobStatus(str(facts["status"])),
        input=_table(facts.get("input")),
        output=facts.get("output"),
        error=str(error) if error else None,
        data_removed=bool(facts.get("data_removed")),
        created_at=_moment(facts.get("created_at")),
        completed_at=_moment(facts.get("completed_at")),
        predict_seconds=float(seconds) if isinstance(seconds, (int, float)) else None,
        model=str(facts.get("model") or ""),
        started_at=_moment(facts.get("started_at")),
        logs=str(facts.get("logs") or ""),
    )


def _table(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def texts(output: object) -> tuple[str, ...]:
    """An output as texts: it comes as one, as a list, or as a table of names."""
    if isinstance(output, str):
        return (output,)
    if isinstance(output, list):
        parts = cast("list[object]", output)
    elif isinstance(output, dict):
        parts = list(cast("dict[str, object]", output).values())
    else:
        parts = []
    return tuple(part for part in parts if isinstance(part, str))
