from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.color import Color
from adreel.domain.films.scene import Mood
from adreel.providers.local.drawing.yuv import frame_planes, planes_of
from adreel.providers.local.photo.palette import brand_color, lab_color, measure_palette
from adreel.providers.local.shot.sets import choose_set


@dataclass
class FakeStill:
    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.uint8] | None = None
    digest: str = "0"


def product_on(ground: tuple[int, int, int], product: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    rgb = np.full((300, 300, 3), ground, dtype=np.uint8)
    rgb[80:240, 100:200] = product
    return rgb


@pytest.mark.parametrize(
    "product", [(200, 30, 40), (20, 90, 60), (40, 60, 200), (240, 190, 20), (250, 250, 250), (10, 10, 10)]
)
def test_white_or_black_text_reads_well_on_every_brand_color(product: tuple[int, int, int]) -> None:
    color = brand_color(FakeStill(product_on((245, 245, 245), product)))
    assert max(color.contrast(Color(255, 255, 255)), color.contrast(Color(16, 16, 16))) >= 5


def test_the_brand_color_has_the_product_s_hue_and_not_the_ground_s() -> None:
    color = brand_color(FakeStill(product_on((120, 160, 240), (200, 30, 40))))
    assert color.red > 2 * color.blue
    cut_out = FakeStill(product_on((0, 0, 255), (20, 140, 60)), np.zeros((300, 300), np.uint8))
    assert cut_out.alpha is not None
    cut_out.alpha[80:240, 100:200] = 255
    color = brand_color(cut_out)
    assert color.green > color.red
    assert color.green > color.blue


def test_a_grey_product_has_no_hue() -> None:
    assert measure_palette(product_on((255, 255, 255), (90, 92, 91)), None).chroma == 0


def test_lab_colors_are_real_colors() -> None:
    for hue in np.linspace(-math.pi, math.pi, 13):
        rgb = lab_color(60.0, 90.0, float(hue))
        assert rgb.min() >= 0
        assert rgb.max() <= 255
    assert lab_color(50, 0, 0) == pytest.approx([118.9] * 3, abs=1.5)


def test_moods_look_different() -> None:
    palette = measure_palette(product_on((255, 255, 255), (200, 60, 40)), None)
    sets = {mood: choose_set(mood, palette) for mood in Mood}
    assert sets[Mood.LUXURY].wall.mean() < 60 < 180 < sets[Mood.NEUTRAL].wall.mean()
    assert np.ptp(sets[Mood.ENERGETIC].wall) > np.ptp(sets[Mood.CALM].wall) + 40
    assert sets[Mood.NIGHT].dark
    assert not sets[Mood.PLAYFUL].dark


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_bt709_limited_range(rgb: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    planes = planes_of(np.full((4, 4, 3), rgb, dtype=np.float32))
    assert (int(planes.y[0, 0]), int(planes.u[0, 0]), int(planes.v[0, 0])) == pytest.approx(yuv, abs=1)


def test_frame_planes_are_views_also_when_rows_do_not_divide() -> None:
    frame = np.zeros((2025, 1080), dtype=np.uint8)  # 1080x1350
    planes = frame_planes(frame, 1080, 1350)
    assert planes.y.shape == (1350, 1080)
    assert planes.u.shape == planes.v.shape == (675, 540)
    planes.v[:] = 7
    assert frame.reshape(-1)[-1] == 7
    assert int((frame == 7).sum()) == 675 * 540
