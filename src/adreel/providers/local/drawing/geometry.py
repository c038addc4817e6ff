"""Matrices from poses: the position of a layer on the screen, and the area that a move covers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adreel.domain.films.formats import FrameSize
from adreel.providers.local.drawing.camera import Pose

Matrix = npt.NDArray[np.float64]
"""3 x 3, applied to (x, y, 1), with pixel centres at integers."""

_FOCAL = 2.2
"""Distance of the camera in units of the frame's longer side: a short telephoto, as in product photography."""

_ORBIT = 0.30
"""Sideways parallax of nearer and farther layers, as a fraction of the shorter side per radian of yaw."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; right and bottom are exclusive."""

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

    def transposed(self) -> Box:
        return Box(self.top, self.left, self.bottom, self.right)

    def holds(self, other: Box) -> bool:
        """Whether `other` is entirely within this box."""
        across, down = self.left <= other.left and other.right <= self.right, self.top <= other.top
        return across and down and other.bottom <= self.bottom

    def clipped(self, other: Box) -> Box:
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of the boxes, of which there is at least one."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def affine(scale_x: float, scale_y: float, x: float, y: float) -> Matrix:
    return np.array([[scale_x, 0.0, x], [0.0, scale_y, y], [0.0, 0.0, 1.0]])


def camera_matrix(pose: Pose, size: FrameSize, depth: float = 1.0) -> Matrix:
    """Maps the composed frame to the screen for a layer at `depth`: 1 moves in full, 0 not at all. Yaw only causes parallax."""
    short = min(size.width, size.height)
    x, y = (size.width - 1) / 2, (size.height - 1) / 2
    zoom = 1 + (pose.zoom - 1) * depth
    cos, sin = zoom * math.cos(pose.roll), zoom * math.sin(pose.roll)
    shift_x = (pose.x * depth + _ORBIT * pose.yaw * (depth - 1)) * short
    shift_y = pose.y * depth * short
    turn = np.array([[cos, -sin, x + shift_x], [sin, cos, y + shift_y], [0.0, 0.0, 1.0]])
    return turn @ affine(1, 1, -x, -y)


def yaw_matrix(yaw: float, size: FrameSize, pivot: tuple[float, float]) -> Matrix:
    """Rotates a flat picture about the vertical through `pivot`, in perspective, in composed-frame pixels."""
    focal = _FOCAL * max(size.width, size.height)
    x, y = pivot
    turn = np.array([[math.cos(yaw), 0.0, 0.0], [0.0, 1.0, 0.0], [math.sin(yaw) / focal, 0.0, 1.0]])
    return affine(1, 1, x, y) @ turn @ affine(1, 1, -x, -y)


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f, g, h, i = matrix.ravel().tolist()
    w = g * x + h * y + i
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w


def image_of(matrix: Matrix, box: Box) -> Box:
    """The bounding box of `box` transformed by `matrix`."""
    points = [apply(matrix, x, y) for x, y in box.corners()]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def reach(views: Sequence[Matrix], size: FrameSize) -> Box:
    """The area that the camera sees during the move, in composed-frame pixels: it must be filled to avoid visible borders."""
    frame = Box(0, 0, size.width, size.height)
    return around([image_of(inverse(view), frame) for view in views])


def always_seen(views: Sequence[Matrix], size: FrameSize) -> Box:
    """The area that the camera sees at every moment of the move, in composed-frame pixels."""
    frame = Box(0, 0, size.width, size.height)
    seen = image_of(inverse(views[0]), frame)
    for view in views[1:]:
        seen = seen.clipped(image_of(inverse(view), frame))
    return seen


def inverse(matrix: Matrix) -> Matrix:
    """Inverts by cofactors: ten times as fast as the general method for 3 x 3, and needed dozens of times per frame."""
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
    """Maps pixels to blocks of `width` x `height` pixels; a block's coordinate is its centre."""
    return affine(1 / width, 1 / height, 0.5 / width - 0.5, 0.5 / height - 0.5)


DOUBLED = blocks(2, 2)
"""Maps pixels of a picture to those of the picture at half the size (and luma to chroma)."""

_HALVED = blocks(0.5, 0.5)
