"""The static background of a card: a gentle vignette around the brand colour, dithered against banding."""

from __future__ import annotations

import threading
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.cards.colors import CardColors
from adreel.media.yuv import BT709_LIMITED, join_planes

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

_LEVEL = 256
"""Subdivisions of a luma step in which the gradient is computed: finer than the dither can show."""

_THRESHOLDS = np.array([[1, 5], [7, 3]], np.uint16) * (_LEVEL // 8)
"""2x2 ordered dither, in subdivisions of a step. Measured at CRF 23: it survives the encoder and quarters the steps of the
gradient, for about 60 KB a card; white noise of the same amplitude is smeared into bands again, for three times the bytes."""

_FLAT_RADIUS = 0.38
"""Fraction of the half diagonal around the centre that shows the unchanged brand colour."""


_PAINT_LOCK = threading.Lock()


def backdrop(size: FrameSize, colors: CardColors) -> YuvFrame:
    """One read-only I420 picture. Chroma is constant, luma falls from the centre to the edge."""
    # A film's two cards share a backdrop and are drawn concurrently: the second caller waits for the first.
    with _PAINT_LOCK:
        return _painted(size, colors)


@lru_cache(maxsize=2)
def _painted(size: FrameSize, colors: CardColors) -> YuvFrame:
    y, u, v = nearest_yuv(colors.center)
    half = np.ones((size.height // 2, size.width // 2), np.uint8)
    picture = join_planes(_dithered(_luma(size, y, _luma_drop(colors))), u * half, v * half)
    picture.flags.writeable = False
    return picture


def _luma_drop(colors: CardColors) -> float:
    """The drop in steps of 8-bit limited luma, from the channel with the largest drop, since others may be clipped at 0."""
    center, edge = colors.center, colors.edge
    drop = max(center.red - edge.red, center.green - edge.green, center.blue - edge.blue)
    return drop * 219 / 255


def nearest_yuv(color: Color) -> tuple[int, int, int]:
    """The integers Y, U, V (bt709, limited range) that decode nearest to the colour, rounded jointly.

    Rounding each separately can be off by 2 in a channel, which tints a pale background.
    """
    rgb = np.array([color.red, color.green, color.blue], np.float64)
    exact = BT709_LIMITED[:, :3] @ rgb + BT709_LIMITED[:, 3]
    decode = np.linalg.inv(BT709_LIMITED[:, :3].astype(np.float64))
    candidates = [np.floor(exact) + corner for corner in product((0, 1), repeat=3)]
    errors = [np.abs(decode @ (candidate - BT709_LIMITED[:, 3]) - rgb).max() for candidate in candidates]
    y, u, v = candidates[int(np.argmin(errors))]
    return int(y), int(u), int(v)


def _luma(size: FrameSize, center: int, drop: float) -> npt.NDArray[np.uint16]:
    """Luma in subdivisions of a step, falling from the centre by up to `drop`; computed at a quarter of the size."""
    small = np.rint((center - drop * _shade(size.width // 4, size.height // 4)) * _LEVEL).astype(np.uint16)
    return np.asarray(cv2.resize(small, (size.width, size.height), interpolation=cv2.INTER_LINEAR), np.uint16)


def _shade(width: int, height: int) -> npt.NDArray[np.float32]:
    """0 in the middle, up to 1 in the corners; the lower right is darker, as if lit from the upper left."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    radius = np.sqrt((x * x + y * y) / 2)
    t = np.clip((radius - _FLAT_RADIUS) / (1 - _FLAT_RADIUS), 0, 1)
    return np.asarray(t * t * (3 - 2 * t) * (0.8 + 0.1 * (x + y)), np.float32)


def _dithered(luma: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Rounds up or down by a fixed pattern, so that gradients have no edges; whole steps, as in the middle, do not change."""
    pattern = np.tile(_THRESHOLDS, (luma.shape[0] // 2, luma.shape[1] // 2))
    return ((luma + pattern) // np.uint16(_LEVEL)).astype(np.uint8)
