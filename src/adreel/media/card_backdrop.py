"""The still background of a card: a gentle vignette around the brand colour, dithered so that it does not band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.color import Color
from adreel.domain.formats import FrameSize
from adreel.media.card_colors import CardColors
from adreel.media.yuv import BT709_LIMITED, join_planes

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

_THRESHOLDS = np.array([[1, 5], [7, 3]], np.float32) / 8
"""2x2 ordered dither. Measured at crf 23: it passes the encoder unharmed and quarters the steps of the gradient, at
some 60 KB a card; white noise of the same size is smeared into blocks that band again, for three times the bytes."""

_FLAT_RADIUS = 0.38
"""Share of the half diagonal around the centre that shows the brand colour unchanged."""


def backdrop(size: FrameSize, colors: CardColors) -> YuvFrame:
    """One I420 picture. Luma is dithered; steps of chroma are too faint to be seen."""
    shade = _shade(size)
    half = np.asarray(cv2.resize(shade, (size.width // 2, size.height // 2), interpolation=cv2.INTER_AREA), np.float32)
    y, u, v = zip(color_to_yuv(colors.center), color_to_yuv(colors.edge), strict=True)
    return join_planes(_dithered(_mix(y, shade), shade), np.rint(_mix(u, half)), np.rint(_mix(v, half)))


def _mix(ends: tuple[float, float], shade: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.float32(ends[0]) + np.float32(ends[1] - ends[0]) * shade


def color_to_yuv(color: Color) -> tuple[float, float, float]:
    """Unrounded 8-bit Y, U, V (bt709, limited range)."""
    y, u, v = BT709_LIMITED @ np.array([color.red, color.green, color.blue, 1], np.float32)
    return float(y), float(u), float(v)


def _shade(size: FrameSize) -> npt.NDArray[np.float32]:
    """0 in the middle, up to 1 in the corners, the lower right somewhat darker, as if light came from the upper left."""
    y, x = np.mgrid[-1 : 1 : size.height // 4 * 1j, -1 : 1 : size.width // 4 * 1j].astype(np.float32)
    radius = np.sqrt((x * x + y * y) / 2)
    t = np.clip((radius - _FLAT_RADIUS) / (1 - _FLAT_RADIUS), 0, 1)
    shade = t * t * (3 - 2 * t) * (0.8 + 0.1 * (x + y))
    full = cv2.resize(shade.astype(np.float32), (size.width, size.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32)


def _dithered(luma: npt.NDArray[np.float32], shade: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Rounds up or down by a fixed pattern, so that gradients have no edges; the flat middle is simply rounded."""
    pattern = np.tile(_THRESHOLDS, (luma.shape[0] // 2, luma.shape[1] // 2))
    return np.floor(luma + np.where(shade > 0, pattern, np.float32(0.5))).astype(np.uint8)
