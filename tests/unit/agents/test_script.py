"""From a script to the clips, cards and music of its film."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from adreel.agents.options import NEUTRAL_COLOR, film_spec
from adreel.agents.script import Storyboard, storyboard, write_script
from adreel.domain.ad import Ad, Beat, BeatShot, EndCard, ScreenText, TextRole
from adreel.domain.errors import ClaimError, InputError, TextError
from adreel.domain.films.film import IntroStyle, Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.scene import CameraMovement, Mood, ViewType
from adreel.domain.scripts.ad_request import AdRequest
from support.ads import MUG

PHOTOS = (Path("front.jpg"), Path("detail.jpg"))


def board(ad: Ad = MUG, prompt: str = "", film: FilmOptions | None = None) -> Storyboard:
    return storyboard(ad, PHOTOS, film or FilmOptions(), prompt, 3.0)


def test_every_beat_is_a_clip_of_its_photo_framing_move_and_words() -> None:
    found = board()
    assert [image.path.name for image in found.images] == ["front.jpg", "detail.jpg", "front.jpg"]
    assert [image.view_type for image in found.images] == [ViewType.FRONT, ViewType.DETAIL, ViewType.ANGLE]
    first = found.plans[0]
    assert (first.camera, first.intensity) == (CameraMovement.PUSH_IN, 0.4)
    assert (first.words, first.text_style) == (MUG.beats[0].words, "bold")
    assert found.plans[1].camera is None
    assert found.names[0] == "beat 'hook'"


def test_beats_without_a_framing_never_repeat_that_of_a_neighbour() -> None:
    asked = (ViewType.DETAIL, None, ViewType.ANGLE, None, ViewType.FRONT, None, None)
    beats = tuple(Beat(f"beat {place}", BeatShot(1, framing=view)) for place, view in enumerate(asked))
    views = [image.view_type for image in board(replace(MUG, beats=beats, seconds=None)).images]
    assert all(view is None or view is found for view, found in zip(asked, views, strict=True))
    assert all(before is not after for before, after in pairwise(views))


def test_the_film_has_exactly_the_length_of_the_script() -> None:
    for transition, overlap in ((Transition.CUT, 0), (Transition.CROSSFADE, 15)):
        found = board(film=FilmOptions(transition=transition))
        end = round(found.film.outro_seconds * 30)
        assert sum(found.lengths) + end - overlap * len(found.lengths) == 12 * 30
    assert found.lengths[-1] == 75


def test_the_cards_are_those_of_the_script() -> None:
    found = board(film=FilmOptions(name="Other", cta="Other", outro_seconds=4.0))
    assert (found.film.name, found.film.cta, found.film.intro_seconds) == ("Morgen Mug", "Order yours", 0)
    assert found.film.outro_seconds == 4
    assert found.end_card is not None
    assert (found.end_card.photo, found.end_card.words) == (PHOTOS[0], MUG.end)
    assert (found.end_card.name, found.end_card.style) == ("Morgen Mug", "bold")


@pytest.mark.parametrize(
    ("ad", "film"),
    [(MUG, FilmOptions(outro_seconds=0)), (replace(MUG, end=EndCard(address="morgen.example")), FilmOptions())],
)
def test_without_a_call_to_action_or_time_there_is_no_end_card(ad: Ad, film: FilmOptions) -> None:
    found = board(ad, film=film)
    assert (found.end_card, found.film.outro_seconds) == (None, 0)
    assert sum(found.lengths) == 12 * 30


@pytest.mark.parametrize(("transition", "overlap"), [(Transition.CUT, 0), (Transition.CROSSFADE, 15)])
def test_an_intro_with_the_product_comes_before_the_first_beat(transition: Transition, overlap: int) -> None:
    options = FilmOptions(intro_style=IntroStyle.BOLD, transition=transition)
    ad = replace(MUG, seconds=15.0)
    found = board(ad, film=options)
    intro, end = round(found.film.intro_seconds * 30), round(found.film.outro_seconds * 30)
    assert intro > 40
    assert intro + sum(found.lengths) + end - overlap * (len(found.lengths) + 1) == 15 * 30
    assert board(ad, film=replace(options, intro_seconds=0)).film.intro_seconds == 0


def test_cuts_fall_on_the_beats_of_composed_music_only() -> None:
    free = replace(MUG, beats=tuple(replace(beat, seconds=None) for beat in MUG.beats))
    found = board(free)
    assert found.bpm is not None
    beat = 1800 / found.bpm
    cuts = list(accumulate(found.lengths))
    assert max(abs(cut - beat * round(cut / beat)) for cut in cuts) <= 1
    spec = found.film_of(film_spec(found.film, Mood.CALM, NEUTRAL_COLOR))
    assert (spec.audio.genre, spec.audio.bpm, spec.end_card) == ("chill", found.bpm, found.end_card)
    assert board(free, film=FilmOptions(music="none")).bpm is None


def test_the_music_suits_the_prompt_or_the_recipe() -> None:
    plain = replace(MUG, prompt="")
    assert board(plain).film.music == "energetic"
    assert board(plain, prompt="luxurious").film.music == "luxury"
    assert board(MUG).film.music == "chill"
    assert board(plain, film=FilmOptions(music="none")).film.music == "none"


@pytest.mark.parametrize(
    ("ad", "error", "words"),
    [
        (replace(MUG, beats=(Beat("far", BeatShot(3)),)), InputError, "beat 'far' shows photo 3, and there are 2"),
        (replace(MUG, recipe="own"), InputError, "no recipe is called 'own'"),
        (replace(MUG, style="baroque"), InputError, "no text style is called 'baroque'; choose one of editorial"),
        (replace(MUG, seconds=3.0), InputError, "the film is to last 3 s"),
        (
            replace(MUG, beats=(Beat("a", BeatShot(1), (ScreenText(TextRole.HEADLINE, "The best"),)),)),
            ClaimError,
            "beat 'a', headline: 'The best' claims a superlative",
        ),
    ],
)
def test_a_script_that_cannot_be_filmed_is_refused(ad: Ad, error: type[InputError], words: str) -> None:
    with pytest.raises(error) as refused:
        board(replace(ad, prompt=""))
    assert words in str(refused.value)


def test_an_end_card_of_an_impossible_length_is_refused() -> None:
    for seconds in (float("nan"), -1.0, 11.0):
        with pytest.raises(InputError, match="an outro card of"):
            board(film=FilmOptions(outro_seconds=seconds))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (AdRequest(("a",), "Mug", ("fact " * 200,)), "'facts' must be a list of texts of 1 to 500"),
        (AdRequest(("a",), "Mug\x07"), "the request: the field 'product'"),
        (AdRequest(("a",), "Mug", end=EndCard("x" * 400)), "the request, end: the field 'cta'"),
        (AdRequest(("a",), "Mug", seconds=0.1), "the field 'seconds'"),
    ],
)
def test_a_request_has_the_limits_of_a_script(request_: AdRequest, words: str) -> None:
    with pytest.raises(InputError) as refused:
        write_script(request_)
    assert words in str(refused.value)


def test_an_intro_card_is_refused_and_its_usual_length_is_none() -> None:
    for seconds in (0.0, 1.0):
        assert board(film=FilmOptions(intro_seconds=seconds)).film.intro_seconds == 0
    with pytest.raises(InputError, match="a film of a script has no plain intro card, and one of 2 s is asked for"):
        board(film=FilmOptions(intro_seconds=2.0))


def test_words_that_no_font_shows_name_their_beat() -> None:
    beat = Beat("odd", BeatShot(1), (ScreenText(TextRole.HEADLINE, "\U000e0001\U000e0002"),))
    with pytest.raises(TextError, match="beat 'odd': "):
        board(replace(MUG, beats=(beat,), prompt=""))
