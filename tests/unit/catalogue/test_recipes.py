from __future__ import annotations

import re
from importlib import resources

import pytest

from adreel.catalogue.recipes import Need, parse_recipes, recipe, recipes
from adreel.domain.errors import InputError
from adreel.domain.scripts.ad_timing import MOVEMENT_FRAMES

SHIPPED = resources.files("adreel.catalogue").joinpath("recipes.toml").read_text(encoding="utf-8")


def test_these_recipes_ship() -> None:
    assert list(recipes()) == ["launch", "benefits", "offer", "problem-solution", "lookbook", "quotes", "bumper"]
    assert {name: found.needs for name, found in recipes().items() if found.needs} == {
        "offer": (Need.PRICE,),
        "problem-solution": (Need.QUESTION,),
        "quotes": (Need.QUOTE,),
    }
    assert recipe("bumper").seconds == 6


def test_every_recipe_names_a_style_whose_timing_is_known() -> None:
    assert {found.style for found in recipes().values()} <= MOVEMENT_FRAMES.keys()


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(InputError, match="no recipe is called 'lunch'; choose one of launch, benefits"):
        recipe("lunch")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('pace = "steady"', 'pace = "fast"', "'launch': the field 'pace' must be one of slow, steady, brisk"),
        ("seconds = 15.0", "seconds = 0", "'launch': the field 'seconds' must be a number above 0"),
        ("seconds = 15.0", "second = 15.0", "lacks the field 'seconds'"),
        ('mood = "neutral"', 'mood = "neutral"\nmod = 1', "has the field 'mod', which means nothing"),
        ("needs = []", 'needs = ["money"]', "must be a list of price, quote, question; 'money' is none of them"),
        ('source = "product"', 'source = "name"', "the field 'source' must be one of product"),
        (
            'framing = ["detail"]\ncamera = ["pan_right", "tilt_up"]',
            'framing = ["detail"]\ncamera = ["static"]',
            "'detail': give a second",
        ),
        ('name = "promise"', 'name = "hook"', "two beats have the same name"),
        ("weight = 1.1", "weight = 0", "'hook': the field 'weight' must be a number above 0"),
        ("[recipes.launch]", "[recipes.launch", "not valid TOML"),
    ],
)
def test_a_mistake_in_a_recipe_is_named(old: str, new: str, words: str) -> None:
    assert old in SHIPPED
    with pytest.raises(InputError) as refused:
        parse_recipes(SHIPPED.replace(old, new, 1))
    assert words in str(refused.value)


def test_a_recipe_keeps_at_least_one_beat() -> None:
    with pytest.raises(InputError, match="every beat may fall away"):
        parse_recipes(re.sub(r"drop = \d", "drop = 1", SHIPPED))
