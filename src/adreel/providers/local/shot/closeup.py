"""Moves and widens close-up crops slightly so that their borders cut as little lettering as possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from adreel.domain.films.box import Box, box_around
from adreel.domain.films.formats import FrameSize
from adreel.providers.local.drawing.camera import Pose
from adreel.providers.local.drawing.geometry import camera_matrix, image_of, inverse
from adreel.providers.local.drawing.raster import blur, fit_within, luma
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.shot.framing import Placement

_SIDE = 400
"""Longest side of the photo for the lettering search."""

_PLAIN, _STARK = 6.0, 40.0
"""Local contrast (0-255) at which lettering starts to count, and at which the measure saturates."""

_NEAR = 0.012
"""Smallest distance of a border from lettering, as a fraction of the photo's longer side."""

_SHIFTS = tuple(step / 50 for step in range(-8, 9))
"""Tried shifts of a crop, as fractions of its size."""

_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75)
"""Tried scale factors; a smaller scale shows a wider crop."""

_SHIFT_COST, _SCALE_COST = 10.0, 16.0
"""Costs of moving a crop by its own size and of reducing its scale to 0, relative to the contrast along its borders."""


DISTURBING = 20.0
"""Contrast along the borders above which a close-up cuts more than the outlines that every close-up cuts."""


_EDGE, _RIM = 3, 12
"""Pixels at `_SIDE` along a product's outline that are not searched for lettering, and for a label, which the outline would
join."""

_DRAWN = 16.0
"""Local contrast from which a pixel belongs to lettering or a drawing."""

_TOGETHER = 0.006
"""Largest distance between parts of a label, as a fraction of the photo's longer side."""

_NEXT_PART, _LARGEST_PART = 0.035, 0.16
"""Distance within which another part belongs to a label, and its largest length, as fractions of the photo's longer side."""

_NEXT_LINE, _LONGEST_LINE, _HIGHEST_LINE, _LINE = 0.06, 0.45, 0.12, 2.0
"""The same of a line of lettering, which stands farther away; its largest height, and its least width by its height."""

TALLEST_WORDS = 0.55
"""Part of a photo's height from which a drawing, such as the dial of a watch, is no lettering that must be seen whole."""

_LEAST_LABEL = 0.07
"""Half the side of the smallest label, as a fraction of the photo's longer side."""


@dataclass(frozen=True, slots=True)
class Lettering:
    """Fine contrast of a photo, accumulated along its rows and along its columns; `scale` maps the photo's pixels to the
    arrays'."""

    along_rows: Floats
    along_columns: Floats
    scale: float

    def cut_by(self, window: Box) -> float:
        """Mean contrast along the borders of a window (pixels of the photo), summed over the four sides; 0 outside the photo."""
        height, width = self.along_rows.shape[0], self.along_columns.shape[1]
        box = window.scaled(self.scale)
        left, right = (min(max(round(x), 0), width) for x in (box.left, box.right))
        top, bottom = (min(max(round(y), 0), height) for y in (box.top, box.bottom))
        rows = [self._row(round(y), left, right) for y in (box.top, box.bottom)]
        columns = [self._column(round(x), top, bottom) for x in (box.left, box.right)]
        return sum(rows) / max(box.width, 1.0) + sum(columns) / max(box.height, 1.0)

    def _row(self, y: int, left: int, right: int) -> float:
        inside = 0 <= y < self.along_rows.shape[0]
        return float(self.along_rows[y, right] - self.along_rows[y, left]) if inside else 0.0

    def _column(self, x: int, top: int, bottom: int) -> float:
        inside = 0 <= x < self.along_columns.shape[1]
        return float(self.along_columns[bottom, x] - self.along_columns[top, x]) if inside else 0.0


def find_lettering(rgb: U8, mask: U8 | None) -> Lettering:
    """Finds lettering in the pixels that `mask` (the photo's size, 0-255) marks as product, or in all pixels."""
    contrast = _contrast_in(rgb, mask, _EDGE)
    near = np.ones((2 * round(_NEAR * _SIDE) + 1, 1), np.uint8)
    # Dilates only toward a border: an outline that crosses it stays thin.
    above, beside = (np.asarray(cv2.dilate(contrast, kernel), np.float32) for kernel in (near, near.T))
    rows = np.pad(above, ((0, 0), (1, 0))).cumsum(axis=1)
    columns = np.pad(beside, ((1, 0), (0, 0))).cumsum(axis=0)
    return Lettering(rows, columns, contrast.shape[1] / rgb.shape[1])


def _contrast_in(rgb: U8, mask: U8 | None, rim: int) -> Floats:
    """Fine contrast at `_SIDE`, within the mask without a rim of this many pixels."""
    grey = luma(fit_within(rgb, _SIDE)).astype(np.float32)
    contrast = np.abs(grey - blur(grey, 3.0))
    contrast = np.where(contrast > _PLAIN, np.minimum(contrast, _STARK), 0).astype(np.float32)
    if mask is not None:
        inner = cv2.erode(fit_within(mask, _SIDE), np.ones((2 * rim + 1, 2 * rim + 1), np.uint8), borderValue=0)
        contrast *= np.asarray(inner) > 200
    return contrast


def find_label(rgb: U8, mask: U8 | None, point: tuple[float, float]) -> Box:
    """The bounds of the lettering or drawing around a product's most interesting point, in pixels of `rgb`; at least an area of
    `_LEAST_LABEL`. `mask` as in `find_lettering`."""
    contrast = _contrast_in(rgb, mask, _RIM)
    scale = contrast.shape[1] / rgb.shape[1]
    near = np.ones((2 * round(_TOGETHER * _SIDE) + 1,) * 2, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.asarray(cv2.dilate((contrast > _DRAWN).astype(np.uint8), near), np.uint8)
    )
    x, y = point[0] * scale, point[1] * scale
    least = Box(x, y, x, y).grown(_LEAST_LABEL * max(contrast.shape))
    window = np.asarray(labels)[
        max(0, int(least.top)) : int(least.bottom) + 1, max(0, int(least.left)) : int(least.right) + 1
    ]
    found = np.bincount(window.ravel(), minlength=count)[1:]
    boxes = [
        Box(left, top, left + width, top + height) for left, top, width, height in np.asarray(stats)[1:, :4].tolist()
    ]
    start = box_around([boxes[int(found.argmax())], least]) if found.any() else least
    return _with_lines(start, boxes, max(contrast.shape)).scaled(1 / scale)


def _with_lines(label: Box, boxes: Sequence[Box], side: int) -> Box:
    """A label with the parts and lines of lettering near it, and those near these."""
    while True:
        joined = [box for box in boxes if _belongs(box, label, side) and not label.holds(box)]
        if not joined:
            return label
        label = box_around([label, *joined])


def _belongs(box: Box, label: Box, side: int) -> bool:
    is_line = _LINE * box.height <= box.width <= _LONGEST_LINE * side and box.height <= _HIGHEST_LINE * side
    is_part = max(box.width, box.height) <= _LARGEST_PART * side
    return (is_part and _meets(label.grown(_NEXT_PART * side), box)) or (
        is_line and _meets(label.grown(_NEXT_LINE * side), box)
    )


def _meets(box: Box, other: Box) -> bool:
    return box.left < other.right and other.left < box.right and box.top < other.bottom and other.top < box.bottom


def calmest(
    place: Placement,
    lettering: Lettering,
    poses: Sequence[Pose],
    size: FrameSize,
    allowed: Callable[[Placement], bool] = lambda _place: True,
    disturbing: float = DISTURBING,
) -> Placement:
    """The close-up moved or widened within limits so that its borders cut the least lettering during the camera move.

    Considers only `allowed` placements, and `place` itself, which stays where its borders cut less than `disturbing`.
    """
    frame = Box(0, 0, size.width, size.height)
    steps = {round(part * (len(poses) - 1) / 4) for part in range(5)}
    windows = [image_of(inverse(camera_matrix(poses[step], size)), frame) for step in sorted(steps)]
    best, least = place, _cut(place, windows, lettering)
    if least < disturbing:
        return place
    for candidate, effort in _neighbours(place, size):
        if effort < least and allowed(candidate):
            cost = effort + _cut(candidate, windows, lettering)
            best, least = (candidate, cost) if cost < least else (best, least)
    return best


def _cut(place: Placement, windows: Sequence[Box], lettering: Lettering) -> float:
    visible = [window.moved(-place.left, -place.top).scaled(1 / place.scale) for window in windows]
    return sum(lettering.cut_by(window) for window in visible) / len(visible)


def _neighbours(place: Placement, size: FrameSize) -> list[tuple[Placement, float]]:
    """Placements near a placement, about the frame's centre, with the cost of each change."""
    x, y = size.width / 2, size.height / 2
    return [
        (
            Placement(
                place.scale * scale,
                x + scale * (place.left - x) + right * size.width,
                y + scale * (place.top - y) + down * size.height,
                place.yaw,
            ),
            _SHIFT_COST * (abs(right) + abs(down)) + _SCALE_COST * (1 - scale),
        )
        for scale in _SCALES
        for right in _SHIFTS
        for down in _SHIFTS
    ]
