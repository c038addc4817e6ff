from __future__ import annotations

import itertools

import numpy as np
import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.scene import CameraMovement, Mood, ViewType
from adreel.providers.local.drawing.camera import camera_path
from adreel.providers.local.drawing.geometry import always_seen, apply, camera_matrix, half, reach, yaw_matrix
from adreel.providers.local.shot.framing import (
    Layout,
    choose_layout,
    frame_picture,
    frame_product,
    kept_in,
)
from adreel.providers.local.shot.sheets import flat_view

SHAPES = [(4000, 3000), (3000, 4000), (1080, 2400), (6000, 1000), (300, 300)]
EVERYTHING = list(itertools.product(ASPECTS.values(), ViewType, (-1, 1)))


def test_a_picture_that_fills_the_frame_covers_all_that_the_camera_reaches() -> None:
    for (width, height), (size, view, side), movement in itertools.product(SHAPES, EVERYTHING, CameraMovement):
        photo = Box(0, 0, width, height)
        subject = Box(0.1 * width, 0.55 * height, 0.4 * width, 0.98 * height)
        poses = camera_path(movement, 1.0, Mood.ENERGETIC, 2, 12)
        seen = reach([flat_view(pose, size) for pose in poses], size)
        for known in (subject, None):
            placed = frame_picture(photo, known, (0.9 * width, 0.05 * height), seen, size, view, side).place(photo)
            assert placed.left <= seen.left + 1e-6
            assert placed.top <= seen.top + 1e-6
            assert placed.right >= seen.right - 1e-6
            assert placed.bottom >= seen.bottom - 1e-6


@pytest.mark.parametrize("shape", [(1000, 1000), (400, 1400), (1600, 500)])
def test_a_whole_product_stays_inside_the_frame_under_every_move(shape: tuple[int, int]) -> None:
    box = Box(50, 80, 50 + shape[0], 80 + shape[1])
    for (size, view, side), movement in itertools.product(EVERYTHING, CameraMovement):
        if view is ViewType.DETAIL:
            continue
        placed = frame_product(box, box.center, size, view, side).place(box)
        for pose in camera_path(movement, 1.0, Mood.ENERGETIC, 2, 12):
            for corner in placed.corners():
                x, y = apply(camera_matrix(pose, size), *corner)
                assert -1 <= x <= size.width + 1, (view, movement, size)
                assert -1 <= y <= size.height + 1, (view, movement, size)


def test_a_front_view_is_large_and_a_wide_view_smaller_and_aside() -> None:
    size, box = ASPECTS["16:9"], Box(0, 0, 700, 1000)
    front = frame_product(box, box.center, size, ViewType.FRONT, 1).place(box)
    wide = frame_product(box, box.center, size, ViewType.LIFESTYLE, 1).place(box)
    assert front.height > 0.65 * size.height
    assert front.center[0] == pytest.approx(size.width / 2)
    assert 0.4 * size.height < wide.height < 0.8 * front.height
    assert wide.center[0] == pytest.approx(2 / 3 * size.width, rel=0.02)


def test_a_close_up_is_clearly_closer_and_stays_on_the_product() -> None:
    for size in ASPECTS.values():
        box = Box(100, 100, 1100, 1300)
        whole = frame_product(box, box.center, size, ViewType.FRONT, 1)
        close = frame_product(box, (110.0, 110.0), size, ViewType.DETAIL, 1)
        assert close.scale >= 1.3 * whole.scale
        shown = close.place(box).clipped(Box(0, 0, size.width, size.height))
        assert shown.width * shown.height > 0.5 * size.width * size.height


def test_a_product_cut_by_its_photo_is_cut_by_the_frame_under_every_move() -> None:
    box = Box(200, 300, 1200, 2000)
    for (size, view, side), movement in itertools.product(EVERYTHING, CameraMovement):
        views = [camera_matrix(pose, size) for pose in camera_path(movement, 1.0, Mood.NEUTRAL, 1, 8)]
        floor = reach(views, size).bottom
        placed = frame_product(box, box.center, size, view, side, floor=floor).place(box)
        for matrix in views:
            assert apply(matrix, placed.left, placed.bottom)[1] >= size.height
            assert apply(matrix, placed.left, placed.top)[1] < 0.75 * size.height


def test_what_a_shot_must_show_is_seen_at_every_moment_and_no_border_is() -> None:
    for (width, height), (size, view, side), movement in itertools.product(SHAPES, EVERYTHING, CameraMovement):
        photo, head = Box(0, 0, width, height), Box(0.42 * width, 0.02 * height, 0.5 * width, 0.1 * height)
        views = [flat_view(pose, size) for pose in camera_path(movement, 1.0, Mood.ENERGETIC, 2, 12)]
        seen, always = reach(views, size), always_seen(views, size)
        first = frame_picture(photo, head, (0.9 * width, 0.9 * height), seen, size, view, side)
        place = kept_in(first, head, always, seen, photo)
        assert place.place(photo).grown(1e-6).holds(seen)
        kept, cover = place.place(head), max(seen.width / width, seen.height / height)
        # A head that would not have room even in the widest framing is in the middle; no such frame is chosen.
        if cover * head.width <= always.width:
            assert kept.left >= always.left - 1e-6 or photo_ends(place.place(photo).left, seen.left)
            assert kept.right <= always.right + 1e-6
        if cover * head.height <= always.height:
            assert kept.top >= always.top - 1e-6 or photo_ends(place.place(photo).top, seen.top)
            assert kept.bottom <= always.bottom + 1e-6


def photo_ends(placed: float, seen: float) -> bool:
    """Whether the photo has no more to show beyond this side."""
    return abs(placed - seen) < 1e-6


WIDE = FrameSize(1920, 1080)
UPRIGHT, BANNER = Box(0, 0, 900, 1600), Box(0, 0, 1920, 540)


@pytest.mark.parametrize(
    ("photo", "subject", "heads", "layout"),
    [
        (Box(0, 0, 1600, 900), None, (), Layout.FILL),
        (Box(0, 0, 1600, 900), Box(0, 0, 1600, 900), (), Layout.FILL),
        # A whole product that the frame would cut.
        (UPRIGHT, Box(100, 800, 800, 1200), (), Layout.FILL),
        (UPRIGHT, Box(100, 300, 800, 1200), (), Layout.EXTEND),
        # A person: the head counts.
        (UPRIGHT, Box(100, 100, 800, 1600), (Box(350, 120, 550, 400),), Layout.FILL),
        (UPRIGHT, Box(0, 0, 900, 1600), (Box(200, 100, 700, 900),), Layout.EXTEND),
        # Nothing certain: the camera passes along.
        (UPRIGHT, None, (), Layout.TRAVEL),
        # A close-up, cut by its photo on two sides.
        (UPRIGHT, Box(0, 0, 800, 1500), (), Layout.TRAVEL),
        (Box(0, 0, 1000, 700), Box(0, 0, 900, 690), (), Layout.FILL),
        # Too few pixels to fill the frame, and to fill it where narrow strips would be all that is added.
        (Box(0, 0, 400, 700), None, (), Layout.EXTEND),
        (Box(0, 0, 840, 350), Box(227, 51, 613, 350), (), Layout.FILL),
        (Box(0, 0, 740, 320), Box(227, 51, 613, 300), (), Layout.EXTEND),
        # Cut at two sides, a small photo has no surroundings that could go on: softness is the lesser fault.
        (Box(0, 0, 640, 1120), Box(0, 200, 640, 1000), (), Layout.TRAVEL),
        (Box(0, 0, 370, 700), Box(0, 130, 370, 620), (), Layout.EXTEND),
    ],
)
def test_layouts(photo: Box, subject: Box | None, heads: tuple[Box, ...], layout: Layout) -> None:
    assert choose_layout(photo, subject, WIDE, heads) is layout
    turned = FrameSize(1080, 1920)
    heads = tuple(head.transposed() for head in heads)
    assert choose_layout(photo.transposed(), subject and subject.transposed(), turned, heads) is layout


def test_a_banner_is_extended_to_an_upright_frame() -> None:
    assert choose_layout(BANNER, None, FrameSize(1080, 1920)) is Layout.EXTEND


def test_chroma_follows_luma() -> None:
    size = FrameSize(640, 360)
    matrix = camera_matrix(camera_path(CameraMovement.HANDHELD, 1, Mood.NEUTRAL, 1, 9)[4], size) @ yaw_matrix(
        0.05, size, (300, 200)
    )
    x, y = apply(matrix, 100.0, 60.0)
    u, v = apply(half(matrix), (100.0 - 0.5) / 2, (60.0 - 0.5) / 2)
    assert np.allclose([2 * u + 0.5, 2 * v + 0.5], [x, y])
