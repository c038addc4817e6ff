from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.media.clips.info import ClipInfo
from adreel.media.clips.interpolation import (
    SLOWEST,
    Blend,
    can_be_smoothed,
    frames_within_reach,
    may_be_slowed,
    picture_times,
    plan,
)

EIGHT_FPS = ClipInfo(
    container="mov",
    width=1024,
    height=576,
    coded_width=1024,
    coded_height=576,
    sar=Fraction(1),
    rotation=0,
    fps=Fraction(8),
    is_vfr=False,
    frames=25,
    start=Fraction(0),
    duration=3.125,
    codec="h264",
    decoder=None,
    pix_fmt="yuv420p",
    bit_depth=8,
    has_alpha=False,
    interlaced=False,
    full_range=False,
    matrix="bt709",
    hdr_transfer=None,
    has_audio=False,
    video_stream_index=0,
    audio_stream_index=None,
)


def steady(fps: Fraction | int, pictures: int) -> list[Fraction]:
    return [index / Fraction(fps) for index in range(pictures)]


def moments(blends: list[Blend], times: list[Fraction]) -> list[float]:
    """Where in the clip each frame lies, in seconds."""
    return [
        float(times[blend.left]) + blend.position * float(times[blend.right] - times[blend.left]) for blend in blends
    ]


def test_frames_lie_where_their_time_lies_between_the_pictures() -> None:
    blends = plan(steady(10, 10), 5)
    assert [(blend.left, blend.right) for blend in blends] == [(0, 1), (0, 1), (0, 1), (1, 2), (1, 2)]
    assert [blend.position for blend in blends] == pytest.approx([0, 1 / 3, 2 / 3, 0, 1 / 3])
    assert [blend.last_needed for blend in blends] == [0, 1, 1, 1, 2]


def test_a_clip_that_is_long_enough_keeps_its_speed_and_is_cut() -> None:
    times = steady(8, 25)
    assert moments(plan(times, 90), times) == pytest.approx([index / 30 for index in range(90)])


def test_a_clip_somewhat_too_short_is_slowed_to_end_at_its_last_picture() -> None:
    times = steady(8, 22)
    blends = plan(times, 90)
    assert blends[-1] == Blend(21, 21, 0)
    steps = [later - earlier for earlier, later in pairwise(moments(blends, times))]
    assert steps == pytest.approx([2.625 / 89] * 89, abs=0.003)
    assert SLOWEST < 2.625 / 89 * 30


def test_a_clip_far_too_short_is_slowed_no_further_and_then_held() -> None:
    times = steady(8, 9)
    blends = plan(times, 60)
    first_held = next(index for index, blend in enumerate(blends) if blend.left == 8)
    assert first_held == pytest.approx(30 / float(SLOWEST), abs=1)
    assert set(blends[first_held:]) == {Blend(8, 8, 0)}


def test_a_clip_that_may_not_be_slowed_is_held_at_its_end() -> None:
    times = steady(8, 23)
    blends = plan(times, 90, slowed=False)
    assert moments(blends, times)[:82] == pytest.approx([index / 30 for index in range(82)])
    assert blends[83:] == [Blend(22, 22, 0)] * 7


def test_frames_before_the_first_picture_show_it() -> None:
    assert plan([Fraction(1, 10), Fraction(2, 10)], 4, slowed=False)[:3] == [Blend(0, 0, 0)] * 3


def test_times_that_a_container_rounded_still_give_whole_pictures() -> None:
    times = [Fraction(round(index * 1000 / 15), 1000) for index in range(30)]
    assert all(blend.position == 0 for blend in plan(times, 56)[::2])


@pytest.mark.parametrize("frames", [1, 2, 90])
def test_a_single_picture_is_held(frames: int) -> None:
    assert plan([Fraction(0)], frames) == [Blend(0, 0, 0)] * frames


@given(
    steps=st.lists(st.fractions(Fraction(1, 60), Fraction(1, 4)), min_size=1, max_size=40),
    frames=st.integers(1, 120),
    slowed=st.booleans(),
)
def test_a_plan_goes_forward_through_neighbours_only(steps: list[Fraction], frames: int, slowed: bool) -> None:
    times = [sum(steps[:index], Fraction(0)) for index in range(len(steps) + 1)]
    blends = plan(times, frames, slowed=slowed)
    assert len(blends) == frames
    assert all(0 <= blend.position < 1 and 0 <= blend.left <= blend.right < len(times) for blend in blends)
    assert all(blend.right - blend.left <= 1 for blend in blends)
    needed = [blend.last_needed for blend in blends]
    assert needed == sorted(needed)


def test_only_a_steady_clip_of_few_pictures_a_second_is_smoothed() -> None:
    assert can_be_smoothed(EIGHT_FPS)
    assert can_be_smoothed(replace(EIGHT_FPS, fps=Fraction(16)))
    assert not can_be_smoothed(replace(EIGHT_FPS, fps=Fraction(24000, 1001) + 1))
    assert not can_be_smoothed(replace(EIGHT_FPS, fps=Fraction(24)))
    assert not can_be_smoothed(replace(EIGHT_FPS, fps=None, frames=1))
    assert not can_be_smoothed(replace(EIGHT_FPS, is_vfr=True))


def test_a_clip_reaches_as_far_as_it_may_be_slowed() -> None:
    assert frames_within_reach(EIGHT_FPS, 90) == 90
    assert frames_within_reach(EIGHT_FPS, 110) == 110
    assert frames_within_reach(EIGHT_FPS, 120) == 110
    with_sound = replace(EIGHT_FPS, has_audio=True)
    assert not may_be_slowed(with_sound)
    assert frames_within_reach(with_sound, 110) == 94
    assert frames_within_reach(replace(EIGHT_FPS, fps=Fraction(25)), 110) == 94


def test_pictures_come_at_the_rate_of_the_clip() -> None:
    assert picture_times(EIGHT_FPS)[:3] == [0, Fraction(1, 8), Fraction(1, 4)]
    assert len(picture_times(EIGHT_FPS)) == 25
