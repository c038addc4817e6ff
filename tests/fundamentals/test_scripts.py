"""A script says what an ad shows and says, beat by beat. It is written from the user's facts, as data that people edit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adreel.domain.ad import Offer, ScreenText, TextRole
from adreel.domain.errors import ClaimError
from adreel.domain.scripts.ad_format.reading import parse_ad
from adreel.domain.scripts.ad_format.writing import to_toml
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import ad_lengths
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.providers.planning.script_rules import write_by_rules

REQUEST = AdRequest(
    ("mug.jpg",), "Morgen Mug", ("Hand-glazed stoneware", "Holds 350 ml"), Offer(Decimal("24.90"), "EUR")
)


def test_a_script_is_written_from_facts_and_an_offer() -> None:
    """A recipe decides the beats; their words are the user's own."""
    said = {words.text for beat in write_by_rules(REQUEST).beats for words in beat.words}
    assert said == {"Morgen Mug", "Hand-glazed stoneware", "Holds 350 ml", "€24.90"}


def test_a_script_is_a_text_file() -> None:
    """What is written reads back equal, so that nothing is lost between the command that writes and the one that makes."""
    ad = write_by_rules(REQUEST)
    assert parse_ad(to_toml(ad)) == ad


def test_every_beat_is_long_enough_to_be_read() -> None:
    """Beats share the film, and its length is exact; words that cannot be read in it are an error."""
    ad = replace(write_by_rules(REQUEST), seconds=15.0)
    lengths = ad_lengths(ad, clip_seconds=3.0)
    assert sum(lengths.beats) + lengths.end == 15 * 30
    assert min(lengths.beats) >= 30


def test_a_claim_needs_a_source() -> None:
    """No matter who wrote the words, a number or a superlative must be among the facts."""
    ad = write_by_rules(REQUEST)
    best = replace(ad.beats[0], words=(ScreenText(TextRole.HEADLINE, "The best mug"),))
    with pytest.raises(ClaimError, match="'The best mug' claims a superlative"):
        check_ad(replace(ad, beats=(best, *ad.beats[1:])))
