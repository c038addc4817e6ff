from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.areas import even, inside, warp, without
from adreel.providers.local.drawing.geometry import DOUBLED, affine, blocks, half
from adreel.providers.local.drawing.quads import averaged, lay_pairs, pairs, pour, sharp_quads, soft_quads

Picture = npt.NDArray[np.uint8]


def scene(width: int, height: int) -> Picture:
    noise = np.random.default_rng(3).integers(0, 256, (height, width), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2.5), np.uint8)


def drawn(plane: Picture, zoom: float, step: float) -> Picture:
    """Seen from the upper left, a little aside from whole pixels."""
    source = sharp_quads(plane, step, None)
    groups = np.empty((60, 80, 4), np.uint8)
    warp(source.groups, DOUBLED @ affine(zoom, zoom, -20.3, -10.7) @ source.place, groups, None)
    picture = np.empty((120, 160), np.uint8)
    pour(groups, picture)
    return picture


def pixel_by_pixel(plane: Picture, zoom: float) -> Picture:
    way = affine(zoom, zoom, -20.3, -10.7)[:2]
    return np.asarray(cv2.warpAffine(plane, way, (160, 120), flags=cv2.INTER_CUBIC), np.uint8)


def test_four_pixels_at_a_time_give_the_picture_that_single_ones_give() -> None:
    plane = scene(300, 240)
    for zoom, step in ((1.0, 1.0), (0.95, 1.0), (1.0, 1.05), (0.9, 1.08)):
        difference = np.abs(drawn(plane, zoom, step).astype(int) - pixel_by_pixel(plane, zoom).astype(int))
        assert difference.max() <= 4, (zoom, step)
        assert difference.mean() < 0.6, (zoom, step)


def test_groups_lie_where_their_pixels_were() -> None:
    """A shift by whole pixels, with nothing in between to guess, is exact."""
    plane = scene(64, 48)
    source = sharp_quads(plane, 1.0, 0)
    groups = np.empty((24, 32, 4), np.uint8)
    warp(source.groups, DOUBLED @ affine(1, 1, 0, 0) @ source.place, groups, (0, 0, 0, 0))
    picture = np.empty((48, 64), np.uint8)
    pour(groups, picture)
    assert np.abs(picture.astype(int) - plane.astype(int))[2:-2, 2:-2].max() <= 3
    assert np.abs(averaged(groups).astype(int) - plane.reshape(24, 2, 32, 2).mean(axis=(1, 3))).max() <= 3


def test_soft_sources_are_of_half_size_and_end_in_their_border() -> None:
    source = soft_quads(np.full((20, 30), 200, np.uint8), 255)
    groups = np.empty((20, 25, 4), np.uint8)
    warp(source.groups, blocks(4, 4) @ affine(1, 1, 20, 20) @ source.place, groups, (255,) * 4)
    picture = np.empty((40, 50), np.uint8)
    pour(groups, picture)
    assert (picture[11:29, 11:39] == 200).all()
    assert (picture[:9] == 255).all()
    assert (picture[:, 41:] == 255).all()


def test_soft_groups_lie_where_their_pixels_were() -> None:
    plane = cv2.GaussianBlur(scene(32, 24), (0, 0), 3)
    source = soft_quads(np.asarray(plane, np.uint8), None)
    groups = np.empty((12, 16, 4), np.uint8)
    warp(source.groups, blocks(4, 4) @ affine(1, 1, 0, 0) @ source.place, groups, None)
    picture = np.empty((24, 32), np.uint8)
    pour(groups, picture)
    assert np.abs(picture.astype(int) - plane.astype(int)).max() <= 3


@pytest.mark.parametrize("width", [32, 31])
def test_two_planes_in_pairs_come_back(width: int) -> None:
    first, second = scene(32, 24), scene(40, 30)[:24, :32].copy()
    source = pairs(first, second, 2, 1.0, None)
    groups = np.empty((24, 16, 4), np.uint8)
    warp(source.groups, blocks(4, 2) @ affine(1, 1, 0, 0) @ source.place, groups, None)
    found = np.empty((2, 24, width), np.uint8)
    lay_pairs(groups, found[0], found[1])
    assert (found[0] == first[:, :width]).all()
    assert (found[1] == second[:, :width]).all()


def test_pairs_follow_a_move_as_single_pixels_do() -> None:
    plane = scene(150, 120)
    for zoom, step in ((1.0, 1.0), (0.96, 1.0), (0.95, 1.05)):
        source = pairs(plane, plane, 2, step, None)
        groups = np.empty((60, 40, 4), np.uint8)
        warp(source.groups, blocks(4, 2) @ affine(zoom, zoom, -20.3, -10.7) @ source.place, groups, None)
        found = np.empty((2, 60, 80), np.uint8)
        lay_pairs(groups, found[0], found[1])
        way = half(affine(zoom, zoom, -20.3, -10.7))[:2]
        wanted = np.asarray(cv2.warpAffine(plane, way, (80, 60), flags=cv2.INTER_LINEAR), int)
        difference = np.abs(found[0].astype(int) - wanted)
        assert difference.max() <= 4, (zoom, step)
        assert difference.mean() < 0.8, (zoom, step)


def test_what_is_hidden_is_left_out_and_everything_else_is_drawn_once() -> None:
    area = (slice(10, 90), slice(5, 70))
    for hidden in ((slice(20, 50), slice(30, 60)), (slice(0, 40), slice(0, 200)), (slice(95, 99), slice(0, 9)), None):
        times = np.zeros((100, 100), int)
        for part in without(area, hidden):
            times[part] += 1
        wanted = np.zeros_like(times)
        wanted[area] = 1
        if hidden is not None:
            wanted[hidden] = 0
        assert (times == wanted).all()


def test_only_what_lies_well_inside_and_is_large_is_hidden() -> None:
    screen = np.empty((100, 640), np.uint8)
    assert inside(affine(1, 1, 0, 0), Box(21, 30, 480, 90), screen) == (slice(32, 88), slice(24, 478))
    assert inside(affine(1, 1, 0, 0), Box(20, 30, 300, 90), screen) is None
    assert inside(affine(1, 1, 0, 0), Box(20, 30, 480, 48), screen) is None
    assert inside(affine(1, 1, 900, 0), Box(20, 30, 480, 90), screen) is None


def test_an_area_grows_to_even_columns_within_the_screen() -> None:
    screen = np.empty((10, 31), np.uint8)
    assert even((slice(1, 5), slice(3, 8)), screen) == (slice(1, 5), slice(2, 8))
    assert even((slice(1, 5), slice(4, 31)), screen) == (slice(1, 5), slice(4, 31))
