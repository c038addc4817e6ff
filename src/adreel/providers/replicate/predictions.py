"""A prediction as Replicate tells it, read into a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from adreel.domain.errors import UnavailableError
from adreel.domain.remote import JobStatus

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Prediction:
    """`input` is empty and `output` None once the provider has removed them (`data_removed`). Times are UTC.

    `predict_seconds` is the time on the machine that was billed; `stream_url` is there for language models only; `model` is
    owner/name.
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
    stream_url: str | None
    model: str = ""


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
    metrics, urls = _table(facts.get("metrics")), _table(facts.get("urls"))
    seconds, stream = metrics.get("predict_time"), urls.get("stream")
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
        stream_url=stream if isinstance(stream, str) else None,
        model=str(facts.get("model") or ""),
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
