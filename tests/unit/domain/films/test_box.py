from __future__ import annotations

from adreel.domain.films.box import Box, box_around

BOX = Box(10, 20, 30, 60)


def test_sides_center_area_and_corners() -> None:
    assert (BOX.width, BOX.height, BOX.area, BOX.center) == (20, 40, 800, (20, 40))
    assert BOX.corners() == [(10, 20), (30, 20), (10, 60), (30, 60)]
    assert Box(30, 60, 10, 20).area == 0


def test_scaled_with_the_picture_or_about_the_center() -> None:
    assert BOX.scaled(0.5) == Box(5, 10, 15, 30)
    assert BOX.resized(0.5) == Box(15, 30, 25, 50)


def test_moved_grown_and_transposed() -> None:
    assert BOX.moved(1, 2) == Box(11, 22, 31, 62)
    assert BOX.grown(3) == Box(7, 17, 33, 63)
    assert BOX.transposed() == Box(20, 10, 60, 30)


def test_boxes_that_only_touch_have_no_area_in_common() -> None:
    for beside in (Box(30, 20, 40, 60), Box(0, 20, 10, 60), Box(10, 60, 30, 70), Box(10, 0, 30, 20)):
        assert not BOX.meets(beside)
        assert not beside.meets(BOX)
        assert BOX.clipped(beside).area == 0
    assert BOX.meets(Box(29, 59, 90, 90))


def test_a_box_holds_itself_and_what_is_within() -> None:
    assert BOX.holds(BOX)
    assert BOX.holds(Box(11, 21, 29, 59))
    assert not any(
        BOX.holds(grown)
        for grown in (Box(9, 20, 30, 60), Box(10, 19, 30, 60), Box(10, 20, 31, 60), Box(10, 20, 30, 61))
    )


def test_the_common_part_and_the_box_around() -> None:
    assert BOX.clipped(Box(0, 30, 25, 90)) == Box(10, 30, 25, 60)
    assert box_around([BOX, Box(0, 25, 5, 90)]) == Box(0, 20, 30, 90)
