"""Writes a script: as plain values, as JSON, and as TOML with comments for the people who edit it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

from adreel.domain.ad import Ad, EndCard, TextRole
from adreel.domain.films.scene import CameraMovement, ViewType

Document = dict[str, object]

_COMMENTS: Mapping[str, str] = {
    "version": "The format of this file; leave it as it is.",
    "product": "The name of the product, on the screen and on the end card.",
    "brand": "The name of the brand.",
    "facts": (
        "What is true of the product. Numbers, comparisons, tests, guarantees and the like on the screen\n"
        "must be found in one of these, or in the offer."
    ),
    "recipe": "The recipe that this script was written with; it decides the music when the prompt does not.",
    "style": "The style of the text.",
    "prompt": "The mood of the film, in a sentence.",
    "photos": "Paths from the folder of this file; beats name them by number, 1 is the first.",
    "seconds": "The length of the film, end card included. Without it a beat has the usual length of a clip.",
}
_OFFER = 'Amounts are in quotation marks. "was" is the former price, "until" the last day.'
_END = "The end card: call to action (cta), address of the shop, legal line."
_BEATS = (
    "Beats play in this order. Each has one shot of a photo and the words over it. A beat without seconds\n"
    "gets a share of the film by its weight, and is never shorter than its words take to read.\n"
    f"  framing: {', '.join(ViewType)}\n"
    f"  camera: {', '.join(CameraMovement)}\n"
    "  intensity: 0 (barely moving) to 1\n"
    f"  role: {', '.join(TextRole)}; struck: a former price, struck through\n"
    "Leave framing, camera or intensity out to let adreel choose."
)
_APART = ("offer", "end", "beats")
"""Fields that are tables of their own, after the others."""


def to_document(ad: Ad) -> Document:
    """Returns the script as plain values for JSON: amounts and days are texts, empty fields are left out."""
    return cast("Document", _plain(ad))


def plain(value: object) -> object:
    """Returns a part of a script, such as its offer, as plain values."""
    return _plain(value)


def to_json(ad: Ad) -> str:
    """Returns the script as JSON, which `parse_ad` reads back to an equal script."""
    return json.dumps(to_document(ad), indent=2, ensure_ascii=False) + "\n"


def to_toml(ad: Ad, heading: str = "") -> str:
    """Returns the script as TOML, which `parse_ad` reads back to an equal script. `heading` is a comment at its top."""
    return "\n".join(_lines(ad, heading)).strip() + "\n"


def _lines(ad: Ad, heading: str) -> Iterator[str]:
    document = to_document(ad)
    yield from _commented(heading)
    for name in ("version", *(name for name in document if name not in ("version", *_APART))):
        yield from ("", *_commented(_COMMENTS[name]), f"{name} = {_value(document[name])}")
    if ad.offer is not None:
        yield from ("", *_commented(_OFFER), "[offer]", *_table(document["offer"]))
    if ad.end != EndCard():
        yield from ("", *_commented(_END), "[end]", *_table(document["end"]))
    yield from ("", *_commented(_BEATS))
    for beat in cast("Sequence[object]", document["beats"]):
        yield from ("[[beats]]", *_table(beat), "")


def _commented(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.splitlines()]


def _table(values: object) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in cast("Document", values).items()]


def toml_string(text: str) -> str:
    """A text of TOML: one of JSON, in which the delete character must be escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(_table(cast("Document", value)))
        return f"{{ {inner} }}"
    if isinstance(value, list):
        inner = "".join(f"    {_value(each)},\n" for each in cast("list[object]", value))
        return f"[\n{inner}]"
    if isinstance(value, str):
        return toml_string(value)
    return repr(value)


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in cast("tuple[object, ...]", value)]
    if hasattr(value, "__dataclass_fields__"):
        return _fields_of(value)
    return value


def _fields_of(value: Any) -> Document:  # noqa: ANN401 (any of the script's dataclasses)
    return {
        field.name: _plain(inner)
        for field in fields(value)
        if (inner := getattr(value, field.name)) not in (None, (), "", EndCard())
    }
