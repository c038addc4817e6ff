"""From poses to matrices: where a layer of the picture lies on the screen, and how far a move reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adreel.domain.formats import FrameSize
from adreel.providers.local.camera import Pose

Matrix = npt.NDArray[np.float64]
"""3 x 3, acting on (x, y, 1) with pixel centres at whole numbers."""

_FOCAL = 2.2
"""Distance of the camera in units of the frame's longer side: a short telephoto, as product photographers use."""

_ORBIT = 0.30
"""How far, in parts of the shorter side per radian of yaw, what stands nearer or farther slides sideways."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, right and bottom outside."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def corners(self) -> list[tuple[float, float]]:
        """Top left, top right, bottom left, bottom right."""
        return [(x, y) for y in (self.top, self.bottom) for x in (self.left, self.right)]

    def grown(self, margin: float) -> Box:
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def scaled(self, factor: float) -> Box:
        return Box(factor * self.left, factor * self.top, factor * self.right, factor * self.bottom)

    def moved(self, x: float, y: float) -> Box:
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def holds(self, other: Box) -> bool:
        """Whether all of the other lies within this one."""
        across, down = self.left <= other.left and other.right <= self.right, self.top <= other.top
        return across and down and other.bottom <= self.bottom

    def clipped(self, other: Box) -> Box:
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


def affine(scale_x: float, scale_y: float, x: float, y: float) -> Matrix:
    return np.array([[scale_x, 0.0, x], [0.0, scale_y, y], [0.0, 0.0, 1.0]])


def camera_matrix(pose: Pose, size: FrameSize, depth: float = 1.0) -> Matrix:
    """From the composed frame to the screen for a layer at `depth`: 1 moves in full, 0 not at all. Yaw only slides here."""
    short = min(size.width, size.height)
    x, y = (size.width - 1) / 2, (size.height - 1) / 2
    zoom = 1 + (pose.zoom - 1) * depth
    cos, sin = zoom * math.cos(pose.roll), zoom * math.sin(pose.roll)
    shift_x = (pose.x * depth + _ORBIT * pose.yaw * (depth - 1)) * short
    shift_y = pose.y * depth * short
    turn = np.array([[cos, -sin, x + shift_x], [sin, cos, y + shift_y], [0.0, 0.0, 1.0]])
    return turn @ affine(1, 1, -x, -y)


def yaw_matrix(yaw: float, size: FrameSize, pivot: tuple[float, float]) -> Matrix:
    """A flat picture turned about the vertical through `pivot` and seen in perspective, in composed-frame pixels."""
    focal = _FOCAL * max(size.width, size.height)
    x, y = pivot
    turn = np.array([[math.cos(yaw), 0.0, 0.0], [0.0, 1.0, 0.0], [math.sin(yaw) / focal, 0.0, 1.0]])
    return affine(1, 1, x, y) @ turn @ affine(1, 1, -x, -y)


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f, g, h, i = matrix.ravel().tolist()
    w = g * x + h * y + i
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w


def image_of(matrix: Matrix, box: Box) -> Box:
    """The smallest box around `box` seen through `matrix`."""
    points = [apply(matrix, x, y) for x, y in box.corners()]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def reach(views: Sequence[Matrix], size: FrameSize) -> Box:
    """All that the camera ever sees, in composed-frame pixels: what must be there so that no border shows."""
    frame = Box(0, 0, size.width, size.height)
    seen = [image_of(inverse(view), frame) for view in views]
    return Box(
        min(box.left for box in seen),
        min(box.top for box in seen),
        max(box.right for box in seen),
        max(box.bottom for box in seen),
    )


def inverse(matrix: Matrix) -> Matrix:
    """By cofactors: for a matrix this small ten times as fast as the general method, and needed dozens of times a frame."""
    a, b, c, d, e, f, g, h, i = matrix.ravel().tolist()
    x, y, z = e * i - f * h, f * g - d * i, d * h - e * g
    cofactors = [
        [x, c * h - b * i, b * f - c * e],
        [y, a * i - c * g, c * d - a * f],
        [z, b * g - a * h, a * e - b * d],
    ]
    return np.array(cofactors) / (a * x + b * y + c * z)


def half(matrix: Matrix) -> Matrix:
    """The same mapping between chroma planes, whose pixels are the centres of 2 x 2 blocks."""
    return DOUBLED @ matrix @ _HALVED


def blocks(width: float, height: float) -> Matrix:
    """From the pixels of a picture to blocks of so many of them, each at the middle of its pixels."""
    return affine(1 / width, 1 / height, 0.5 / width - 0.5, 0.5 / height - 0.5)


DOUBLED = blocks(2, 2)
"""From the pixels of a picture of twice the size to those of the picture itself (and from luma's to chroma's)."""

_HALVED = blocks(0.5, 0.5)
