"""Tests of captions from a script's film."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adreel.agents.captioning import check_captions, screen_captions, shown_texts, with_captions, worded_clips
from adreel.agents.film_orders import MakeOrder
from adreel.agents.narration import LEAD
from adreel.agents.options import NEUTRAL_COLOR, film_spec
from adreel.agents.script import BeatLine, Storyboard
from adreel.agents.video_generator import ClipPlan
from adreel.domain.ad import EndCard
from adreel.domain.errors import InputError
from adreel.domain.films.captions import CaptionLook, Captions
from adreel.domain.films.clip import Clip
from adreel.domain.films.film import EndCardLook, FilmSpec, Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import TRANSITION_FRAMES
from adreel.domain.films.narration import TimedText
from adreel.domain.films.scene import ApprovedImage, Mood, ViewType
from adreel.media.overlays.caption_style import caption_styles
from adreel.media.timeline import Item, film_timeline
from support.ads import MUG

PHOTO = Path("mug.jpg")
OPTIONS = FilmOptions(cta="Order yours", transition=Transition.CROSSFADE, intro_seconds=0, music="none")


@pytest.fixture
def board() -> Storyboard:
    images = tuple(ApprovedImage(f"image_{place + 1:02d}", PHOTO, ViewType.FRONT) for place in range(len(MUG.beats)))
    plans = tuple(ClipPlan(90, words=beat.words) for beat in MUG.beats)
    names = tuple(beat.name for beat in MUG.beats)
    return Storyboard(images, plans, names, "", OPTIONS, EndCardLook(PHOTO, MUG.end, MUG.product))


@pytest.fixture
def spec(board: Storyboard) -> FilmSpec:
    return board.film_of(film_spec(OPTIONS, Mood.NEUTRAL, NEUTRAL_COLOR))


def _clips(*places: int) -> list[Clip]:
    return [Clip(f"clip_{place:02d}", 90, source_image_id=f"image_{place:02d}") for place in places]


def test_each_item_has_the_texts_that_it_shows(board: Storyboard, spec: FilmSpec) -> None:
    assert shown_texts(worded_clips(board, _clips(1, 2, 3)), spec) == [
        ("Morgen Mug",),
        ("Holds 350 ml",),
        ("€24.90 (€34.90)",),
        ("Morgen Mug", "Order yours", "morgen.example", "Morgen Ltd."),
    ]


def test_a_clip_that_could_not_be_made_takes_its_words_with_it(board: Storyboard, spec: FilmSpec) -> None:
    assert shown_texts(worded_clips(board, _clips(1, 3)), spec)[1] == ("€24.90 (€34.90)",)


def test_a_plain_end_card_shows_the_films_call_to_action(board: Storyboard, spec: FilmSpec) -> None:
    plain = replace(spec, end_card=None)
    assert shown_texts([], plain) == [("Order yours",)]
    without = replace(spec, end_card=EndCardLook(PHOTO, EndCard(), None))
    assert shown_texts([], without) == [("Order yours",)]


def test_captions_change_at_the_cuts(board: Storyboard, spec: FilmSpec) -> None:
    clips = _clips(1, 2, 3)
    timeline = film_timeline(spec, [Item(clip.id, clip.frames) for clip in clips])
    cues = screen_captions(timeline, shown_texts(worded_clips(board, clips), spec))
    assert [cue.first for cue in cues][:4] == [0, *timeline.cuts]
    assert all(not cue.first < cut < cue.last for cue in cues for cut in timeline.cuts)
    assert cues[-1].last <= timeline.frames


def test_a_film_without_a_script_has_no_captions() -> None:
    order = MakeOrder((PHOTO,), Path("film.mp4"))
    check_captions(order)
    with pytest.raises(InputError, match="captions are the words of a script"):
        check_captions(replace(order, film=FilmOptions(captions=Captions.FILE)))


def test_captions_in_the_picture_are_of_what_is_spoken() -> None:
    film = FilmOptions(captions=Captions.ON)
    order = MakeOrder((PHOTO,), Path("film.mp4"), script=MUG, film=film)
    check_captions(replace(order, film=replace(film, voice="on")))
    with pytest.raises(InputError, match="switch the voice on"):
        check_captions(order)


def test_each_caption_style_can_be_chosen() -> None:
    assert set(CaptionLook) == set(caption_styles())


def test_a_clip_has_the_captions_of_its_line_with_the_frames_of_its_words(board: Storyboard) -> None:
    words = (TimedText("Made", 0.0, 0.3), TimedText("by hand.", 0.5, 1.0), TimedText("Truly.", 1.2, 1.6))
    joined = (TimedText("手工", 0.0, 0.3), TimedText("上釉", 0.5, 1.0), TimedText("mug.", 1.2, 1.6))
    chinese = replace(board, lines={"image_02": BeatLine("手工上釉 mug.", 1.0, 48, joined, times_words=True)})
    assert [each.starts for each in with_captions(chinese).plans[1].captions] == [(LEAD, LEAD + 36)]
    spoken = replace(board, lines={"image_02": BeatLine("Made by hand. Truly.", 1.0, 48, words, times_words=True)})
    spoken = replace(spoken, film=replace(OPTIONS, caption_style=CaptionLook.OUTLINE))
    plans = with_captions(spoken).plans
    assert [plan.captions for plan in (plans[0], plans[2])] == [(), ()]
    first, second = plans[1].captions
    assert (first.lines, first.starts) == (("Made by hand.",), (LEAD, LEAD + 15, LEAD + 15))
    assert (second.lines, second.starts) == (("Truly.",), (LEAD + 36,))
    assert first.last <= second.first
    assert second.last <= 90 - TRANSITION_FRAMES
    assert plans[1].caption_style == "outline"
