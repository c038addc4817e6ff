"""Tests of how written English is read aloud."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.speech.normalizer import SpokenWord, read_aloud, sentences


def _said(text: str, **pronunciations: str) -> str:
    return " ".join(part for word in read_aloud(text, pronunciations) for part in word.said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Lumen No. 4", "Lumen number four"),
        ("No.4", "number four"),
        ("No. Never.", "No Never"),
        ("Nos. 4 and 5", "numbers four and five"),
        ("#1 in #summer", "number one in hashtag summer"),
        ("Dr. Smith vs. St. John", "doctor Smith versus saint John"),
        ("Salt & pepper", "Salt and pepper"),
        ("USB-C on a T-shirt", "U S B C on a T shirt"),
        ("H2O in 4K", "H two O in four K"),
        ("the 1990s and the 80s", "the nineteen nineties and the eighties"),
        ("1/2 cup, 3/4, ½", "one half cup three quarters one half"),
        ("Open 24/7", "Open twenty four seven"),
        ("7:30 pm, 9am, 12:05", "seven thirty P M nine A M twelve oh five"),
        ("Dec. 24, 2026", "december twenty fourth twenty twenty six"),
        ("2026-12-24", "december twenty fourth twenty twenty six"),
        ("you may 5 times", "you may five times"),
        ("50-60%", "fifty to sixty percent"),
        ("20x30 cm, 10 x 20", "twenty by thirty cm ten by twenty"),
    ],
)
def test_what_is_said(written: str, said: str) -> None:
    assert _said(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$24.99", "twenty four dollars and ninety nine cents"),
        ("$1.01", "one dollar and one cent"),
        ("US$5/month", "five dollars per month"),
        ("€0.99", "ninety nine cents"),
        ("99¢", "ninety nine cents"),
        ("24,90 €", "twenty four euros and ninety cents"),
        ("EUR 24.90", "twenty four euros and ninety cents"),
        ("CHF 24.90", "twenty four francs and ninety centimes"),
        ("24.90 CHF", "twenty four francs and ninety centimes"),
        ("$1,250", "one thousand two hundred and fifty dollars"),
        ("$2.5M", "two point five million dollars"),
        ("£5 million", "five million pounds"),
    ],
)
def test_prices(written: str, said: str) -> None:
    assert _said(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("18 L", "eighteen liters"),
        ("350ml", "three hundred and fifty milliliters"),
        ("1 kg", "one kilogram"),
        ('a 12" pan', "a twelve inch pan"),
        ("8.5 in.", "eight point five inches"),
        ("2 in 1", "two in one"),
        ("10 in stock", "ten in stock"),
        ("-5 °C", "minus five degrees Celsius"),
        ("3x faster", "three times faster"),
    ],
)
def test_measures(written: str, said: str) -> None:
    assert _said(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("morgen.co", "morgen dot co"),
        ("www.shop.com/sale", "W W W dot shop dot com slash sale"),
        ("hello@morgen.co", "hello at morgen dot co"),
        ("https://shop.de", "shop dot D E"),
    ],
)
def test_addresses(written: str, said: str) -> None:
    assert _said(written) == said


def test_a_dictionary_comes_before_every_rule() -> None:
    assert _said("Hale's No. 4", hale="hail") == "hail's number four"
    assert _said("Morgen's mug", morgen="/mˈɔɹɡən/") == "/mˈɔɹɡənz/ mug"
    assert _said("The Hale No. Four", **{"hale no": "never"}) == "The never Four"


def test_what_is_written_is_kept_with_its_pauses() -> None:
    assert read_aloud("Yes — only $5, now!") == (
        SpokenWord("Yes", ("Yes",)),
        SpokenWord("—", (), "—"),
        SpokenWord("only", ("only",)),
        SpokenWord("$5,", ("five", "dollars"), ","),
        SpokenWord("now!", ("now",), "!", ends=True),
    )


def test_points_of_abbreviations_end_no_sentence() -> None:
    found = sentences(read_aloud("Ask Dr. Hale about No. 4. It holds 2.5 L! e.g. tea… …"))
    assert [" ".join(word.shown for word in each) for each in found] == [
        "Ask Dr. Hale about No. 4.",
        "It holds 2.5 L!",
        "e.g. tea…",
    ]


@settings(max_examples=200)
@given(st.text(alphabet="aB1.2,$%€#-/@:&'\"°½x mLéß—…\u00a0😀漢", max_size=24))
def test_no_text_breaks_it_and_no_written_word_is_lost(text: str) -> None:
    shown = "".join("".join(word.shown for word in read_aloud(text)).split())
    written = "".join(text.replace("\u00a0", "").split())
    assert shown.replace("—", "").replace("-", "") == written.replace("—", "").replace("-", "")
