"""The entrance of a card and its slow growth."""

from __future__ import annotations

from itertools import pairwise

import pytest

from adreel.media.cards.motion import FADE_FRAMES, GROWING_FRAMES, MAX_GROWTH, pose


@pytest.mark.parametrize("frames", [1, 2, 15, 30, 90, 300])
def test_text_is_there_from_the_first_frame_and_never_goes_away(frames: int) -> None:
    poses = [pose(index, frames, 1080) for index in range(frames)]
    opacities = [each.opacity for each in poses]
    assert opacities == sorted(opacities)
    assert opacities[0] > 0
    assert opacities[-1] == 1


@pytest.mark.parametrize("frames", [20, 30, 300])
def test_text_is_opaque_early_enough_to_be_read_on_a_card_of_a_second(frames: int) -> None:
    assert pose(FADE_FRAMES - 1, frames, 1080).opacity == 1
    assert FADE_FRAMES <= 12


def test_text_rises_about_two_percent_and_comes_to_rest() -> None:
    assert pose(0, 30, 1000).shift == pytest.approx(22)
    shifts = [pose(index, 30, 1000).shift for index in range(30)]
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[15] == 0


@pytest.mark.parametrize("frames", [15, 30, GROWING_FRAMES])
def test_short_cards_come_to_rest(frames: int) -> None:
    assert {pose(index, frames, 1080).scale for index in range(frames)} == {1}


@pytest.mark.parametrize("frames", [GROWING_FRAMES + 1, 300])
def test_growth_never_stops_and_stays_within_what_the_layout_leaves_room_for(frames: int) -> None:
    scales = [pose(index, frames, 1080).scale for index in range(frames)]
    assert all(later > earlier for earlier, later in pairwise(scales))
    assert scales[0] == 1
    assert scales[-1] <= 1 + MAX_GROWTH
