from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.errors import SetupError
from adreel.providers.local.photo.faces import FaceFinder

U8 = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder(Path(str(files("adreel.assets") / "models" / "yunet.onnx")))


def portrait(width: int, height: int, x: int, y: int, unit: float) -> U8:
    """A drawn face, `unit` pixels from its middle to its chin, at (x, y)."""
    picture = np.full((height, width, 3), (200, 198, 194), np.uint8)

    def oval(right: float, down: float, wide: float, tall: float, color: tuple[int, int, int]) -> None:
        at = (round(x + right * unit), round(y + down * unit))
        cv2.ellipse(picture, at, (round(wide * unit), round(tall * unit)), 0, 0, 360, color, -1, cv2.LINE_AA)

    oval(0, -0.14, 0.96, 1.36, (44, 30, 26))
    oval(0, 0, 0.71, 1.0, (226, 178, 150))
    oval(0, -0.9, 0.68, 0.36, (44, 30, 26))
    for side in (-0.3, 0.3):
        oval(side, -0.1, 0.14, 0.065, (250, 250, 250))
        oval(side, -0.1, 0.065, 0.065, (30, 30, 34))
        oval(side, -0.3, 0.19, 0.035, (44, 30, 26))
    oval(0, 0.2, 0.06, 0.14, (190, 140, 116))
    oval(0, 0.57, 0.24, 0.085, (170, 70, 76))
    return picture


@pytest.mark.parametrize(
    ("width", "height", "x", "y", "unit"), [(800, 1400, 400, 300, 130), (1600, 500, 1200, 250, 120)]
)
def test_a_head_is_found_where_it_is(finder: FaceFinder, width: int, height: int, x: int, y: int, unit: int) -> None:
    heads = finder.heads(portrait(width, height, x, y, unit))
    assert len(heads) == 1
    assert heads[0].center[0] == pytest.approx(x, abs=0.25 * unit)
    # From above the eyebrows to the chin at least.
    assert heads[0].top < y - 0.7 * unit
    assert heads[0].bottom > y + 0.8 * unit
    assert heads[0].height < 4 * unit


def test_nothing_else_is_a_head(finder: FaceFinder) -> None:
    dial = np.full((500, 500, 3), 240, np.uint8)
    cv2.circle(dial, (250, 250), 180, (30, 40, 90), -1)
    cv2.line(dial, (250, 250), (250, 120), (220, 220, 220), 8)
    assert finder.heads(dial) == ()
    assert finder.heads(np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)) == ()


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"gone\.onnx"):
        FaceFinder(tmp_path / "gone.onnx").heads(np.zeros((64, 64, 3), np.uint8))
