"""Reads a script from TOML or JSON. Strict: an unknown, missing or unusable field is an error that names it."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from decimal import Decimal
from typing import cast

from adreel.domain.ad import (
    AD_VERSION,
    USUAL_RECIPE,
    USUAL_STYLE,
    Ad,
    Beat,
    BeatShot,
    EndCard,
    Offer,
    ScreenText,
    TextRole,
)
from adreel.domain.errors import InputError
from adreel.domain.films.scene import CameraMovement, ViewType
from adreel.domain.scripts.ad_format.fields import Fields

MAX_BEATS = 40
MAX_WORDS = 12
"""Texts on the screen in one beat."""
MAX_FACTS = 60
LONGEST_TEXT = 300
"""Characters of one text on the screen or of a name."""
LONGEST_FACT = 500
LONGEST_PROMPT = 2000
LONGEST_PATH = 1000
SHORTEST_BEAT, LONGEST_BEAT = 0.5, 30.0
"""Seconds, as of a clip."""
LONGEST_FILM = 600.0
LARGEST_WEIGHT = 100.0
_SMALLEST_WEIGHT = 0.01
_LONGEST_REASON = 300
_MAX_CHARACTERS = 1_000_000


def parse_ad(text: str, where: str = "the script") -> Ad:
    """Reads a script from the text of a file, JSON when it begins with a brace, else TOML. `where` names it in errors.

    Raises InputError that names the beat and the field at fault.
    """
    if len(text) > _MAX_CHARACTERS:
        raise InputError(f"{where} is no script: it has more than {_MAX_CHARACTERS} characters")
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
    try:
        document = _from_json(text.lstrip("\ufeff")) if is_json else tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        kind = "JSON" if is_json else "TOML"
        raise InputError(f"{where} is not valid {kind}: {str(error)[:_LONGEST_REASON]}") from error
    return read_ad(document, where)


def read_ad(document: object, where: str = "the script") -> Ad:
    """Reads a script from plain values, as a JSON or TOML parser returns them. Raises InputError as `parse_ad` does."""
    table = Fields(where, document, _names(Ad))
    version = table.whole("version", 1, 10**9)
    if version > AD_VERSION:
        raise InputError(
            f"{where} has version {version} and was written by a newer adreel; this one reads {AD_VERSION}"
        )
    beats = _beats(table)
    return Ad(
        product=table.text_or_none("product", LONGEST_TEXT) or "",
        beats=beats,
        end=_end(table),
        brand=table.text_or_none("brand", LONGEST_TEXT),
        facts=table.texts("facts", LONGEST_FACT, MAX_FACTS),
        offer=read_offer(f"{where}, offer", table.value("offer")) if "offer" in table else None,
        recipe=table.text_or_none("recipe", LONGEST_TEXT) or USUAL_RECIPE,
        style=table.text_or_none("style", LONGEST_TEXT) or USUAL_STYLE,
        prompt=table.text_or_none("prompt", LONGEST_PROMPT) or "",
        photos=table.texts("photos", LONGEST_PATH, MAX_BEATS),
        seconds=table.number_or_none("seconds", SHORTEST_BEAT, LONGEST_FILM),
        version=version,
    )


def read_offer(where: str, values: object) -> Offer:
    """Reads an offer. Raises InputError, also for a former price that is not above the price."""
    table = Fields(where, values, _names(Offer))
    currency = table.text_or_none("currency", LONGEST_TEXT) or "USD"
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise table.fault("currency", "three capital letters such as EUR")
    price = table.money("price")
    was = table.money("was") if "was" in table else None
    if was is not None and was <= price:
        raise table.fault("was", f"above the price of {price}")
    return Offer(price, currency, was, table.text_or_none("badge", LONGEST_TEXT), table.day_or_none("until"))


def _beats(table: Fields) -> tuple[Beat, ...]:
    values = table.tables("beats", MAX_BEATS)
    if not values:
        raise InputError(f"{table.where} has no beats; give at least one")
    beats = tuple(_beat(_beat_name(table.where, place, value), value) for place, value in enumerate(values, start=1))
    names = [beat.name for beat in beats]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{table.where} has two beats with the name {twice!r}; give each a name of its own")
    return beats


def _beat_name(where: str, place: int, value: object) -> str:
    name = cast("dict[str, object]", value).get("name") if isinstance(value, dict) else None
    return f"{where}, beat {place}{f' {name!r}' if isinstance(name, str) else ''}"


def _beat(where: str, values: object) -> Beat:
    table = Fields(where, values, _names(Beat))
    words = table.tables("words", MAX_WORDS)
    weight = table.number_or_none("weight", _SMALLEST_WEIGHT, LARGEST_WEIGHT)
    return Beat(
        name=table.text("name", LONGEST_TEXT),
        shot=_shot(f"{where}, shot", table.value("shot")),
        words=tuple(_screen_text(f"{where}, words {place}", value) for place, value in enumerate(words, start=1)),
        spoken=table.text_or_none("spoken", LONGEST_FACT),
        seconds=table.number_or_none("seconds", SHORTEST_BEAT, LONGEST_BEAT),
        weight=1.0 if weight is None else weight,
        recording=table.text_or_none("recording", LONGEST_TEXT),
    )


def _shot(where: str, values: object) -> BeatShot:
    table = Fields(where, values, _names(BeatShot))
    return BeatShot(
        photo=table.whole("photo", 1, MAX_BEATS),
        framing=table.choice_or_none("framing", ViewType),
        camera=table.choice_or_none("camera", CameraMovement),
        intensity=table.number_or_none("intensity", 0, 1),
    )


def _screen_text(where: str, values: object) -> ScreenText:
    table = Fields(where, values, _names(ScreenText))
    return ScreenText(
        table.choice("role", TextRole), table.text("text", LONGEST_TEXT), table.text_or_none("struck", LONGEST_TEXT)
    )


def _end(table: Fields) -> EndCard:
    if "end" not in table:
        return EndCard()
    end = Fields(f"{table.where}, end", table.value("end"), _names(EndCard))
    return EndCard(*(end.text_or_none(name, LONGEST_TEXT) for name in ("cta", "address", "legal")))


def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _from_json(text: str) -> object:
    return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_without_repeats)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)!r} is given twice")
    return table
