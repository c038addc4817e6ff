"""Screen areas, and warping pictures into them through a matrix."""

from __future__ import annotations

import math

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.geometry import Matrix, affine, apply, image_of, inverse
from adreel.providers.local.drawing.still import U8

Area = tuple[slice, slice]
"""Rows and columns."""

_TALL, _WIDE = 16, 320
"""Height and width from which skipping a hidden area pays off: every row of a part has a fixed cost."""


def visible_area(matrix: Matrix, box: Box, screen: U8) -> Area | None:
    """Rows and columns of `screen` that `box` may touch, or None when it is outside."""
    visible = image_of(matrix, box).grown(2).clipped(Box(0, 0, screen.shape[1], screen.shape[0]))
    if visible.width < 1 or visible.height < 1:
        return None
    rows = slice(math.floor(visible.top), math.ceil(visible.bottom))
    return rows, slice(math.floor(visible.left), math.ceil(visible.right))


def inside(matrix: Matrix, box: Box, screen: U8) -> Area | None:
    """The part of `screen`, between even columns, that is certainly within `box`, or None when too small to be useful."""
    (a, b), (c, d), (e, f), (g, h) = (apply(matrix, x, y) for x, y in box.corners())
    top, bottom = max(math.ceil(max(b, d)) + 2, 0), min(math.floor(min(f, h)) - 2, screen.shape[0])
    left, right = max(math.ceil(max(a, e)) + 2, 0), min(math.floor(min(c, g)) - 2, screen.shape[1])
    left, right = left + left % 2, right - right % 2
    large = bottom - top > _TALL and right - left > _WIDE
    return (slice(top, bottom), slice(left, right)) if large else None


def even(area: Area, screen: U8) -> Area:
    """Extends an area to even columns or the screen's edge."""
    rows, columns = area
    return rows, slice(columns.start - columns.start % 2, min(columns.stop + columns.stop % 2, screen.shape[1]))


def without(area: Area, hidden: Area | None) -> list[Area]:
    """`area` without `hidden`, as up to four rectangles."""
    if hidden is None:
        return [area]
    rows, columns = area
    top, bottom = (min(max(row, rows.start), rows.stop) for row in (hidden[0].start, hidden[0].stop))
    left, right = (min(max(column, columns.start), columns.stop) for column in (hidden[1].start, hidden[1].stop))
    strips = [
        (slice(rows.start, top), columns),
        (slice(bottom, rows.stop), columns),
        (slice(top, bottom), slice(columns.start, left)),
        (slice(top, bottom), slice(right, columns.stop)),
    ]
    return [strip for strip in strips if strip[0].stop > strip[0].start and strip[1].stop > strip[1].start]


def region(source: U8, matrix: Matrix, area: Area, border: tuple[int, ...] | None) -> U8:
    """Renders the part `area` of the screen through `matrix`; `border` as in `warp`."""
    rows, columns = area
    target = np.empty((rows.stop - rows.start, columns.stop - columns.start, *source.shape[2:]), dtype=np.uint8)
    warp(source, affine(1, 1, -columns.start, -rows.start) @ matrix, target, border)
    return target


def warp(source: U8, matrix: Matrix, target: U8, border: tuple[int, ...] | None) -> None:
    """Draws `source` into `target` through `matrix` (source to target pixels), sampled linearly.

    `border` fills the outside of the source, one value per channel; None extends its edge.
    """
    size = (target.shape[1], target.shape[0])
    back = inverse(matrix)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    kind = cv2.BORDER_REPLICATE if border is None else cv2.BORDER_CONSTANT
    value = border or (0,)
    if abs(back[2, 0]) + abs(back[2, 1]) < 1e-12:
        flat = back[:2] / back[2, 2]
        cv2.warpAffine(source, flat, size, dst=target, flags=flags, borderMode=kind, borderValue=value)
    else:
        cv2.warpPerspective(source, back, size, dst=target, flags=flags, borderMode=kind, borderValue=value)
