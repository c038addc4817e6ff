from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adreel.agents.placement_plan import board_for, clips_for, frames_for, out_for, script_for
from adreel.agents.script import Storyboard, write_script
from adreel.agents.video_generator import ClipPlan
from adreel.domain.errors import InputError
from adreel.domain.films.clip import Clip
from adreel.domain.films.film import Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import ad_lengths
from adreel.media.timeline import Item, Timeline
from adreel.placements.loader import load_placements

KNOWN = load_placements()


def timeline(*clips: int, intro: int = 30, outro: int = 30, transition: Transition = Transition.CUT) -> Timeline:
    items = [Item(f"clip {n}", frames) for n, frames in enumerate(clips)]
    first = [Item("intro", intro)] if intro else []
    last = [Item("outro", outro, closing=True)] if outro else []
    return Timeline((*first, *items, *last), transition)


def board(*clips: int) -> Storyboard:
    images = tuple(ApprovedImage(f"image_{n}", Path("a.jpg"), ViewType.FRONT) for n, _ in enumerate(clips))
    plans = tuple(ClipPlan(frames) for frames in clips)
    return Storyboard(images, plans, tuple(f"clip {n}" for n, _ in enumerate(clips)), "", FilmOptions(), None)


@pytest.mark.parametrize("transition", list(Transition))
@pytest.mark.parametrize(("intro", "outro"), [(30, 30), (0, 30), (30, 0), (0, 0)])
def test_a_film_has_the_length_of_its_placement_to_the_frame(intro: int, outro: int, transition: Transition) -> None:
    given = timeline(90, 90, 90, 90, intro=intro, outro=outro, transition=transition)
    frames = frames_for(KNOWN["youtube-bumper"], given)
    assert frames == 180
    made = board_for(board(90, 90, 90, 90), given, frames)
    fitted = timeline(*made.lengths, intro=intro, outro=outro, transition=transition)
    assert fitted.frames == 180
    assert min(made.lengths) >= 30
    assert max(made.lengths) - min(made.lengths) <= 1


def test_clips_that_would_be_too_short_are_left_out() -> None:
    made = board_for(board(*[60] * 8), timeline(*[60] * 8), 180)
    assert made.lengths == (30, 30, 30, 30)
    assert len(made.images) == len(made.names) == 4


def test_cards_that_leave_no_room_are_refused() -> None:
    with pytest.raises(InputError, match="no room for a clip"):
        board_for(board(60), timeline(60, intro=90, outro=90), 180)


@pytest.mark.parametrize("transition", list(Transition))
def test_the_users_own_clips_are_cut_and_never_stretched(transition: Transition) -> None:
    given = timeline(300, 60, 90, transition=transition)
    clips = tuple(Clip(f"c{n}", frames, source=Path("c.mp4")) for n, frames in enumerate((300, 60, 90)))
    cut = clips_for(clips, given, 180)
    assert timeline(*(clip.frames for clip in cut), transition=transition).frames == 180
    assert all(new.frames <= old.frames for new, old in zip(cut, clips, strict=True))
    with pytest.raises(InputError, match="asks for 60 s"):
        clips_for(clips, given, 1800)


@pytest.mark.parametrize("frames", range(90, 261, 7))
@pytest.mark.parametrize("lengths", [(24, 24), (24, 24, 24, 24, 24, 24, 24), (90, 31, 200), (60, 60, 60, 60)])
def test_clips_are_cut_to_every_length_exactly(frames: int, lengths: tuple[int, ...]) -> None:
    given = timeline(*lengths)
    if frames > given.frames:
        return
    clips = tuple(Clip(f"c{n}", length) for n, length in enumerate(lengths))
    try:
        cut = clips_for(clips, given, frames)
    except InputError:
        # Whole short clips are not cut, so that not every length can be had of them.
        assert max(lengths) < 30
        return
    assert timeline(*(clip.frames for clip in cut)).frames == frames
    assert all(min(30, old.frames) <= new.frames <= old.frames for new, old in zip(cut, clips, strict=False))


def test_beats_fall_away_by_the_priority_of_the_recipe() -> None:
    facts = ("Holds 350 ml", "Dishwasher safe", "Glazed by hand", "Made in Portugal")
    ad = write_script(AdRequest(("a.jpg", "b.jpg"), "Morgen Mug", facts=facts))
    shorter = script_for(ad, 180)
    lengths = ad_lengths(shorter, 3.0)
    assert sum(lengths.beats) + lengths.end == 180
    names = [beat.name for beat in shorter.beats]
    assert names[0] == ad.beats[0].name
    assert 0 < len(names) < len(ad.beats)
    fixed = replace(ad, beats=tuple(replace(beat, seconds=5.0) for beat in ad.beats))
    assert sum(ad_lengths(script_for(fixed, 180), 3.0).beats) + lengths.end == 180


def test_several_films_are_named_by_their_placements() -> None:
    assert out_for(Path("d/ad.mp4"), KNOWN["x"], 1) == Path("d/ad.mp4")
    assert out_for(Path("d/ad.mp4"), KNOWN["x"], 2) == Path("d/ad-x.mp4")
