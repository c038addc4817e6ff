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

_NOISE_SEED = 709
_FLAT_RADIUS = 0.38
"""Share of the half diagonal around the centre that shows the brand colour unchanged."""


def backdrop(size: FrameSize, colors: CardColors) -> YuvFrame:
    """One I420 picture. The noise is the same for every card, so that an encoder sees a still picture."""
    random = np.random.default_rng(_NOISE_SEED)
    shade = _shade(size)
    half = cv2.resize(shade, (size.width // 2, size.height // 2), interpolation=cv2.INTER_AREA)
    center, edge = color_to_yuv(colors.center), color_to_yuv(colors.edge)
    planes = [_dither(center[i] + (edge[i] - center[i]) * (half if i else shade), random) for i in range(3)]
    return join_planes(planes[0], planes[1], planes[2])


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
    return cv2.resize(shade.astype(np.float32), (size.width, size.height), interpolation=cv2.INTER_LINEAR)


def _dither(plane: npt.NDArray[np.float32], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Rounds with uniform noise one step wide: gradients dissolve into grain instead of bands."""
    return np.floor(plane + random.random(plane.shape, np.float32)).clip(0, 255).astype(np.uint8)
