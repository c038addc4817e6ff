"""Draws into YUV frames: rounded shapes, stacked layers, a moving plate over a still picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.cards.motion import Pose
from adreel.media.yuv import BT709_LIMITED, plane_views

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

    Mask = npt.NDArray[np.float32]
    Layer = npt.NDArray[np.float32]
    """(height, width, 4) RGBA, 0–1, premultiplied."""


_PREMULTIPLIED = np.vstack(
    [[0, 0, 0, 255], np.hstack([BT709_LIMITED[:, :3] * 255, BT709_LIMITED[:, 3:]])],
).astype(np.float32)
"""Converts premultiplied RGBA 0–1 to alpha 0–255 and premultiplied 8-bit Y, U, V; offsets are weighted by alpha too."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """In pixels of the frame; edges may lie between pixels."""

    left: float
    top: float
    width: float
    height: float


def rounded_mask(shape: tuple[int, int], area: Rectangle, radius: float, softness: float = 0.5) -> Mask:
    """A rounded rectangle on (height, width) pixels, from its signed distance field.

    The edge falls from 1 to 0 over `softness` pixels on either side: half a pixel for a clean edge, more for a shadow.
    """
    rows = np.arange(shape[0], dtype=np.float32)[:, None] + 0.5 - (area.top + area.height / 2)
    columns = np.arange(shape[1], dtype=np.float32)[None, :] + 0.5 - (area.left + area.width / 2)
    round_by = min(radius, area.width / 2, area.height / 2)
    beyond_x = np.abs(columns) - (area.width / 2 - round_by)
    beyond_y = np.abs(rows) - (area.height / 2 - round_by)
    outside = np.hypot(np.maximum(beyond_x, 0), np.maximum(beyond_y, 0))
    distance = outside + np.minimum(np.maximum(beyond_x, beyond_y), 0) - round_by
    inside = np.clip(0.5 - distance / (2 * softness), 0, 1)
    return (inside * inside * (3 - 2 * inside) if softness > 1 else inside).astype(np.float32, copy=False)


def over(top: Layer, bottom: Layer) -> Layer:
    """Porter-Duff over, both premultiplied."""
    through = cv2.merge([1 - top[:, :, 3]] * 4)
    return np.asarray(cv2.add(top, cv2.multiply(bottom, through)), np.float32)


def filled(mask: Mask, color: Color, opacity: float = 1) -> Layer:
    rgba = (color.red / 255, color.green / 255, color.blue / 255, 1.0)
    return np.asarray(cv2.merge([mask * np.float32(channel * opacity) for channel in rgba]), np.float32)


@dataclass(frozen=True, slots=True)
class Plate:
    """A layer as planes, at an even position (`left`, `top`) of the frame; channels: alpha and Y, alpha and U and V."""

    left: int
    top: int
    luma: npt.NDArray[np.uint8]
    chroma: npt.NDArray[np.uint8]


def make_plate(layer: Layer, left: int, top: int) -> Plate:
    """Converts a layer to planes. `left`, `top` and both sides of the layer must be even."""
    planes = np.asarray(cv2.transform(layer, _PREMULTIPLIED), np.float32)
    half = np.asarray(cv2.resize(planes, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)
    return Plate(left, top, _quantise(planes[:, :, [0, 1]]), _quantise(half[:, :, [0, 2, 3]]))


def paste(plate: Plate, frame: YuvFrame, size: FrameSize, pose: Pose) -> None:
    """Draws the plate into the frame: moved, scaled about the frame's centre and faded by the pose."""
    y, u, v = plane_views(frame, size)
    alpha, luma = _moved(plate.luma, plate, size, pose, 1)
    _blend(y, plate.left, plate.top, alpha, luma)
    alpha, blue, red = _moved(plate.chroma, plate, size, pose, 2)
    _blend(u, plate.left // 2, plate.top // 2, alpha, blue)
    _blend(v, plate.left // 2, plate.top // 2, alpha, red)


def _moved(
    channels: npt.NDArray[np.uint8], plate: Plate, size: FrameSize, pose: Pose, step: int
) -> list[npt.NDArray[np.uint8]]:
    """The channels in this pose. `step` is 2 for planes of half size."""
    moved = _lowered(channels, pose.shift / step) if pose.scale == 1 else _warped(channels, plate, size, pose, step)
    faded = moved if pose.opacity >= 1 else cv2.convertScaleAbs(moved, alpha=pose.opacity)
    return [np.asarray(channel, np.uint8) for channel in cv2.split(faded)]


def _lowered(channels: npt.NDArray[np.uint8], down: float) -> npt.NDArray[np.uint8]:
    """Shifts down by a fraction of a pixel by mixing adjacent rows, for a tenth of the cost of a warp."""
    whole, part = divmod(down, 1)
    height = channels.shape[0]
    wide = cv2.copyMakeBorder(channels, int(whole) + 1, 0, 0, 0, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.addWeighted(wide[1 : height + 1], 1 - part, wide[:height], part, 0), np.uint8)


def _warped(
    channels: npt.NDArray[np.uint8], plate: Plate, size: FrameSize, pose: Pose, step: int
) -> npt.NDArray[np.uint8]:
    """Scales and shifts the channels. Pixel coordinates are those of pixel centres."""
    center_x = (size.width / 2 - plate.left) / step - 0.5
    center_y = (size.height / 2 - plate.top) / step - 0.5
    rest = 1 - pose.scale
    matrix = np.array([[pose.scale, 0, center_x * rest], [0, pose.scale, center_y * rest + pose.shift / step]])
    moved = cv2.warpAffine(channels, matrix, (channels.shape[1], channels.shape[0]), flags=cv2.INTER_LINEAR)
    return np.asarray(moved, np.uint8)


def _blend(
    plane: npt.NDArray[np.uint8], left: int, top: int, alpha: npt.NDArray[np.uint8], value: npt.NDArray[np.uint8]
) -> None:
    height, width = alpha.shape
    below = plane[top : top + height, left : left + width]
    below[:] = cv2.add(cv2.multiply(below, 255 - alpha, scale=1 / 255), value)


def _quantise(planes: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(np.rint(planes).clip(0, 255).astype(np.uint8))
