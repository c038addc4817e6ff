"""Shapes beside words: ticks, dots, bars, and the line through a former price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.color import Color
from adreel.media.cards.plate import Rectangle, filled, over, rounded_mask
from adreel.media.overlays.style import Mark

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer, Mask

_TICK = ((0.06, 0.54), (0.37, 0.86), (0.96, 0.14))
"""Corners of a tick in a square of side 1."""

_FINE = 4
"""Pixels drawn for each pixel kept, along both sides."""

_DISC = 1.5
"""Diameter of a disc in heights of capitals."""


def mark_layer(mark: Mark, cap: float, accent: Color) -> Layer:
    """A mark for letters of this height of capitals, cropped."""
    match mark:
        case Mark.TICK:
            return filled(_tick(round(cap), 0.17 * cap), accent)
        case Mark.DISC:
            return _disc(round(_DISC * cap), accent)
        case Mark.DOT:
            side = max(4, round(0.38 * cap))
            return filled(rounded_mask((side, side), Rectangle(0, 0, side, side), side / 2), accent)
        case Mark.BAR:
            width, height = max(3, round(0.16 * cap)), max(4, round(cap))
            return filled(rounded_mask((height, width), Rectangle(0, 0, width, height), 0), accent)


def line_layer(width: int, thickness: int, color: Color) -> Layer:
    return filled(np.ones((max(1, thickness), max(1, width)), np.float32), color)


def _disc(side: int, accent: Color) -> Layer:
    ground = filled(rounded_mask((side, side), Rectangle(0, 0, side, side), side / 2), accent)
    inner = round(0.52 * side)
    ink = max((Color(255, 255, 255), Color(0, 0, 0)), key=accent.contrast)
    tick = np.zeros_like(ground)
    start = (side - inner) // 2
    tick[start : start + inner, start : start + inner] = filled(_tick(inner, 0.19 * inner), ink)
    return over(tick, ground)


def _tick(side: int, width: float) -> Mask:
    """A tick with round ends in a square."""
    large = np.zeros((side * _FINE, side * _FINE), np.uint8)
    room = width * _FINE / 2
    span = side * _FINE - 2 * room
    points = np.array([[(room + x * span, room + y * span) for x, y in _TICK]]).round().astype(np.int32)
    cv2.polylines(
        large, [points], isClosed=False, color=255, thickness=max(1, round(width * _FINE)), lineType=cv2.LINE_AA
    )
    return np.divide(cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA), 255, dtype=np.float32)
