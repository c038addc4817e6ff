"""One type holds the options of a film; CLI, API, page and jobs derive theirs from it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adreel.agents.options import NEUTRAL_COLOR, check_request, film_spec, spec_of
from adreel.cli.film_options import option_parameters
from adreel.domain.errors import InputError, MusicError, TextError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Fit, IntroStyle, Transition
from adreel.domain.films.film_options import (
    Control,
    FilmOption,
    FilmOptions,
    film_option_fields,
    option,
    read_json,
    read_request,
    to_json,
    to_request,
)
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.scene import Mood
from adreel.routers.schemas.film_options import answer_body, request_body
from adreel.web.finishing import OWN_CONTROLS, option_controls


@dataclass(frozen=True, slots=True)
class Extended(FilmOptions):
    """`FilmOptions` with two more options, which the rest of adreel does not know."""

    watermark: bool = option(False, FilmOption(Control.SWITCH, "Watermark", "Shows a mark.", ("watermark",)))
    tagline: str | None = option(
        None, FilmOption(Control.TEXT, "Tagline", "A line below the name.", ("text_overlay", "tagline"))
    )


NEW = {"watermark", "tagline"}


def test_a_new_option_is_on_the_command_line() -> None:
    flags = {each.name: each for each in option_parameters(Extended)}
    assert set(flags) >= NEW
    assert flags["watermark"].annotation.__metadata__[0].help == "Shows a mark."


def test_a_new_option_is_in_the_schema_of_the_api() -> None:
    schema = request_body("Asked", Extended).model_json_schema()
    assert "watermark" in schema["properties"]
    assert "tagline" in schema["$defs"]["TextOverlayBody"]["properties"]
    answer = answer_body("Told", ("text_overlay", "audio"), Extended).model_json_schema()
    assert "watermark" in answer["required"]


def test_a_new_option_is_in_the_json_of_a_job() -> None:
    options = Extended(aspect="9:16", watermark=True, tagline="since 1921")
    kept = json.loads(json.dumps(to_json(options)))
    assert {name: kept[name] for name in NEW} == {"watermark": True, "tagline": "since 1921"}
    assert read_json(kept, "9:16", Extended) == options


def test_a_new_option_is_in_a_request_and_comes_back_from_it() -> None:
    options = Extended(watermark=True, tagline="since 1921", seed=3)
    asked = request_body("Asked", Extended).model_validate(to_request(options)).model_dump(mode="json")
    assert read_request(asked, seed=3, kind=Extended) == options


def test_a_new_option_is_on_the_page() -> None:
    controls = {control.path: control for control in option_controls(Extended(watermark=True))}
    assert controls["watermark"].value is True
    assert controls["text_overlay.tagline"].about.label == "Tagline"


def test_every_option_is_explained() -> None:
    for each, about in film_option_fields():
        assert about.help.endswith("."), each.name
        assert about.label, each.name


def test_the_page_draws_only_options_that_exist() -> None:
    assert {each.name for each, _ in film_option_fields()} >= OWN_CONTROLS


def test_a_job_of_an_older_version_has_the_defaults_of_what_it_did_not_know() -> None:
    assert read_json({"name": "Mug", "transition": "crossfade"}, "1:1") == FilmOptions(
        name="Mug", transition=Transition.CROSSFADE, aspect="1:1"
    )


def test_an_option_of_a_newer_version_is_refused_not_lost() -> None:
    with pytest.raises(InputError, match="hologram"):
        read_json({"hologram": True}, "16:9")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"hologram": True}, "hologram"),
        ({"text_overlay": {"size": 3}}, "text_overlay.size"),
        ({"audio": {"a": 1}}, "audio.a"),
    ],
)
def test_an_unknown_option_of_a_request_is_named(body: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_request(body)


def test_a_value_that_is_no_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(InputError, match="cut, crossfade"):
        read_request({"transition": "wipe"})


@pytest.mark.parametrize("font", ["own.ttf", "/etc/fonts/a", "../a", "a\\b", "own.OTF"])
def test_a_font_of_a_request_is_named_never_opened(font: str) -> None:
    with pytest.raises(TextError):
        check_request(read_request({"text_overlay": {"font": font}}))


def test_music_of_a_request_is_a_genre_or_none() -> None:
    assert read_request({"audio": {"enabled": False, "genre": "chill"}}).music == "none"
    assert read_request({"audio": {"enabled": True, "genre": "chill"}}).music == "chill"
    assert read_request({}).music is None
    with pytest.raises(MusicError):
        check_request(read_request({"audio": {"enabled": True, "genre": "music.mp3"}}))


def test_blank_words_are_none() -> None:
    assert read_request({"text_overlay": {"product_name": "  ", "font": ""}}) == FilmOptions()


def test_a_film_ordered_as_json_is_the_film_that_was_meant() -> None:
    asked = read_request({"audio": {"enabled": False}, "transition": "crossfade"}, seed=7)
    options = read_json(json.loads(json.dumps(to_json(asked))), "9:16")
    spec = spec_of(options, "", NEUTRAL_COLOR, ASPECTS)
    # By identity, as the code that draws compares.
    assert spec.fit is Fit.BLUR
    assert spec.transition is Transition.CROSSFADE
    assert (spec.size, spec.seed) == (ASPECTS["9:16"], 7)
    assert options == replace(asked, aspect="9:16")


def test_each_product_has_music_of_its_own_and_an_order_always_the_same() -> None:
    def music(options: FilmOptions, product: str = "") -> int:
        return film_spec(options, Mood.NEUTRAL, NEUTRAL_COLOR, product).music_seed

    mug, watch = FilmOptions(name="Morgen"), FilmOptions(name="Hale")
    assert music(mug) != music(watch)
    assert music(FilmOptions(), "one photo") != music(FilmOptions(), "another")
    assert music(mug) != music(replace(mug, seed=1))
    # Other words, colours and formats keep the music: a change of them makes only what shows them.
    assert music(mug) == music(replace(mug, cta="Order yours", color="#204060", aspect="9:16"), "a photo")


def test_a_draft_is_the_same_film_at_half_the_size() -> None:
    for aspect, full in ASPECTS.items():
        film = film_spec(FilmOptions(aspect=aspect), Mood.NEUTRAL, NEUTRAL_COLOR)
        draft = film_spec(FilmOptions(aspect=aspect, draft=True), Mood.NEUTRAL, NEUTRAL_COLOR)
        assert (draft.composed_for, draft.profile) == (full, EncoderProfile.DRAFT)
        assert draft.size.aspect == aspect
        assert draft.size.width % 2 == draft.size.height % 2 == 0
        assert 540 <= min(draft.size.width, draft.size.height) <= 544
        assert replace(draft, size=full, profile=EncoderProfile.STANDARD, composed_for=None) == film
    sizes = {"1:1": FrameSize(200, 200)}
    assert spec_of(FilmOptions(aspect="1:1", draft=True), "", NEUTRAL_COLOR, sizes).size == FrameSize(100, 100)


def test_an_intro_with_the_product_lasts_as_long_as_the_name_takes_to_read() -> None:
    options = FilmOptions(name="Morgen Mug", intro_style=IntroStyle.LUXURY)
    assert film_spec(replace(options, intro_style=IntroStyle.PLAIN), Mood.NEUTRAL, NEUTRAL_COLOR).intro_frames == 30
    spec = film_spec(options, Mood.NEUTRAL, NEUTRAL_COLOR)
    assert spec.shows_product_first
    assert spec.intro_frames > 45
    assert film_spec(replace(options, intro_seconds=4.0), Mood.NEUTRAL, NEUTRAL_COLOR).intro_frames == 120
    assert not film_spec(replace(options, intro_seconds=0.0), Mood.NEUTRAL, NEUTRAL_COLOR).shows_product_first
