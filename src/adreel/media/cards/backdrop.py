"""The still background of a card: a gentle vignette around the brand colour, dithered so that it does not band."""

from __future__ import annotations

import threading
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.color import Color
from adreel.domain.formats import FrameSize
from adreel.media.cards.colors import CardColors
from adreel.media.yuv import BT709_LIMITED, join_planes

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

_LEVEL = 256
"""Steps of luma are cut into so many parts while the gradient is drawn: finer than the dither can show."""

_THRESHOLDS = np.array([[1, 5], [7, 3]], np.uint16) * (_LEVEL // 8)
"""2x2 ordered dither, in parts of a step. Measured at crf 23: it passes the encoder unharmed and quarters the steps of the
gradient, at some 60 KB a card; white noise of the same size is smeared into blocks that band again, for three times the bytes."""

_FLAT_RADIUS = 0.38
"""Share of the half diagonal around the centre that shows the brand colour unchanged."""


_PAINTING = threading.Lock()


def backdrop(size: FrameSize, colors: CardColors) -> YuvFrame:
    """One I420 picture, not to be written into. Chroma is the same everywhere, luma falls from the centre to the edge."""
    # A film's two cards stand on the same one and are drawn at the same time: whoever comes second waits for it.
    with _PAINTING:
        return _painted(size, colors)


@lru_cache(maxsize=2)
def _painted(size: FrameSize, colors: CardColors) -> YuvFrame:
    y, u, v = nearest_yuv(colors.center)
    half = np.ones((size.height // 2, size.width // 2), np.uint8)
    picture = join_planes(_dithered(_luma(size, y, _luma_drop(colors))), u * half, v * half)
    picture.flags.writeable = False
    return picture


def _luma_drop(colors: CardColors) -> float:
    """In steps of 8-bit limited luma; the largest drop of a channel, since others may have ended at 0."""
    center, edge = colors.center, colors.edge
    drop = max(center.red - edge.red, center.green - edge.green, center.blue - edge.blue)
    return drop * 219 / 255


def nearest_yuv(color: Color) -> tuple[int, int, int]:
    """The whole Y, U, V (bt709, limited range) that decode nearest to the colour: all three are rounded together.

    Rounding each by itself can be off by 2 in a channel, which tints a pale background.
    """
    wanted = np.array([color.red, color.green, color.blue], np.float64)
    exact = BT709_LIMITED[:, :3] @ wanted + BT709_LIMITED[:, 3]
    decode = np.linalg.inv(BT709_LIMITED[:, :3].astype(np.float64))
    candidates = [np.floor(exact) + corner for corner in product((0, 1), repeat=3)]
    errors = [np.abs(decode @ (candidate - BT709_LIMITED[:, 3]) - wanted).max() for candidate in candidates]
    y, u, v = candidates[int(np.argmin(errors))]
    return int(y), int(u), int(v)


def _luma(size: FrameSize, center: int, drop: float) -> npt.NDArray[np.uint16]:
    """In parts of a step: from the centre's down by up to the drop, drawn at a quarter of the size."""
    small = np.rint((center - drop * _shade(size.width // 4, size.height // 4)) * _LEVEL).astype(np.uint16)
    return np.asarray(cv2.resize(small, (size.width, size.height), interpolation=cv2.INTER_LINEAR), np.uint16)


def _shade(width: int, height: int) -> npt.NDArray[np.float32]:
    """0 in the middle, up to 1 in the corners; the lower right is darker, as if light came from the upper left."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    radius = np.sqrt((x * x + y * y) / 2)
    t = np.clip((radius - _FLAT_RADIUS) / (1 - _FLAT_RADIUS), 0, 1)
    return np.asarray(t * t * (3 - 2 * t) * (0.8 + 0.1 * (x + y)), np.float32)


def _dithered(luma: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Rounds up or down by a fixed pattern, so that gradients have no edges; a whole step, as in the middle, stays itself."""
    pattern = np.tile(_THRESHOLDS, (luma.shape[0] // 2, luma.shape[1] // 2))
    return ((luma + pattern) // np.uint16(_LEVEL)).astype(np.uint8)
