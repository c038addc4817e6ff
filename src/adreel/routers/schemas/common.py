"""What bodies have in common: amounts, times, ids, texts that every database can keep."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

MAX_PROMPT = 2000
MAX_NAME = 200
MAX_IDS = 200

_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in "\t\n\r"}


class Body(BaseModel):
    """A request's body: unknown fields are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False, allow_inf_nan=False)


class Answer(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)


def clean_text(text: str) -> str:
    """`text`. Raises ValueError for what databases refuse or screens cannot show: NUL, other controls, half characters."""
    if text.translate(_CONTROLS) != text:
        raise ValueError("must not contain control characters")
    if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must be whole Unicode characters")
    return text


def format_amount(amount: Decimal) -> str:
    """US dollars as clients get them: at least two decimals, no zeros after these (``0.80``, ``0.145``)."""
    plain = format(amount.normalize(), "f")
    whole, _, fraction = plain.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"


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
"""A budget in US dollars, as it is given."""

Time = Annotated[
    datetime,
    PlainSerializer(format_time, return_type=str),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-05-04T09:30:00.125000Z"]}, mode="serialization"
    ),
]
