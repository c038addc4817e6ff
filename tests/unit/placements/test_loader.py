from __future__ import annotations

from pathlib import Path

import pytest

from adreel.domain.errors import InputError
from adreel.domain.films.formats import ASPECTS
from adreel.placements.judge import judge
from adreel.placements.loader import find_placements, load_placements
from adreel.placements.placement import Level, Operator
from support.measured import GOOD

NAMES = {
    *("meta-feed", "meta-reels", "meta-stories", "meta-catalogue", "tiktok-in-feed", "tiktok-reservation"),
    *("youtube-in-stream", "youtube-bumper", "youtube-shorts", "demand-gen", "pmax", "google-app", "dv360"),
    *("amazon-sponsored-brands", "amazon-sponsored-display", "amazon-streaming-tv", "amazon-online-video"),
    *("pinterest", "snapchat", "linkedin", "x"),
}


def test_every_placement_has_rules_with_a_source_and_a_day() -> None:
    known = load_placements()
    assert set(known) == NAMES
    for placement in known.values():
        assert placement.rules
        assert placement.aspect in ASPECTS
        assert not placement.own
        for rule in placement.rules:
            assert rule.source.text
            assert rule.source.seen_on.startswith("2026-")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_film_can_be_judged_for_every_placement(name: str) -> None:
    verdicts = judge(GOOD, load_placements()[name]).verdicts
    assert all(verdict.asked and verdict.measured for verdict in verdicts)


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text)
    return path


RULE = '[[placements.{}.rules]]\nfield = "seconds"\noperator = "at_most"\nvalue = 3\nlevel = "reject"\n'


def test_the_users_rules_replace_those_about_the_same_field(tmp_path: Path) -> None:
    shipped = load_placements()["youtube-bumper"]
    laid_over = load_placements(own(tmp_path, RULE.format("youtube-bumper")))["youtube-bumper"]
    assert [rule.value for rule in laid_over.rules_of("seconds")] == [3]
    assert laid_over.rules_of("aspect") == shipped.rules_of("aspect")
    assert (laid_over.title, laid_over.aspect, laid_over.seconds) == (shipped.title, "16:9", 6.0)
    assert laid_over.own
    assert laid_over.rules_of("seconds")[0].source.text == "your own file"


def test_a_placement_of_the_users_own_is_added(tmp_path: Path) -> None:
    text = '[placements.shop]\ntitle = "Shop window"\naspect = "1:1"\n' + RULE.format("shop")
    (rule,) = load_placements(own(tmp_path, text))["shop"].rules
    assert (rule.level, rule.operator) == (Level.REJECT, Operator.AT_MOST)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[placements.shop", "not valid TOML"),
        ('[placements.shop]\naspect = "1:1"', "lacks the field 'title'"),
        ('[placements.shop]\ntitle = "S"\naspect = "5:1"', "must be one of 16:9"),
        (RULE.format("x").replace('"seconds"', '"loudnes"'), "'field' must be one of"),
        (RULE.format("x").replace("value = 3", 'value = "3"'), "a number"),
        (RULE.format("x").replace("value = 3", "value = [3]"), "a number"),
        (RULE.format("x").replace('"at_most"', '"between"'), "a list of two numbers"),
        (RULE.format("x").replace('"at_most"', '"is"'), "true or false"),
        (RULE.format("x") + 'why = "so"\n', "'why', which means nothing"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        load_placements(own(tmp_path, text))


def test_unknown_placements_are_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'meta-real'.*meta-reels"):
        find_placements(load_placements(), ("meta-real",))
    assert len(find_placements(load_placements(), ("x", "x"))) == 1
