"""The way of a crop that follows a product."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.media.reframing.path import CropPath, plan_path

SOURCE = FrameSize(1920, 1080)
STEP, FRAMES = 5, 151
TALL = ASPECTS["9:16"]


def moving(middle: Callable[[float], float], width: float = 300, top: float = 300) -> list[Box]:
    """A product whose middle is a function of the time, 0 to 1, in each frame."""
    middles = [middle(index / (FRAMES - 1)) for index in range(FRAMES)]
    return [Box(x - width / 2, top, x + width / 2, top + 400) for x in middles]


def planned(boxes: list[Box], size: FrameSize = TALL) -> CropPath:
    path = plan_path(boxes[::STEP], STEP, FRAMES, SOURCE, size)
    assert path is not None
    return path


WAYS: dict[str, Callable[[float], float]] = {
    "across": lambda t: 300 + 1300 * t,
    "and back": lambda t: 300 + 1300 * (1 - abs(2 * t - 1)),
    "a wave": lambda t: 960 + 600 * np.sin(9 * t),
    "a step": lambda t: 400 + 1100 / (1 + np.exp(-25 * (t - 0.5))),
}


@pytest.mark.parametrize("size", [TALL, ASPECTS["1:1"]], ids=lambda size: size.aspect)
@pytest.mark.parametrize("way", WAYS)
def test_the_product_is_in_every_frame_and_the_crop_moves_without_a_jump(way: str, size: FrameSize) -> None:
    boxes = moving(WAYS[way])
    path = planned(boxes, size)
    assert path.width / path.height == pytest.approx(size.width / size.height)
    for index, box in enumerate(boxes):
        shown = path.box(index)
        assert shown.grown(1e-6).holds(box), (way, index)
        assert Box(0, 0, 1920, 1080).grown(1e-6).holds(shown)
    lefts = np.array(path.lefts)
    assert np.abs(np.diff(lefts)).max() <= 1.5 * np.abs(np.diff([box.left for box in boxes])).max()
    # Pixels of the source per frame and frame; the product itself turns round by up to 35.
    assert np.abs(np.diff(lefts, 2)).max() <= 2.2


def test_a_product_that_hardly_moves_is_shown_by_a_crop_that_stands_still() -> None:
    wobbling = moving(lambda t: 1200 + 40 * np.sin(60 * t))
    path = planned(wobbling)
    assert len(set(path.lefts)) == 1
    assert abs(path.lefts[0] + path.width / 2 - 1200) < 30


def test_a_product_that_does_not_fit_makes_the_crop_wider() -> None:
    path = planned(moving(lambda _: 900.0, width=1000))
    assert (path.height, path.width) == (1080, pytest.approx(1000 + 2 * 0.05 * 607.5))
    assert planned(moving(lambda _: 960.0, width=1915)).width == 1920


def test_errors_of_the_finder_do_not_move_the_crop() -> None:
    boxes: list[Box | None] = list(moving(lambda _: 900.0)[::STEP])
    boxes[7] = Box(0, 0, 100, 100)
    boxes[12] = None
    path = plan_path(boxes, STEP, FRAMES, SOURCE, TALL)
    assert path is not None
    assert len(set(path.lefts)) == 1
    assert plan_path([None, None], STEP, 6, SOURCE, TALL) is None
    assert plan_path([Box(900, 0, 1000, 9)], STEP, 1, SOURCE, TALL) is not None


def test_an_upright_clip_is_followed_down() -> None:
    boxes = [Box(100, y, 300, y + 200) for y in np.linspace(0, 1700, FRAMES)]
    path = plan_path(boxes[::STEP], STEP, FRAMES, FrameSize(1080, 1920), ASPECTS["16:9"])
    assert path is not None
    assert set(path.lefts) == {0.0}
    assert all(path.box(index).grown(1e-6).holds(box) for index, box in enumerate(boxes))
