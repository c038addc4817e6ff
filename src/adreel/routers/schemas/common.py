"""Common types of bodies: amounts, times, ids, texts that every database can store; the problem body (RFC 9457)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    computed_field,
)
from pydantic.config import JsonDict

from adreel.domain.costs.money import format_amount

MAX_PROMPT = 2000
MAX_NAME = 200
MAX_IDS = 200

_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in "\t\n\r"}


class Body(BaseModel):
    """A request's body. Unknown fields are rejected, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False, allow_inf_nan=False)


class Answer(BaseModel):
    """A response's body."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)


DEPRECATED: JsonDict = {"deprecated": True}
"""Extra of a field's schema: an old name, removed in the version after the next (decision 0085)."""


class OfSession(Answer):
    """A body about a session, identified by `id`."""

    id: str

    @computed_field(description="Deprecated: read `id`", json_schema_extra=DEPRECATED)
    @property
    def session_id(self) -> str:
        return self.id


class OfJob(Answer):
    """A body about a job, identified by `id`."""

    id: str

    @computed_field(description="Deprecated: read `id`", json_schema_extra=DEPRECATED)
    @property
    def job_id(self) -> str:
        return self.id


def clean_text(text: str) -> str:
    """Returns `text`. Raises ValueError for control characters and lone surrogates, which databases reject."""
    if text.translate(_CONTROLS) != text:
        raise ValueError("must not contain control characters")
    if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must be whole Unicode characters")
    return text


def format_time(moment: datetime) -> str:
    """ISO 8601 in UTC with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _string_schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]}, mode="serialization")


Prompt = Annotated[str, StringConstraints(max_length=MAX_PROMPT), AfterValidator(clean_text)]
Name = Annotated[str, StringConstraints(max_length=MAX_NAME), AfterValidator(clean_text)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
ColorText = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]

Amount = Annotated[
    Decimal, PlainSerializer(format_amount, return_type=str), _string_schema(r"^-?[0-9]+\.[0-9]{2,6}$", "0.80")
]
"""US dollars, a string in JSON."""

Cap = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6, allow_inf_nan=False)]
"""A budget in US dollars, as requests send it."""

Time = Annotated[
    datetime,
    PlainSerializer(format_time, return_type=str),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-05-04T09:30:00.125000Z"]}, mode="serialization"
    ),
]


class FieldProblem(BaseModel):
    """One validation error. `field` is the path of the field, such as ``body.clip_order.2``."""

    field: str
    message: str


class Problem(BaseModel):
    """An error. `instance` is the request's id, which the logs contain. Further members depend on `type`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:adreel:problem:stage",
                    "title": "Conflict",
                    "status": 409,
                    "detail": "cannot approve clips: the session is at created; upload or generate images first",
                    "instance": "5f0c9a7e1b2d4c3f8a6e0d1c2b3a4f5e",
                    "stage": "created",
                }
            ]
        }
    )

    type: str = Field(description="The kind of problem; stable between versions")
    title: str
    status: int
    detail: str = Field(description="One line that names the error and says what to do")
    instance: str = Field(description="The request's id")
    errors: list[FieldProblem] | None = Field(default=None, description="Validation errors, by field")
    stage: str | None = Field(default=None, description="With a stage problem: the session's stage")
    whose: str | None = Field(default=None, description="With a budget problem: session, account or day")
    limit: str | None = Field(default=None, description="With a limit problem: its name in `/api/account`")
    allowed: str | None = Field(default=None, description="With a limit problem: the limit")
    needed: Amount | None = Field(default=None, description="With a budget problem: US dollars")
    left: Amount | None = Field(default=None, description="With a budget problem: US dollars")
    cap: Amount | None = Field(default=None, description="With a budget problem: US dollars")
    retry_after: int | None = Field(default=None, description="Seconds until a retry can succeed")
