"""Which variants are tried, in which order, and what their scripts are."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, islice

import numpy as np
import pytest

from adreel.domain.ad import Ad, Beat, BeatShot, EndCard, ScreenText, TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.scripts.ad_timing import least_seconds
from adreel.variants.choosing import farthest_first, unlikeness
from adreel.variants.opening import Opening, distance
from adreel.variants.variant import USUAL_AXES, Axis, Pace, Variant, all_variants, usual_variant, varied_script

BEATS = (
    Beat("hook", BeatShot(1), (ScreenText(TextRole.HEADLINE, "Morgen Mug"),)),
    Beat("view", BeatShot(2)),
    Beat("fact", BeatShot(3), (ScreenText(TextRole.BULLET, "Holds 350 ml"),), seconds=3.0),
)
AD = Ad("Morgen Mug", BEATS, EndCard("Order yours"), style="bold", seconds=14.0)
USUAL = usual_variant(AD, FilmOptions(), "upbeat")


def test_the_first_variant_is_the_film_of_the_script() -> None:
    assert Variant(0, 0, Pace.USUAL, "bold", "upbeat", "16:9") == USUAL
    assert all_variants(AD, USUAL, USUAL_AXES)[0] == USUAL
    assert varied_script(AD, USUAL) == AD


def test_hooks_have_words_and_every_combination_is_there_once() -> None:
    found = all_variants(AD, USUAL, (Axis.HOOK, Axis.SHOT, Axis.FORMAT))
    assert len(found) == len(set(found)) == 2 * 3 * 4, "two beats with words, three shots, four formats"
    assert {each.hook for each in found} == {0, 2}
    assert {each.style for each in found} == {"bold"}, "only what is asked for varies"


def test_a_variant_says_and_shows_everything_but_opens_otherwise() -> None:
    varied = varied_script(AD, replace(USUAL, hook=2, shot=1, pace=Pace.FAST, style="luxury"))
    assert [beat.name for beat in varied.beats] == ["fact", "hook", "view"]
    assert [beat.shot.photo for beat in varied.beats] == [2, 1, 3]
    assert {beat.shot.intensity for beat in varied.beats} == {0.9}
    assert (varied.beats[0].seconds, varied.style) == (2.4, "luxury")
    assert varied.beats[0].words == (ScreenText(TextRole.HEADLINE, "Holds 350 ml"),), "what opens a film is set large"


def test_a_fast_film_is_not_too_short_to_be_read() -> None:
    fast = replace(USUAL, pace=Pace.FAST)
    assert varied_script(AD, fast).seconds == pytest.approx(11.2)
    needed = least_seconds(AD)
    assert varied_script(replace(AD, seconds=needed), fast).seconds == pytest.approx(needed, abs=0.1)
    slow_style = varied_script(replace(AD, seconds=needed), replace(USUAL, style="luxury"))
    assert slow_style.seconds == pytest.approx(least_seconds(slow_style), abs=0.1)
    assert varied_script(replace(AD, seconds=3.0), fast).seconds == 3.0, "a script that cannot be filmed stays so"


def test_each_choice_is_least_like_those_before_it() -> None:
    candidates = all_variants(AD, USUAL, USUAL_AXES)
    chosen = list(islice(farthest_first(candidates), 6))
    nearest = [min(unlikeness(new, old) for old in chosen[:count]) for count, new in enumerate(chosen) if count]
    assert nearest == sorted(nearest, reverse=True)
    assert min(unlikeness(*pair) for pair in combinations(chosen, 2)) > 0.3
    assert list(islice(farthest_first(candidates), 6)) == chosen, "the same order every time"
    assert len(list(farthest_first(candidates[:40]))) == 40


def test_axes_that_cannot_vary_are_refused() -> None:
    with pytest.raises(InputError, match="at least one of hook, shot"):
        all_variants(AD, USUAL, ())
    with pytest.raises(InputError, match=r"the music is 'own\.mp3'"):
        all_variants(AD, replace(USUAL, music="own.mp3"), (Axis.MUSIC,))


def test_a_distance_has_parts_from_nothing_to_everything() -> None:
    dark = Opening(np.zeros((4, 16, 16), np.float32), np.eye(36, dtype=np.float32)[0], 0.0, frozenset({"mug"}))
    light = Opening(np.ones((3, 16, 16), np.float32), np.eye(36, dtype=np.float32)[7], 0.2, frozenset({"bowl"}))
    assert distance(dark, dark).whole == 0
    assert distance(dark, light).whole == pytest.approx(1)
    half = distance(dark, replace(dark, words=frozenset({"mug", "bowl"})))
    assert (half.words, half.whole) == (0.5, pytest.approx(0.175))
