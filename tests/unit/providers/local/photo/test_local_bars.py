from __future__ import annotations

import numpy as np
import pytest

from adreel.providers.local.photo.bars import without_bars


def still(height: int = 360, width: int = 640) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """A landscape without even rows or columns."""
    return np.random.default_rng(5).integers(30, 220, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("value", [0, 255])
def test_bars_at_both_ends_are_no_part_of_the_picture(value: int) -> None:
    above = np.pad(still(), ((80, 80), (0, 0), (0, 0)), constant_values=value)
    part = without_bars(above)
    assert 80 <= part.top <= 84
    assert 436 <= part.bottom <= 440
    assert (part.left, part.right) == (0, 640)
    beside = without_bars(np.ascontiguousarray(above.transpose(1, 0, 2)))
    assert (beside.left, beside.right) == (part.top, part.bottom)


def test_a_frame_on_all_sides_is_trimmed() -> None:
    part = without_bars(np.pad(still(), ((60, 60), (90, 90), (0, 0)), constant_values=0))
    assert part.width == pytest.approx(640, abs=8)
    assert part.height == pytest.approx(360, abs=8)


def test_plain_grounds_and_walls_are_no_bars() -> None:
    product = np.full((600, 600, 3), 250, np.uint8)
    product[200:420, 220:380] = (180, 30, 40)
    wall = np.pad(still(), ((160, 0), (0, 0), (0, 0)), constant_values=200)
    horizon = np.pad(still(), ((100, 100), (0, 0), (0, 0)), constant_values=10)
    horizon[-100:] = 240
    box = np.full((600, 600, 3), 250, np.uint8)
    box[200:420, 40:560] = (180, 30, 40)
    for rgb in (product, box, wall, horizon, still(), np.full((300, 300, 3), 128, np.uint8)):
        part = without_bars(rgb)
        assert (part.left, part.top, part.right, part.bottom) == (0, 0, rgb.shape[1], rgb.shape[0])
