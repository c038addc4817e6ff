"""Tests of how measures and ratings are read aloud."""

from __future__ import annotations

import pytest

from adreel.media.speech.normalizer import read_aloud


def _said(text: str) -> str:
    return " ".join(part for word in read_aloud(text) for part in word.said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('A 12" pan', "A twelve inch pan"),
        ("a 2 m cable", "a two meter cable"),
        ("a 250 g bag of 16 cups", "a two hundred and fifty gram bag of sixteen cups"),
        ("12-inch and 12-oz", "twelve inch and twelve ounce"),
        ("the 18 L of it", "the eighteen liters of it"),
        ("has 18 L inside", "has eighteen liters inside"),
        ("a 3.4 fl. oz. tube", "a three point four fluid ounce tube"),
        ("holds 12 fl oz.", "holds twelve fluid ounces"),
        ("Rated 4.8/5", "Rated four point eight out of five"),
        ("9/10 or 4/5 stars", "nine out of ten or four out of five stars"),
        ("4/5 full", "four fifths full"),
    ],
)
def test_measures_and_ratings(written: str, said: str) -> None:
    assert _said(written) == said
