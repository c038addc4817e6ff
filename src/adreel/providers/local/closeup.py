"""Close-ups whose borders cut through as little lettering as can be: a crop is moved and widened a little where that helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.providers.local.camera import Pose
from adreel.providers.local.framing import Placement
from adreel.providers.local.geometry import Box, camera_matrix, image_of, inverse
from adreel.providers.local.raster import blur, fit_within, luma
from adreel.providers.local.still import U8, Floats

_SIDE = 400
"""Longest side of the photo as it is searched for lettering."""

_PLAIN, _STARK = 6.0, 40.0
"""Contrast with the neighbourhood, of 255, from which something counts, and from which it counts no more."""

_NEAR = 0.012
"""How near a border may come to lettering, in parts of the photo's longer side."""

_SHIFTS = tuple(step / 50 for step in range(-8, 9))
"""To where a crop may be moved, in parts of itself."""

_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75)
"""How much wider it may become."""

_SHIFT_COST, _SCALE_COST = 10.0, 16.0
"""What moving a crop by its own size, and showing it at no size at all, weigh against contrast along its borders."""


_DISTURBING = 20.0
"""Contrast along its borders from which a close-up cuts more than outlines, as every one does."""


@dataclass(frozen=True, slots=True)
class Lettering:
    """How much fine contrast there is at each place of a photo, summed along its rows and along its columns; `scale` leads from
    the photo's pixels to places."""

    along_rows: Floats
    along_columns: Floats
    scale: float

    def cut_by(self, window: Box) -> float:
        """Mean contrast along the borders of a window (pixels of the photo), the four sides added; nothing lies outside."""
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
    """Of what `mask` (the photo's size, 0-255) calls product, or of all."""
    small = fit_within(rgb, _SIDE)
    grey = luma(small).astype(np.float32)
    contrast = np.abs(grey - blur(grey, 3.0))
    contrast = np.where(contrast > _PLAIN, np.minimum(contrast, _STARK), 0).astype(np.float32)
    if mask is not None:
        inner = cv2.erode(fit_within(mask, _SIDE), np.ones((7, 7), np.uint8), borderValue=0)
        contrast *= np.asarray(inner) > 200
    near = np.ones((2 * round(_NEAR * _SIDE) + 1, 1), np.uint8)
    # Toward a border only: an outline that crosses it stays as thin as it is.
    above, beside = (np.asarray(cv2.dilate(contrast, kernel), np.float32) for kernel in (near, near.T))
    rows = np.pad(above, ((0, 0), (1, 0))).cumsum(axis=1)
    columns = np.pad(beside, ((1, 0), (0, 0))).cumsum(axis=0)
    return Lettering(rows, columns, small.shape[1] / rgb.shape[1])


def calmest(
    place: Placement,
    lettering: Lettering,
    poses: Sequence[Pose],
    size: FrameSize,
    allowed: Callable[[Placement], bool] = lambda _place: True,
) -> Placement:
    """The same close-up, moved or widened within limits so that its borders, as the camera moves, cut the least lettering.

    Of those `allowed`; `place` itself always is.
    """
    frame = Box(0, 0, size.width, size.height)
    steps = {round(part * (len(poses) - 1) / 4) for part in range(5)}
    windows = [image_of(inverse(camera_matrix(poses[step], size)), frame) for step in sorted(steps)]
    best, least = place, _cut(place, windows, lettering)
    if least < _DISTURBING:
        return place
    for candidate, effort in _neighbours(place, size):
        if effort < least and allowed(candidate):
            cost = effort + _cut(candidate, windows, lettering)
            best, least = (candidate, cost) if cost < least else (best, least)
    return best


def _cut(place: Placement, windows: Sequence[Box], lettering: Lettering) -> float:
    seen = [window.moved(-place.left, -place.top).scaled(1 / place.scale) for window in windows]
    return sum(lettering.cut_by(window) for window in seen) / len(seen)


def _neighbours(place: Placement, size: FrameSize) -> list[tuple[Placement, float]]:
    """Placements near to another, about the frame's middle, with what changing to them weighs."""
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
