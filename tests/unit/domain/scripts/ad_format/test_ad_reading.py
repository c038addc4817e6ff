from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from adreel.domain.ad import Beat, BeatShot
from adreel.domain.errors import InputError
from adreel.domain.scripts.ad_format.reading import parse_ad, read_ad
from adreel.domain.scripts.ad_format.writing import to_document
from support.ads import MUG

SHORT = """
version = 1
product = "Mug"
[offer]
price = 24.90
until = 2026-12-24
[[beats]]
name = "hook"
shot = { photo = 1 }
"""


def test_a_short_script_has_the_defaults_of_its_fields() -> None:
    ad = parse_ad(SHORT)
    assert ad.beats == (Beat("hook", BeatShot(1)),)
    assert (ad.recipe, ad.style, ad.facts, ad.seconds) == ("launch", "editorial", (), None)


def test_an_amount_without_quotation_marks_is_no_float() -> None:
    offer = parse_ad(SHORT).offer
    assert offer is not None
    assert (offer.price, str(offer.price)) == (Decimal("24.90"), "24.90")


def test_an_amount_that_was_read_as_a_float_is_refused() -> None:
    document: Any = to_document(MUG)
    document["offer"]["price"] = 24.9
    with pytest.raises(InputError, match="'price' must be an amount in quotation marks"):
        read_ad(document)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (
            ("beats", 1, "shot", "camera"),
            "push-in",
            "ad.toml, beat 2 'benefit', shot: the field 'camera' must be one of",
        ),
        (("beats", 1, "shot", "camera"), "push-in", "not 'push-in'; did you mean 'push_in'?"),
        (
            ("beats", 1, "shot", "fotos"),
            1,
            "ad.toml, beat 2 'benefit', shot has no field 'fotos'; did you mean 'photo'?",
        ),
        (("beats", 0, "words", 0, "role"), "title", "beat 1 'hook', words 1: the field 'role' must be one of headline"),
        (("beats", 0, "words", 0, "text"), " ", "beat 1 'hook', words 1: the field 'text' must be a text of 1 to 300"),
        (("beats", 0, "words", 0, "text"), "a\x1bb", "without control characters"),
        (("beats", 0, "words", 0, "text"), "\ud800", "without control characters"),
        (("beats", 0, "shot"), None, "beat 1 'hook' lacks the field 'shot'"),
        (("beats", 0, "shot"), 3, "ad.toml, beat 1 'hook', shot must be a table"),
        (("beats", 0, "shot", "photo"), 0, "'photo' must be a whole number from 1 to 40, not 0"),
        (("beats", 0, "shot", "photo"), True, "'photo' must be a whole number"),
        (("beats", 0, "shot", "intensity"), 1.5, "'intensity' must be a number from 0 to 1, not 1.5"),
        (("beats", 0, "weight"), 0, "'weight' must be a number from 0.01 to 100, not 0"),
        (("beats", 0, "weight"), "1", "'weight' must be a number"),
        (("beats", 0, "seconds"), 31, "'seconds' must be a number from 0.5 to 30, not 31"),
        (("beats", 0, "seconds"), float("nan"), "'seconds' must be a number"),
        (("beats", 1, "name"), "hook", "ad.toml has two beats with the name 'hook'"),
        (("beats", 1, "name"), None, "ad.toml, beat 2 lacks the field 'name'"),
        (("beats",), [], "ad.toml has no beats"),
        (("beats",), "hook", "'beats' must be a list"),
        (("beats",), [1], "ad.toml, beat 1 must be a table"),
        (("prodct",), "Mug", "ad.toml has no field 'prodct'; did you mean 'product'?"),
        (("product",), 1, "ad.toml: the field 'product' must be a text of 1 to 300"),
        (("facts",), "one", "'facts' must be a list"),
        (("facts",), [1], "'facts' must be a list of texts"),
        (("facts",), ["a"] * 61, "'facts' must be a list of at most 60"),
        (("version",), 2, "ad.toml has version 2 and was written by a newer adreel"),
        (("version",), None, "ad.toml lacks the field 'version'"),
        (("offer", "price"), "cheap", "ad.toml, offer: the field 'price' must be an amount"),
        (("offer", "price"), "NaN", "must be an amount"),
        (("offer", "price"), "-1", "must be an amount"),
        (("offer", "price"), "1e400", "must be an amount"),
        (("offer", "price"), "0.00001", "must be an amount"),
        (("offer", "currency"), "euro", "'currency' must be three capital letters such as EUR"),
        (("offer", "was"), "24.90", "ad.toml, offer: the field 'was' must be above the price of 24.90"),
        (("offer", "until"), "soon", "'until' must be a day such as 2026-12-24, not 'soon'"),
        (("end", "call"), "Go", "ad.toml, end has no field 'call'; choose from cta, address, legal"),
    ],
)
def test_an_error_names_the_file_the_beat_and_the_field(path: tuple[Any, ...], value: object, words: str) -> None:
    document: Any = to_document(MUG)
    table = document
    for step in path[:-1]:
        table = table[step]
    table[path[-1]] = value
    with pytest.raises(InputError) as refused:
        read_ad(document, "ad.toml")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version = ", "ad.toml is not valid TOML"),
        ("a = " + "[" * 5000, "ad.toml is not valid TOML"),
        ('{"version": 1,}', "ad.toml is not valid JSON"),
        ('{"a": ' + "[" * 100_000, "ad.toml is not valid JSON"),
        ('{"version": 1, "version": 1}', "the field 'version' is given twice"),
        ('{"version": NaN}', "NaN is not a number"),
        ("version = 1" + "0" * 5000, "ad.toml"),
        ('{"version": 1e999999999999999999999}', "ad.toml"),
        ("", "ad.toml lacks the field 'version'"),
        (" " * 1_000_001, "more than 1000000 characters"),
        ("[1]", "ad.toml"),
    ],
)
def test_what_is_no_script_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_ad(text, "ad.toml")
    assert words in str(refused.value)


def test_an_empty_text_is_none_at_all() -> None:
    document: Any = to_document(MUG)
    document |= {"product": "", "prompt": "", "brand": ""}
    ad = read_ad(document)
    assert (ad.product, ad.prompt, ad.brand) == ("", "", None)


def test_json_is_recognized_by_its_brace() -> None:
    assert parse_ad("\ufeff \n" + json.dumps(to_document(MUG))) == MUG
