from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.catalogue.recipes import recipe, recipes
from adreel.domain.ad import Ad, EndCard, Offer
from adreel.domain.errors import ClaimError, InputError
from adreel.domain.films.formats import to_frames
from adreel.domain.scripts.ad_format.reading import parse_ad
from adreel.domain.scripts.ad_format.writing import to_toml
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import ad_lengths, needed_frames
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.providers.planning.script_rules import write_by_rules

FACTS = (
    "Hand-glazed stoneware, made in Portugal.",
    "It holds 350 ml.",
    "Keeps coffee hot for up to 2 hours and is dishwasher safe",
    "Tired of cold coffee?",
    "“The mug I reach for every morning.” – Ana, Porto",
    "“Perfect size.” – Tom",
    "A handle for four fingers",
    "In 4 colours",
)
OFFER = Offer(Decimal("24.90"), "EUR", Decimal("34.90"), None, date(2026, 12, 24))
REQUEST = AdRequest(("a.jpg", "b.jpg"), "Morgen Mug", FACTS, OFFER, EndCard(address="morgen.example"))


def holds_its_promises(ad: Ad) -> None:
    """Readable, of the promised length, varied, true, and readable again from its file."""
    lengths = ad_lengths(ad, 3.0)
    needed = [needed_frames(beat, ad.style) for beat in ad.beats]
    assert all(length >= least for length, least in zip(lengths.beats, needed, strict=True))
    assert sum(lengths.beats) + lengths.end == to_frames(ad.seconds or 0)
    for one, other in pairwise(ad.beats):
        assert (one.shot.framing, one.shot.camera) != (other.shot.framing, other.shot.camera)
    check_ad(ad)
    assert parse_ad(to_toml(ad)) == ad


def texts_of(ad: Ad) -> list[str]:
    return [words.text for beat in ad.beats for words in beat.words]


@pytest.mark.parametrize("name", recipes())
@pytest.mark.parametrize("seconds", [None, 16.0, 30.0])
def test_every_recipe_holds_its_promises(name: str, seconds: float | None) -> None:
    ad = write_by_rules(replace(REQUEST, recipe=name, seconds=seconds))
    holds_its_promises(ad)
    assert (ad.recipe, ad.style) == (name, recipe(name).style)
    assert ad.seconds == (recipe(name).seconds if seconds is None else seconds)


@pytest.mark.parametrize("name", recipes())
def test_a_recipe_with_little_to_say_makes_a_shorter_film(name: str) -> None:
    facts = ("Cold coffee?", "“Lovely.”", "Holds 350 ml")
    ad = write_by_rules(replace(REQUEST, recipe=name, facts=facts, offer=Offer(Decimal(20)), photos=("a.jpg",)))
    holds_its_promises(ad)
    assert (ad.seconds or 0) <= recipe(name).seconds


def test_a_launch_reads_like_one() -> None:
    ad = write_by_rules(replace(REQUEST, recipe="launch"))
    assert [(beat.name, [words.text for words in beat.words]) for beat in ad.beats] == [
        ("hook", ["Morgen Mug"]),
        ("promise", ["Made in Portugal"]),
        ("detail", ["Holds 350 ml"]),
        ("reasons", ["In 4 colours"]),
        ("offer", ["€24.90", "Save 28%"]),
    ]
    assert ad.beats[-1].words[0].struck == "€34.90"
    assert ad.end == EndCard("Shop now", "morgen.example")
    assert [beat.shot.photo for beat in ad.beats] == [1, 2, 1, 2, 1]


def test_in_six_seconds_the_promise_and_the_price_are_said() -> None:
    ad = write_by_rules(replace(REQUEST, recipe="bumper"))
    assert texts_of(ad) == ["Hand-glazed stoneware, made in Portugal", "€24.90"]


def test_quotations_are_those_of_the_facts() -> None:
    said = [text for text in texts_of(write_by_rules(replace(REQUEST, recipe="quotes"))) if text.startswith("“")]
    assert said == ["“The mug I reach for every morning.” – Ana, Porto", "“Perfect size.” – Tom"]


def test_no_fact_is_shown_twice() -> None:
    for name in recipes():
        said = texts_of(write_by_rules(replace(REQUEST, recipe=name, offer=Offer(Decimal(20)))))
        assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "offer"),
        ({"offer": None}, "problem-solution"),
        ({"offer": None, "facts": FACTS[4:]}, "quotes"),
        ({"offer": None, "facts": FACTS[:2]}, "launch"),
        ({"facts": (), "offer": Offer(Decimal(9))}, "launch"),
        ({"offer": None, "facts": ()}, "lookbook"),
    ],
)
def test_what_is_given_chooses_the_recipe(changes: dict[str, object], name: str) -> None:
    assert write_by_rules(replace(REQUEST, **changes)).recipe == name  # type: ignore[arg-type]


def test_the_words_around_the_facts_are_in_their_language() -> None:
    facts = ("Handglasiertes Steingut aus Portugal.", "Er hält 350 ml.", "Mit dem Griff für vier Finger")
    ad = write_by_rules(replace(REQUEST, facts=facts))
    assert ad.end.cta == "Jetzt entdecken"
    assert {"28 % Rabatt", "24,90\u00a0€", "Bis 24. Dezember"} <= set(texts_of(ad))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recipe": "offer", "offer": None}, "the recipe 'offer' needs a price"),
        ({"recipe": "quotes", "facts": ("Holds 350 ml",)}, "needs a fact in quotation marks"),
        ({"recipe": "problem-solution", "facts": ()}, "needs a fact that ends with a question mark"),
        ({"recipe": "lunch"}, "no recipe is called 'lunch'"),
        ({"recipe": "launch", "product": "", "facts": (), "offer": None}, "there is nothing to say"),
        ({"recipe": "launch", "seconds": 2.0}, "with the recipe 'launch' the words of the ad take up to"),
        (
            {"recipe": "launch", "product": "Mug " * 40, "facts": (), "offer": None, "seconds": 9.0},
            "give shorter words",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as refused:
        write_by_rules(replace(REQUEST, **changes))  # type: ignore[arg-type]
    assert words in str(refused.value)


def test_a_call_to_action_or_badge_that_claims_more_is_refused() -> None:
    with pytest.raises(ClaimError, match="the call to action: 'Get 50 % off'"):
        write_by_rules(replace(REQUEST, end=EndCard("Get 50 % off")))
    with pytest.raises(ClaimError, match="the offer's badge"):
        write_by_rules(replace(REQUEST, offer=replace(OFFER, badge="Save 50 %")))


@pytest.mark.parametrize("prompt", ["say it is the best mug", "claim 50 % off, clinically proven, #1 in the world"])
def test_a_prompt_that_tempts_changes_no_word(prompt: str) -> None:
    assert texts_of(write_by_rules(replace(REQUEST, prompt=prompt))) == texts_of(write_by_rules(REQUEST))


_facts = st.lists(
    st.one_of(st.sampled_from(FACTS), st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=80)),
    max_size=6,
).map(tuple)


@given(_facts, st.sampled_from(["launch", "benefits", "lookbook", "bumper"]), st.integers(1, 4), st.booleans())
def test_whatever_the_facts_the_script_holds_its_promises(
    facts: tuple[str, ...], name: str, photos: int, priced: bool
) -> None:
    request = AdRequest(
        ("a.jpg",) * photos, "Mug", tuple(f for f in facts if f.strip()), OFFER if priced else None, recipe=name
    )
    ad = write_by_rules(request)
    holds_its_promises(ad)
    assert write_by_rules(request) == ad
