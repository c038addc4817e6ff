"""The picture beneath words, in small cells, over the time for which they are shown; and the contrast of colours against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.yuv import BT709_LIMITED, plane_views

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

    Cells = npt.NDArray[np.float32]
    """(frames, rows, columns, 3): R'G'B' 0-1."""

CELL = 8
"""Side of a cell in pixels: about the width of a stroke."""

LARGE_CAP = 40
"""Height of capitals, in pixels of a shorter side of 1080, from which letters count as large: bold letters of 14 points on a
phone, which shows the frame at a third of its pixels (WCAG 2.2, large scale)."""

LEAST_LARGE, LEAST_SMALL = 3.0, 4.5
"""WCAG 2.2, success criterion 1.4.3."""

MARGIN = 1.08
"""Contrast that is asked of the frames that are measured: those between them and the encoder differ a little."""

_DECODE = np.linalg.inv(BT709_LIMITED[:, :3].astype(np.float64))
_TO_RGB = (np.hstack([_DECODE, -_DECODE @ BT709_LIMITED[:, 3:]]) / 255).astype(np.float32)


def least_contrast(cap: float, unit: float) -> float:
    """The contrast that letters need whose capitals are `cap` pixels high."""
    return LEAST_LARGE if cap >= LARGE_CAP * unit else LEAST_SMALL


@dataclass(frozen=True, slots=True)
class Beneath:
    """The cells of a part of the frame in several frames."""

    cells: Cells

    def shaded(self, color: Color, opacity: float) -> Beneath:
        """The same under a layer of a colour."""
        tint = np.array([color.red, color.green, color.blue], np.float32) / 255
        return Beneath(np.asarray(self.cells * (1 - opacity) + tint * opacity, np.float32))

    def contrast(self, ink: Color) -> float:
        """The lowest contrast of a colour against any cell in any frame."""
        light = _luminance(self.cells)
        own = ink.luminance
        ratios = (np.maximum(light, own) + 0.05) / (np.minimum(light, own) + 0.05)
        return float(ratios.min())

    def lightness(self) -> float:
        """The mean luminance, 0-1."""
        return float(_luminance(self.cells).mean())


def cells_beneath(frames: Iterable[YuvFrame], size: FrameSize, area: Box) -> Beneath:
    """The cells that meet an area of the frame, which lies at least partly in it."""
    return Beneath(np.stack([_cells(frame, size, area) for frame in frames]))


def _cells(frame: YuvFrame, size: FrameSize, area: Box) -> npt.NDArray[np.float32]:
    left, right = _span(area.left, area.right, size.width)
    top, bottom = _span(area.top, area.bottom, size.height)
    y, u, v = plane_views(frame, size)
    parts = [y[top:bottom, left:right]]
    parts += [plane[top // 2 : bottom // 2, left // 2 : right // 2] for plane in (u, v)]
    target = (max(1, (right - left) // CELL), max(1, (bottom - top) // CELL))
    small = [cv2.resize(part, target, interpolation=cv2.INTER_AREA) for part in parts]
    rgb = cv2.transform(np.dstack(small).astype(np.float32), _TO_RGB)
    return np.clip(np.asarray(rgb, np.float32), 0, 1)


def _span(low: float, high: float, limit: int) -> tuple[int, int]:
    """Whole cells that hold a span, within the frame."""
    first = max(0, int(low) // CELL * CELL)
    last = min(limit // 2 * 2, -(-int(np.ceil(high)) // CELL) * CELL)
    return first, max(last, min(first + 2, limit))


def _luminance(rgb: Cells) -> npt.NDArray[np.float32]:
    """Relative luminance (WCAG 2.2)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), np.float32)


def readable(beneath: Beneath, inks: Iterable[Color], needed: float) -> bool:
    """Whether all colours have the contrast that they need, with a margin."""
    return all(beneath.contrast(ink) >= needed * MARGIN for ink in inks)
