"""The way into the pixel format of segments, for pictures that tests draw in RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from adreel.media.yuv import BT709_LIMITED, join_planes

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


def rgb_to_i420(rgb: npt.NDArray[np.uint8]) -> YuvFrame:
    """Converts (height, width, 3) RGB, sides even, to (height * 3 / 2, width); chroma is the mean of 2x2 pixels."""
    height, width = rgb.shape[:2]
    planes = np.asarray(cv2.transform(rgb.astype(np.float32), BT709_LIMITED), np.float32)
    half = np.asarray(cv2.resize(planes[:, :, 1:], (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.float32)
    return join_planes(
        *(np.rint(plane).clip(0, 255).astype(np.uint8) for plane in (planes[..., 0], *np.moveaxis(half, 2, 0)))
    )
