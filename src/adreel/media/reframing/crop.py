"""Draws the part of a frame that a crop shows, between pixels, with blurred borders where it is wider than the film's frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.media.yuv import join_planes, plane_views

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

    Plane = npt.NDArray[np.uint8]

_SHRINK, _BLUR, _LIGHT = 8, 0.08, 0.65
"""Of borders, as those of clips that are shown whole (`media.ffmpeg.filters`): drawn at an eighth of the size, blurred by 8 % of
the short side, dimmed to 65 %."""


def cropped(frame: YuvFrame, source: FrameSize, region: Box, size: FrameSize) -> YuvFrame:
    """The region of an I420 frame of `source`, as a frame of `size`."""
    inner = _inner(region, size)
    planes = [
        _plane(
            plane,
            _halved(region, step),
            (size.width // step, size.height // step),
            _halved(inner, step),
            is_luma=step == 1,
        )
        for plane, step in zip(plane_views(frame, source), (1, 2, 2), strict=True)
    ]
    return join_planes(*planes)


def _inner(region: Box, size: FrameSize) -> Box:
    """Where the region is shown: as large as the frame holds it, on even pixels."""
    scale = min(size.width / region.width, size.height / region.height)
    width = min(size.width, 2 * round(scale * region.width / 2))
    height = min(size.height, 2 * round(scale * region.height / 2))
    left, top = (size.width - width) // 4 * 2, (size.height - height) // 4 * 2
    return Box(left, top, left + width, top + height)


def _halved(box: Box, step: int) -> Box:
    return Box(box.left / step, box.top / step, box.right / step, box.bottom / step)


def _plane(plane: Plane, region: Box, size: tuple[int, int], inner: Box, *, is_luma: bool) -> Plane:
    width, height = round(inner.width), round(inner.height)
    shown = _sampled(plane, region, width, height)
    if (width, height) == size:
        return shown
    canvas = _border(shown, size, is_luma=is_luma)
    left, top = round(inner.left), round(inner.top)
    canvas[top : top + height, left : left + width] = shown
    return canvas


def _sampled(plane: Plane, region: Box, width: int, height: int) -> Plane:
    """Samples between pixels; pixel coordinates are those of pixel centres."""
    across, down = region.width / width, region.height / height
    matrix = np.array([[across, 0, region.left + across / 2 - 0.5], [0, down, region.top + down / 2 - 0.5]], np.float64)
    way = cv2.INTER_CUBIC if across <= 1 else cv2.INTER_LINEAR
    flags = way | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpAffine(plane, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)


def _border(shown: Plane, size: tuple[int, int], *, is_luma: bool) -> Plane:
    width, height = (max(2, side // _SHRINK) for side in size)
    rows, columns = shown.shape
    part = min(columns, max(1, rows * width // height)), min(rows, max(1, columns * height // width))
    left, top = (columns - part[0]) // 2, (rows - part[1]) // 2
    small = cv2.resize(shown[top : top + part[1], left : left + part[0]], (width, height), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), _BLUR * min(width, height)).astype(np.float32)
    neutral = 16.0 if is_luma else 128.0
    dimmed = np.clip(np.rint((soft - neutral) * _LIGHT + neutral), 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(dimmed, size, interpolation=cv2.INTER_LINEAR), np.uint8)
