"""Tests of the English words for numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.speech.number_words import cardinal, decimal, digits, is_year, ordinal, year

_ONES = {
    word: number
    for number, word in enumerate((*digits("0123456789"), "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"))
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def _heard(words: tuple[str, ...]) -> int:
    """What a listener understands; written apart from the code that speaks."""
    total = group = 0
    for word in words:
        if word in _SCALES:
            total, group = total + group * _SCALES[word], 0
        elif word == "hundred":
            group *= 100
        elif word.endswith("teen") and word not in _ONES:
            group += 10 + _ONES[{"eigh": "eight"}.get(word[:-4], word[:-4])]
        elif word != "and":
            group += _ONES.get(word, _TENS.get(word, 0))
    return total + group


@settings(max_examples=200)
@given(st.integers(0, 10**15 - 1) | st.integers(0, 2000))
def test_a_number_is_understood_as_it_was_meant(number: int) -> None:
    assert _heard(cardinal(number)) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "zero"), (13, "thirteen"), (40, "forty"), (101, "one hundred and one"), (-5, "minus five")],
)
def test_cardinals(number: int, words: str) -> None:
    assert " ".join(cardinal(number)) == words


def test_a_number_without_a_name_is_read_by_its_digits() -> None:
    assert cardinal(10**15)[:3] == ("one", "zero", "zero")
    assert len(cardinal(10**15)) == 16


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (2, "second"),
        (12, "twelfth"),
        (20, "twentieth"),
        (21, "twenty first"),
        (100, "one hundredth"),
        (105, "one hundred and fifth"),
    ],
)
def test_ordinals(number: int, words: str) -> None:
    assert " ".join(ordinal(number)) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1999, "nineteen ninety nine"),
        (2000, "two thousand"),
        (2005, "two thousand and five"),
        (2026, "twenty twenty six"),
    ],
)
def test_years(number: int, words: str) -> None:
    assert " ".join(year(number)) == words


@pytest.mark.parametrize(("text", "expected"), [("2026", True), ("1099", False), ("2100", False), ("202", False)])
def test_which_numbers_are_years(text: str, expected: bool) -> None:
    assert is_year(text) is expected


def test_decimals_are_read_digit_by_digit() -> None:
    assert " ".join(decimal(Decimal("10.25"))) == "ten point two five"
    assert " ".join(decimal(Decimal("-0.5"))) == "minus zero point five"
    assert " ".join(decimal(Decimal(640))) == "six hundred and forty"
    assert digits("4-07") == ("four", "zero", "seven")
