from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adreel.catalogue.recipes import recipes
from adreel.domain.ad import Ad, EndCard, Offer
from adreel.domain.films.formats import FPS, to_frames
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import end_frames, needed_frames
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.media.speech.estimate import speaking_seconds
from adreel.providers.planning.script_rules import write_by_rules

FACTS = ("Hand-glazed stoneware", "Holds 350 ml", "Dishwasher safe")
OFFER = Offer(Decimal(25), "EUR", Decimal(35))
REQUEST = AdRequest(("a.jpg", "b.jpg"), "Morgen Mug", FACTS, OFFER, EndCard("Order yours"), spoken=True)


def lines_of(ad: Ad) -> list[str | None]:
    return [beat.spoken for beat in ad.beats]


def test_a_spoken_ad_says_what_it_shows_and_ends_with_its_call() -> None:
    assert lines_of(write_by_rules(REQUEST)) == [
        "Meet the Morgen Mug.",
        "Hand-glazed stoneware.",
        "It holds 350 ml.",
        "Just €25. Order yours.",
    ]


@pytest.mark.parametrize("name", [name for name in recipes() if name not in ("problem-solution", "quotes")])
@pytest.mark.parametrize("seconds", [None, 12.0])
def test_lines_fit_the_film_and_claim_nothing_new(name: str, seconds: float | None) -> None:
    ad = write_by_rules(replace(REQUEST, recipe=name, seconds=seconds))
    check_ad(ad)
    spoken = [0 if line is None else speaking_seconds(line) * FPS + 12 for line in lines_of(ad)]
    needed = (max(needed_frames(beat, ad.style), line) for beat, line in zip(ad.beats, spoken, strict=True))
    assert any(lines_of(ad))
    assert sum(needed) + end_frames(ad) <= to_frames(ad.seconds or 0)
    assert ad.seconds == seconds or (seconds is None and (ad.seconds or 0) <= 1.25 * recipes()[name].seconds)


def test_a_film_of_a_given_length_keeps_it() -> None:
    assert write_by_rules(replace(REQUEST, seconds=12.0)).seconds == 12.0
    assert write_by_rules(replace(REQUEST, spoken=False)).seconds == 12.0


@pytest.mark.parametrize(
    ("product", "line"),
    [
        ("Lumen", "Meet Lumen."),
        ("The Morgen Mug", "Meet The Morgen Mug."),
        ("Trail Shoe, blue, size 42", "Meet the Trail Shoe."),
        ("Desk Lamp (black)", "Meet the Desk Lamp."),
    ],
)
def test_a_product_is_named_as_people_say_it(product: str, line: str) -> None:
    ad = write_by_rules(replace(REQUEST, product=product, recipe="launch", facts=FACTS[:1], offer=None))
    assert ad.beats[0].spoken == line


def test_several_things_are_no_it() -> None:
    assert "Holds 350 ml." in lines_of(write_by_rules(replace(REQUEST, product="Morgen Mugs")))


def test_a_quotation_is_spoken_as_it_was_said() -> None:
    ad = write_by_rules(replace(REQUEST, facts=("“Perfect size.” – Tom",), recipe="quotes"))
    assert "“Perfect size.” – Tom" in lines_of(ad)


def test_lines_are_in_the_language_of_the_facts() -> None:
    facts = ("Handglasiertes Steingut aus Portugal.", "Mit dem Griff für vier Finger")
    ad = write_by_rules(replace(REQUEST, facts=facts, end=EndCard()))
    assert ad.beats[0].spoken == "Das ist Morgen Mug. 28 % Rabatt."
    assert ad.beats[-1].spoken == "Jetzt 25\u00a0€ statt 35\u00a0€. Jetzt entdecken."
