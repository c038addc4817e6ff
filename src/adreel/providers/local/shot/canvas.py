"""Resamples a cut-out to screen resolution, on a canvas with room for its shadow and reflection."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.geometry import DOUBLED, affine
from adreel.providers.local.drawing.raster import shrink_or_grow
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.photo.cutout import Cutout
from adreel.providers.local.shot.framing import Placement

_ASIDE = 0.45
"""Room beside a product for its shadow, as a fraction of its shorter side."""

_BELOW = 0.42
"""Room below a product for its reflection, as a fraction of its height."""


@dataclass(frozen=True, slots=True)
class CanvasTransform:
    """The placement of a canvas: its pixel (x, y) is (scale_x * x + left, scale_y * y + top) in the composed frame."""

    scale_x: float
    scale_y: float
    left: float
    top: float

    def below(self, row: int) -> CanvasTransform:
        """The placement of the part of the canvas that starts at `row`."""
        return CanvasTransform(self.scale_x, self.scale_y, self.left, self.top + self.scale_y * row)


@dataclass(frozen=True, slots=True)
class Canvas:
    """`color` (height, width, 3); `alpha` (height, width) 0-1; `passing` as in `Cutout`; sides are even.
    `box` is the product's bounds, which may extend beyond the canvas; it `stands` unless its photo cuts it below."""

    color: U8
    alpha: Floats
    passing: U8 | None
    box: Box
    transform: CanvasTransform
    stands: bool

    def floor_shows(self) -> bool:
        """Whether the product's foot is on the canvas."""
        return self.stands and self.box.bottom < self.alpha.shape[0] and float(self.alpha.max()) > 0.5


def canvas_of(cutout: Cutout, place: Placement, visible: Box, tightest: float) -> Canvas:
    """Crops to the area that the camera sees and resamples once, to one pixel per screen pixel at the tightest framing."""
    height, width = cutout.alpha.shape
    scale = place.scale
    view = visible.grown(0.06 * min(visible.width, visible.height))
    x0, x1 = _span((view.left - place.left) / scale, (view.right - place.left) / scale, width)
    y0, y1 = _span((view.top - place.top) / scale, (view.bottom - place.top) / scale, height)
    columns, rows = (max(2, round(length * scale * tightest)) for length in (x1 - x0, y1 - y0))
    fine_x, fine_y = columns / (x1 - x0), rows / (y1 - y0)
    inner, cut = cutout.box, (slice(y0, y1), slice(x0, x1))
    box = Box(
        (inner.left - x0) * fine_x, (inner.top - y0) * fine_y, (inner.right - x0) * fine_x, (inner.bottom - y0) * fine_y
    )
    bounds = place.place(Box(x0, y0, x1, y1))
    # Parts outside the view need no room.
    free = tuple(
        max(0.0, gap) * tightest
        for gap in (bounds.left - view.left, view.right - bounds.right, view.bottom - bounds.bottom)
    )
    room = _room(box, columns, rows, free, stands=not cutout.cut_below)
    left, above = room[:2]
    box = Box(box.left + left, box.top + above, box.right + left, box.bottom + above)
    # Pixel centres: canvas (x - left + 1/2) / fine is photo x + 1/2.
    step_x, step_y = scale / fine_x, scale / fine_y
    transform = CanvasTransform(
        step_x,
        step_y,
        place.left + scale * (x0 - 0.5) + step_x * (0.5 - left),
        place.top + scale * (y0 - 0.5) + step_y * (0.5 - above),
    )
    passing = _laid(cutout.passing, cut, columns, rows, room, 255) if cutout.passing is not None else None
    return Canvas(
        _laid(cutout.color, cut, columns, rows, room, 0),
        _laid(cutout.alpha, cut, columns, rows, room, 0).astype(np.float32) / 255,
        passing,
        box,
        transform,
        not cutout.cut_below,
    )


def _span(low: float, high: float, limit: int) -> tuple[int, int]:
    start = min(max(0, math.floor(low)), limit - 2)
    return start, max(start + 2, min(limit, math.ceil(high)))


def _room(box: Box, columns: int, rows: int, free: tuple[float, ...], *, stands: bool) -> tuple[int, int, int, int]:
    """Pixels to add left, above, right and below; canvas sides become even."""
    aside = _ASIDE * min(box.width, box.height) if stands else 0.0
    left = max(8, round(min(aside - box.left, free[0])))
    right = max(8, round(min(aside - (columns - box.right), free[1])))
    below = max(8, round(min(box.bottom + _BELOW * box.height - rows, free[2]))) if stands else 8
    above = 8
    return left, above, right + (columns + left + right) % 2, below + (rows + above + below) % 2


def _laid(
    plane: U8, cut: tuple[slice, slice], columns: int, rows: int, room: tuple[int, int, int, int], fill: int
) -> U8:
    part = shrink_or_grow(np.ascontiguousarray(plane[cut]), columns, rows)
    left, above, right, below = room
    border = cv2.BORDER_CONSTANT
    return cast("U8", cv2.copyMakeBorder(part, above, below, left, right, border, value=(fill, fill, fill)))


def behind(canvas: Canvas, empty: Floats, area: Box, step: int = 1) -> Floats:
    """The part of the set (`empty`, half the size of `area` in the composed frame) behind the canvas, every `step`th pixel."""
    height, width = canvas.alpha.shape
    transform = canvas.transform
    matrix = (
        DOUBLED
        @ affine(transform.scale_x, transform.scale_y, transform.left - area.left, transform.top - area.top)
        @ affine(step, step, 0, 0)
    )
    size = (-(-width // step), -(-height // step))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast("Floats", cv2.warpAffine(empty, matrix[:2], size, flags=flags, borderMode=cv2.BORDER_REPLICATE))
