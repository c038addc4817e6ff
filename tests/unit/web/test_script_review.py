from __future__ import annotations

from dataclasses import replace

from adreel.domain.ad import Ad, Beat, BeatShot, EndCard, ScreenText, TextRole
from adreel.web.script_review import review
from support.ads import MUG


def headline(text: str) -> tuple[ScreenText, ...]:
    return (ScreenText(TextRole.HEADLINE, text),)


def saying(*texts: str, seconds: float | None = None) -> Ad:
    beats = tuple(Beat(f"beat {place}", BeatShot(1), headline(text)) for place, text in enumerate(texts))
    return Ad("Morgen Mug", beats, facts=("Holds 350 ml",), seconds=seconds)


def test_a_script_that_can_be_filmed_has_no_findings_and_its_lengths_add_up() -> None:
    found = review(MUG)
    assert not found.problems
    assert found.total == MUG.seconds
    assert (len(found.seconds), found.end > 0) == (3, True)


def test_every_claim_without_a_source_is_found_where_it_stands() -> None:
    ad = replace(saying("Holds 350 ml", "Holds 500 ml", "The best mug"), end=EndCard("Clinically proven"))
    problems = review(ad).problems
    assert set(problems) == {"beats.1.words.0.text", "beats.2.words.0.text", "end.cta"}
    assert "“best” in “The best mug”" in problems["beats.2.words.0.text"]


def test_words_that_are_too_long_for_the_film_are_named_with_the_length_that_they_need() -> None:
    words = "Clay from the river, shaped and glazed in a small house beside the water"
    found = review(saying("Morgen", words, seconds=3))
    assert set(found.problems) == {"seconds"}
    assert words in found.problems["seconds"]
    assert not review(replace(saying("Morgen", words), seconds=found.least)).problems


def test_a_beat_that_is_too_short_for_its_words_is_named() -> None:
    beat = Beat("hook", BeatShot(1), headline("Glazed by hand in our studio"), seconds=1)
    found = review(Ad("Morgen Mug", (beat,)))
    assert set(found.problems) == {"beats.0.seconds"}
    assert "are shown for 1 s" in found.problems["beats.0.seconds"]


def test_a_badge_that_promises_more_than_the_prices_is_found() -> None:
    assert MUG.offer is not None
    ad = replace(MUG, offer=replace(MUG.offer, badge="Save 50 %"))
    assert "offer.badge" in review(ad).problems
