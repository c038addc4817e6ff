"""A template: the file of a script with slots, and the script that it becomes for a product."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from adreel.domain.ad import Ad, Beat, BeatShot
from adreel.domain.errors import InputError
from adreel.domain.scripts.ad_format.reading import MAX_FACTS, read_ad
from adreel.feeds.product import Product
from adreel.feeds.scripts.offers import offer_of, sources_of
from adreel.feeds.scripts.slots import SlotValues, check_slots, filled
from adreel.providers.planning.script_words import language_of

_MAX_CHARACTERS = 1_000_000

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """`document` is the file as TOML has it, `where` names it in errors. Made by `read_template`."""

    document: Mapping[str, Any]
    where: str

    def ad(self, product: Product, photos: int, now: datetime) -> Ad:
        """The script of a product with so many photos at a time. Pure.

        Texts whose slots stay empty are left out, and so are beats that lose all of their words. Photos that a product does not
        have are replaced by those it has, in turn. The price of the product becomes the offer unless the template has its own;
        what the shop states becomes the facts, behind those of the template.

        Raises InputError that names the beat and the field; MissingError for what the template needs.
        """
        language = language_of((*_texts(self.document), product.title, *product.facts))
        values = SlotValues(product, now, language)
        document = _filled_table(dict(self.document), values)
        document["beats"] = list(_beats(self.document.get("beats"), document.get("beats")))
        if "price" not in (document.get("offer") or {}):
            document.pop("offer", None)
        amounts = filter(None, map(values.of, ("measure", "unit_price")))
        document["facts"] = list(dict.fromkeys((*document.get("facts", ()), *amounts, *sources_of(product))))[
            :MAX_FACTS
        ]
        ad = read_ad(document, self.where)
        ad = replace(ad, beats=tuple(_with_photo(beat, photos) for beat in ad.beats))
        return ad if ad.offer is not None else replace(ad, offer=offer_of(product, now))


def read_template(text: str, where: str) -> Template:
    """Reads a template from the text of a TOML file. Raises InputError for one that no product could fill."""
    if len(text) > _MAX_CHARACTERS:
        raise InputError(f"{where} is no template: it has more than {_MAX_CHARACTERS} characters")
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise InputError(f"{where} is not valid TOML: {str(error)[:300]}") from error
    if "photos" in document:
        raise InputError(f"{where}: a template names no photos, each product has its own; leave out 'photos'")
    for each in _texts(document):
        check_slots(each, where)
    _check_fields(document, where)
    return Template(document, where)


def _check_fields(document: Mapping[str, Any], where: str) -> None:
    """Reads the template as a script, as if each slot had a word: mistakes of the file are found before any product is read."""
    # An amount in a slot is no amount yet.
    ad = read_ad({name: value for name, value in document.items() if name != "offer"}, where)
    # A recording is a file of this machine, and a template may come from a user of the service.
    recorded = next((beat.name for beat in ad.beats if beat.recording), None)
    if recorded is not None:
        raise InputError(
            f"{where}, beat {recorded!r}: a template names no recordings, each product has lines of its own; leave out "
            "'recording'"
        )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in cast("Table", value).values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _texts(each)


def _filled_table(table: Table, values: SlotValues) -> Table:
    """The table with every text filled; those that stay empty are left out."""
    pairs = ((name, _filled(value, values)) for name, value in table.items())
    return {name: value for name, value in pairs if value is not None}


def _filled(value: object, values: SlotValues) -> object:
    if isinstance(value, str):
        return filled(value, values)
    if isinstance(value, dict):
        return _filled_table(cast("Table", value), values)
    if isinstance(value, list):
        return [new for each in cast("list[object]", value) if (new := _filled(each, values)) is not None]
    return value


def _beats(before: object, after: object) -> Iterator[Table]:
    """The beats that have words left, or had none, without words that lost their text."""
    if not isinstance(before, list) or not isinstance(after, list):
        return
    for old, new in zip(cast("list[Table]", before), cast("list[Table]", after), strict=True):
        words = [each for each in new.get("words", ()) if "text" in each]
        if words or not old.get("words"):
            yield {**new, "words": words} if words else new


def _with_photo(beat: Beat, photos: int) -> Beat:
    if beat.shot.photo <= photos:
        return beat
    shot: BeatShot = replace(beat.shot, photo=(beat.shot.photo - 1) % max(1, photos) + 1)
    return replace(beat, shot=shot)
