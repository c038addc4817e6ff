"""Finds bars that are part of a photo, as of a film still or a screenshot: they are no surroundings to film."""

from __future__ import annotations

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.still import U8

_SIDE = 400
"""Longer side of the photo for the search."""

_EVEN = 5
"""Largest deviation from its colour of a pixel within a bar, 0-255: JPEG leaves about that much."""

_STEP = 14
"""Smallest difference, 0-255, of the picture beside a bar from the bar."""

_STRAIGHT, _STRAIGHT_BLACK = 0.95, 0.7
"""Smallest fraction of a bar's edge at which the picture differs: a product on plain ground meets a row at a few places, a wide
box at many. Black grounds are rarer, and pictures before them have dark places too."""

_BLACK = 24

_THINNEST, _THICKEST = 0.015, 0.4
"""Depth of a bar as a fraction of the side. Thinner ones are frames, which stay out of sight anyway."""


def without_bars(rgb: U8) -> Box:
    """The part of a photo (height, width, 3) between its bars, in its pixels; all of it without bars."""
    height, width = rgb.shape[:2]
    factor = min(1.0, _SIDE / max(height, width))
    size = max(8, round(width * factor)), max(8, round(height * factor))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    top, bottom = _pair(small)
    left, right = _pair(small[top : len(small) - bottom].transpose(1, 0, 2))
    across, down = width / size[0], height / size[1]
    # A pixel more than the bar: its edge is soft.
    edges = (left + bool(left), top + bool(top), right + bool(right), bottom + bool(bottom))
    return Box(edges[0] * across, edges[1] * down, width - edges[2] * across, height - edges[3] * down)


def _pair(lines: U8) -> tuple[int, int]:
    """Depths of the bars at both ends; without one of the same colour at the other end, an even area is part of the picture."""
    first, last = _depth(lines), _depth(lines[::-1])
    alike = np.abs(np.median(lines[0], axis=0) - np.median(lines[-1], axis=0)).max() <= 2 * _EVEN
    return (first, last) if first and last and alike else (0, 0)


def _depth(lines: U8) -> int:
    """Lines (count, length, 3) of the bar that begins with the first of them; 0 where there is none."""
    color = np.median(lines[0], axis=0)
    away = np.abs(lines.astype(np.float32) - color.astype(np.float32)).max(axis=2)
    even = np.percentile(away, 98, axis=1) <= _EVEN
    depth = len(lines) if even.all() else int(np.argmin(even))
    if not _THINNEST * len(lines) <= depth <= _THICKEST * len(lines):
        return 0
    # The line at the edge may be a mixture of bar and picture.
    beyond = away[min(depth + 1, len(lines) - 1)]
    straight = _STRAIGHT_BLACK if color.max() <= _BLACK else _STRAIGHT
    return depth if float((beyond > _STEP).mean()) >= straight else 0
