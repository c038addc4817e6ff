from __future__ import annotations

from decimal import Decimal

import pytest

from adreel.catalogue.loader import load_catalogue, parse_catalogue
from adreel.domain.errors import InputError

MODEL = """
[models.slow]
kind = "video"
title = "A slow one"
reference = "someone/slow"
price_per_clip = "0.80"
min_seconds = 1
max_seconds = 5
typical_seconds_per_clip_second = 20
licence = "theirs"
"""


def test_the_shipped_catalogue_knows_the_local_engine() -> None:
    local = load_catalogue()["local"]
    assert local.price_per_clip == Decimal("0.00")


def test_prices_are_exact() -> None:
    assert parse_catalogue(MODEL)["slow"].price_per_clip == Decimal("0.80")


@pytest.mark.parametrize(
    ("old", "new", "words"), [("title", "name", "'slow' lacks the field 'title'"), ("0.80", "cheap", "not a number")]
)
def test_a_broken_entry_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_catalogue(MODEL.replace(old, new))


@pytest.mark.parametrize("seconds", [0.5, 5.1])
def test_lengths_out_of_range_are_refused(seconds: float) -> None:
    with pytest.raises(InputError, match="between 1 and 5 seconds"):
        parse_catalogue(MODEL)["slow"].check_duration(seconds)
