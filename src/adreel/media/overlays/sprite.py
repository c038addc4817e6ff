"""A picture with its own opacity as planes of YUV, laid over frames at rest or in movement."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.formats import FrameSize
from adreel.media.cards.plate import make_plate
from adreel.media.overlays.movement import LARGEST, REST, Pose
from adreel.media.overlays.style import MotionKind
from adreel.media.yuv import plane_views

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame
    from adreel.media.cards.plate import Layer

    Planes = npt.NDArray[np.uint8]

_SOFT = 0.06
"""Width of the soft edge of a wipe as a share of the whole."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One channel group at its place in its plane: how much of the plane is seen through, and what it adds to it."""

    left: int
    top: int
    through: Planes
    added: tuple[Planes, ...]


@dataclass(frozen=True, slots=True)
class Sprite:
    """`luma` (alpha, Y) and `chroma` (alpha, U, V) are premultiplied, at an even place (`left`, `top`) with even sides; both have
    four channels, the last ones empty, since OpenCV moves four in half the time of two. `unit`: pixels per pixel of a shorter
    side of 1080. `backwards`: its lines begin at the right."""

    left: int
    top: int
    luma: Planes
    chroma: Planes
    unit: float
    backwards: bool
    rest: tuple[_Sheet, _Sheet]

    def lay(self, frame: YuvFrame, size: FrameSize, pose: Pose) -> None:
        """Lays the sprite over a frame in place."""
        luma, chroma = self.rest if pose == REST else self._posed(pose)
        y, u, v = plane_views(frame, size)
        _lay(y, luma, luma.added[0])
        _lay(u, chroma, chroma.added[0])
        _lay(v, chroma, chroma.added[1])

    def _posed(self, pose: Pose) -> tuple[_Sheet, _Sheet]:
        luma, chroma = _moved(self.luma, pose, self, 1), _moved(self.chroma, pose, self, 2)
        return _sheet(self.left, self.top, luma, 2), _sheet(self.left // 2, self.top // 2, chroma, 3)


def make_sprite(
    layer: Layer, left: int, top: int, size: FrameSize, unit: float, room: int, *, backwards: bool
) -> Sprite:
    """A sprite of a layer (premultiplied, 0-1) at (left, top), with `room` pixels around it for its movement, as far as the frame
    reaches."""
    layer = layer[max(0, -top) :, max(0, -left) :]
    left, top = max(0, left), max(0, top)
    x, y = (max(0, edge - room) // 2 * 2 for edge in (left, top))
    right = min(size.width, (left + layer.shape[1] + room + 1) // 2 * 2)
    bottom = min(size.height, (top + layer.shape[0] + room + 1) // 2 * 2)
    canvas = np.zeros((bottom - y, right - x, 4), np.float32)
    inner = canvas[top - y : top - y + layer.shape[0], left - x : left - x + layer.shape[1]]
    inner[:] = layer[: inner.shape[0], : inner.shape[1]]
    plate = make_plate(canvas, x, y)
    rest = _sheet(x, y, plate.luma, 2), _sheet(x // 2, y // 2, plate.chroma, 3)
    return Sprite(x, y, _of_four(plate.luma), _of_four(plate.chroma), unit, backwards, rest)


def _of_four(planes: Planes) -> Planes:
    """The planes with empty ones behind them."""
    return np.pad(planes, ((0, 0), (0, 0), (0, 4 - planes.shape[2])))


def room_for(kind: MotionKind, distance: float, unit: float, width: int, height: int) -> int:
    """Pixels around a part that its movement needs; parts that unveil are hidden by their own edge."""
    match kind:
        case MotionKind.RISE | MotionKind.SLIDE:
            return math.ceil(distance * unit)
        case MotionKind.POP:
            return math.ceil((LARGEST - 1) / 2 * max(width, height)) + 1
        case _:
            return 0


def _sheet(left: int, top: int, planes: Planes, count: int) -> _Sheet:
    """Of the first `count` planes."""
    alpha, *added = (cv2.extractChannel(planes, number) for number in range(count))
    return _Sheet(
        left,
        top,
        cv2.bitwise_not(alpha).astype(np.uint8, copy=False),
        tuple(np.asarray(each, np.uint8) for each in added),
    )


def _lay(plane: Planes, sheet: _Sheet, added: Planes) -> None:
    height, width = added.shape
    below = plane[sheet.top : sheet.top + height, sheet.left : sheet.left + width]
    below[:] = cv2.add(cv2.multiply(below, sheet.through, scale=1 / 255), added)


def _moved(planes: Planes, pose: Pose, sprite: Sprite, step: int) -> Planes:
    """The planes in a pose. `step` is 2 for planes of half size."""
    height, width = planes.shape[:2]
    moved = planes
    if pose.x or pose.y or pose.lift or pose.scale != 1:
        along = -pose.x if sprite.backwards else pose.x
        x, y = along * sprite.unit / step, pose.y * sprite.unit / step + pose.lift * height
        rest = 1 - pose.scale
        matrix = np.array(
            [[pose.scale, 0, rest * (width - 1) / 2 + x], [0, pose.scale, rest * (height - 1) / 2 + y]], np.float64
        )
        moved = np.asarray(cv2.warpAffine(planes, matrix, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
    if pose.shown < 1:
        moved = _wiped(moved, pose.shown, backwards=sprite.backwards)
    return moved if pose.opacity >= 1 else np.asarray(cv2.convertScaleAbs(moved, alpha=pose.opacity), np.uint8)


def _wiped(planes: Planes, shown: float, *, backwards: bool) -> Planes:
    """The planes up to a share of their width, with a soft edge."""
    along = (np.arange(planes.shape[1], dtype=np.float32) + 0.5) / planes.shape[1]
    seen = np.clip((shown * (1 + _SOFT) - along) / _SOFT, 0, 1)
    mask = (seen[::-1] if backwards else seen)[None, :, None]
    return np.rint(planes * mask).astype(np.uint8)
