from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adreel.domain.ad import Ad, Beat, BeatShot, EndCard
from adreel.domain.brand import BrandKit, branded_ad, branded_options, branded_request, check_kit
from adreel.domain.errors import InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.logo import BrandLogo
from adreel.domain.scripts.ad_request import AdRequest

KIT = BrandKit("morgen", "Morgen", "#1F6F78", "Inter", "Buy", "morgen.example", "While stocks last.")
AD = Ad("Mug", (Beat("hook", BeatShot(1)),))


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-a", "a" * 41, "a b", "a\n"])
def test_a_name_can_never_be_another_folder(name: str) -> None:
    with pytest.raises(InputError, match="is no name"):
        check_kit(BrandKit(name))


def test_a_colour_is_checked() -> None:
    with pytest.raises(InputError, match="teal"):
        check_kit(BrandKit("morgen", color="teal"))


def test_the_kit_says_what_a_request_leaves_open() -> None:
    request = branded_request(KIT, AdRequest(("mug.jpg",)))
    assert request.end == EndCard("Buy", "morgen.example", "While stocks last.")
    assert request.brand == "Morgen"
    own = AdRequest(("mug.jpg",), end=EndCard("", "shop.example", "Own."), brand="Own")
    assert branded_request(KIT, own) == own


def test_the_kit_says_what_a_script_leaves_open_but_makes_no_call_to_action() -> None:
    branded = branded_ad(KIT, AD)
    assert branded.end == EndCard(None, "morgen.example", "While stocks last.")
    assert branded.brand == "Morgen"
    own = Ad("Mug", AD.beats, EndCard("Go", "shop.example", "Own."), "Own")
    assert branded_ad(KIT, own) == own


def test_the_kits_colour_and_font_give_way_to_options() -> None:
    assert branded_options(KIT, FilmOptions()) == FilmOptions(color="#1F6F78", font="Inter")
    assert branded_options(KIT, FilmOptions(color="#000000", font="Lora")) == FilmOptions(color="#000000", font="Lora")
    heard = replace(KIT, music="chill")
    assert [branded_options(heard, FilmOptions(music=each)).music for each in (None, "none", "upbeat")] == [
        "chill",
        "none",
        "upbeat",
    ]


def test_the_version_of_a_logo_follows_the_ground() -> None:
    light, dark = Path("light"), Path("dark")
    assert BrandLogo(light, dark).for_ground(is_dark=True) == dark
    assert BrandLogo(light, dark).for_ground(is_dark=False) == light
    assert BrandLogo(light).for_ground(is_dark=True) == light
    with pytest.raises(InputError, match="no file"):
        BrandLogo().for_ground(is_dark=True)
