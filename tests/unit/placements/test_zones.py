"""Words of films and what platforms cover."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import frame_size
from adreel.domain.films.shown_words import ShownWords, read_plain, to_plain
from adreel.media.overlays.safe_area import safe_area
from adreel.placements.judge import judge
from adreel.placements.loader import load_placements
from adreel.placements.measurements import as_json
from adreel.placements.placement import Level, Placement, SafeZone, Source
from adreel.placements.zones import Outcome, clear_area, judge_zone
from support.measured import GOOD

ZONE = SafeZone(269, 672, 65, 65, Source("a page", "2026-11"))
TALL = replace(GOOD, width=540, height=960)


def words(top: float, bottom: float, left: float = 100, right: float = 400, text: str = "Shop now") -> ShownWords:
    return ShownWords("button", text, Box(left, top, right, bottom), 0, 30, 48.0)


@pytest.mark.parametrize(
    ("shown", "outcome"),
    [
        (words(140, 620), Outcome.PASSED),
        (words(134, 620), Outcome.PASSED),
        (words(130, 620), Outcome.FAILED),
        (words(140, 630), Outcome.FAILED),
        (words(140, 620, left=20), Outcome.FAILED),
        (words(140, 620, right=520), Outcome.FAILED),
    ],
)
def test_words_are_compared_with_the_zone_at_the_size_of_the_film(shown: ShownWords, outcome: Outcome) -> None:
    verdict = judge_zone(replace(TALL, words=(shown,)), ZONE)
    assert verdict is not None
    assert verdict.outcome is outcome
    assert verdict.covered == ((shown,) if outcome is Outcome.FAILED else ())


def test_films_of_other_shapes_and_of_unknown_words_are_not_judged() -> None:
    wide, unknown = replace(TALL, width=960, height=540, words=()), replace(TALL, words=None)
    for film, outcome in ((wide, Outcome.NOT_APPLICABLE), (unknown, Outcome.NOT_CHECKED)):
        verdict = judge_zone(film, ZONE)
        assert verdict is not None
        assert verdict.outcome is outcome
        assert verdict.measured.startswith(outcome.value)
    assert judge_zone(TALL, None) is None


def test_covered_words_are_advice_and_named_without_what_cannot_be_printed() -> None:
    placement = Placement("p", "P", "9:16", (), safe_zone=ZONE)
    judgement = judge(replace(TALL, words=(words(0, 900, text="Buy\x1b[31m it"),)), placement)
    assert judgement.worst is Level.ADVICE
    assert judgement.zone is not None
    assert judgement.zone.measured == "covered: button 'Buy[31m it'"
    assert judge(replace(TALL, words=(words(140, 620),)), placement).worst is None


def test_the_smallest_letters_are_ruled() -> None:
    rules = load_placements()["amazon-sponsored-brands"]
    small, large = (replace(GOOD, words=(replace(words(1, 2), type_size=size),)) for size in (39.0, 81.0))
    found = {
        verdict.rule.field: (verdict.measured, verdict.outcome)
        for verdict in judge(small, rules).verdicts
        if verdict.rule.field.startswith("text_")
    }
    assert found == {"text_points": ("29.25 pt", Outcome.FAILED), "text_pixels": ("39 px", Outcome.FAILED)}
    assert not any(each.failed for each in judge(large, rules).verdicts if each.rule.field.startswith("text_"))
    none = [each.outcome for each in judge(replace(GOOD, words=()), rules).verdicts if each.rule.field == "text_pixels"]
    assert none == [Outcome.NOT_APPLICABLE]
    assert as_json(small)["text_points"] == 29.25


def test_words_are_stored_as_plain_values() -> None:
    shown = (replace(words(1, 2), fonts=("Inter",)),)
    assert read_plain(to_plain(shown)) == shown
    for broken in ([{}], [{**to_plain(shown)[0], "box": [1, 2]}], [{**to_plain(shown)[0], "first": "x"}]):
        with pytest.raises(ValueError, match="no words of a film"):
            read_plain(broken)


@pytest.mark.parametrize("name", [name for name, each in load_placements().items() if each.safe_zone])
def test_the_area_for_words_is_clear_of_every_placement(name: str) -> None:

    zone, size = load_placements()[name].safe_zone, frame_size("9:16")
    assert zone is not None
    assert clear_area(zone, size.width, size.height).grown(1).holds(safe_area(size))
