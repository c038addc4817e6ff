"""The safe area of a frame, and the room that obstacles leave in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.films.box import Box
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.media.overlays.safe_area import safe_area
from adreel.media.overlays.space import free_rooms

AREA = Box(0, 0, 100, 60)


def box_at(x: int, y: int, width: int, height: int) -> Box:
    return Box(x, y, x + width, y + height)


boxes = st.builds(box_at, st.integers(-20, 110), st.integers(-20, 70), st.integers(1, 80), st.integers(1, 60))


@given(st.lists(boxes, max_size=3))
def test_rooms_lie_in_the_area_and_meet_no_obstacle(obstacles: list[Box]) -> None:
    for room in free_rooms(AREA, obstacles):
        assert AREA.holds(room)
        assert not any(room.meets(obstacle) for obstacle in obstacles)


@given(boxes, st.integers(0, 99), st.integers(0, 59))
def test_every_free_point_is_in_a_room(obstacle: Box, x: int, y: int) -> None:
    point = Box(x, y, x + 1, y + 1)
    if not point.meets(obstacle):
        assert any(room.holds(point) for room in free_rooms(AREA, [obstacle]))


def test_the_largest_room_comes_first() -> None:
    rooms = free_rooms(AREA, [Box(60, 10, 90, 60)])
    assert rooms[0] == Box(0, 0, 60, 60)
    assert [room.area for room in rooms] == sorted((room.area for room in rooms), reverse=True)
    assert free_rooms(AREA, [AREA.grown(1)]) == []


@pytest.mark.parametrize("aspect", ["16:9", "1:1", "4:5"])
def test_frames_in_a_feed_keep_a_margin(aspect: str) -> None:
    size = ASPECTS[aspect]
    area = safe_area(size)
    assert (area.left, area.top) == pytest.approx((0.05 * size.width, 0.05 * size.height))
    assert (area.right, area.bottom) == pytest.approx((0.95 * size.width, 0.95 * size.height))


def test_a_tall_frame_keeps_clear_of_the_buttons_of_every_platform() -> None:
    covered = {"Reels": (65, 269, 65, 672), "TikTok": (120, 240, 192, 660), "Shorts": (48, 288, 192, 672)}
    covered["Pinterest"] = (65, 270, 195, 790)
    area = safe_area(FrameSize(1080, 1920))
    for left, top, right, bottom in covered.values():
        clear = Box(left, top, 1080 - right, 1920 - bottom).grown(1e-6)
        assert clear.holds(area)
    assert area.width > 700
