"""Grounds a product on the floor: contact line, contact shadow, reflection."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from adreel.providers.local.drawing.raster import blur, smoothstep, to_u8
from adreel.providers.local.drawing.still import U8, Floats


def contact_line(alpha: U8) -> tuple[Floats, Floats]:
    """The contact of a product with the floor. For a mask (height, width): the row of the floor under each column, and the
    degree to which each column touches it (0-1)."""
    solid = alpha > 128
    height, width = alpha.shape
    columns = np.arange(width, dtype=np.float32)
    filled = np.flatnonzero(solid.any(axis=0))
    lowest = np.where(solid.any(axis=0), height - 1 - solid[::-1].argmax(axis=0), -1).astype(np.float32)
    base = float(lowest.max())
    tall = base - float(solid.any(axis=1).argmax())
    reach = 0.10 * max(tall, 1.0)
    touching = filled[lowest[filled] > base - reach]
    floor = _floor_curve(columns, touching, lowest, 0.015 * max(tall, 1.0))
    # The fit is used only within the touching columns; outside it is constant.
    low, high = (int(touching.min()), int(touching.max())) if touching.size else (0, width - 1)
    floor = np.clip(floor[np.clip(columns.astype(np.int64), low, high)], base - reach, base)
    gap = np.where(lowest >= 0, np.abs(floor - lowest), height)
    return floor.astype(np.float32), (1 - smoothstep(0.015 * tall, 0.05 * tall, gap.astype(np.float32)))


def _floor_curve(columns: Floats, touching: npt.NDArray[np.intp], lowest: Floats, tolerance: float) -> Floats:
    """A parabola through the lowest points: flat for boxes, bulging down for round feet seen from above."""
    if touching.size < 12:
        return np.full_like(columns, lowest.max())
    middle, spread = columns[touching].mean(), max(float(np.ptp(columns[touching])), 1.0)
    x, y = (columns[touching] - middle) / spread, lowest[touching]
    keep = np.ones(len(x), dtype=bool)
    fit = np.array([0.0, 0.0, y.max()])
    for _ in range(3):
        fit = np.polyfit(x[keep], y[keep], 2)
        close = y - np.polyval(fit, x) > -2 * tolerance
        keep = close if int(close.sum()) >= 12 else keep
    return np.polyval(fit, (columns - middle) / spread).astype(np.float32)


def contact_shadow(alpha: U8, floor: Floats, touch: Floats, strength: float, side: int) -> Floats:
    """The light blocked from the floor, (height, width), 0-1: dark and tight at the contact, wide and faint around."""
    height, width = alpha.shape
    solid = alpha > 128
    product_width = float(np.count_nonzero(solid.any(axis=0)))
    unit = max(8.0, min(product_width, float(np.count_nonzero(solid.any(axis=1)))))
    # Beyond this distance from the contact line there is no shadow.
    first, last = max(0, int(floor.min() - 0.35 * unit)), min(height, int(floor.max() + 0.35 * unit) + 1)
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    thickness = 0.012 * unit
    contact = np.exp(-0.5 * ((rows - floor[None, :]) / thickness) ** 2) * touch[None, :]
    contact = contact.astype(np.float32)
    under = np.exp(-0.5 * ((rows - floor[None, :]) / (3 * thickness)) ** 2) * _between(touch)[None, :]
    tight = blur(contact, 0.012 * unit, 0.005 * unit)
    soft = blur(under.astype(np.float32), 0.07 * unit, 0.022 * unit)
    wide = blur(np.roll(under, side * round(0.06 * unit), axis=1).astype(np.float32), 0.22 * unit, 0.05 * unit)
    total = strength * (0.70 * tight + 0.75 * soft + 1.0 * wide)
    shadow = np.zeros((height, width), dtype=np.float32)
    shadow[first:last] = np.clip(total, 0, 0.86)
    return shadow


def _between(touch: Floats) -> Floats:
    """1 from the first to the last column that touches the floor."""
    columns = np.flatnonzero(touch > 0.5)
    span = np.zeros_like(touch)
    if columns.size:
        span[columns[0] : columns[-1] + 1] = 1
    return span


def reflection(color: U8, alpha: U8, floor: Floats, strength: float) -> tuple[U8, Floats, int]:
    """The product mirrored in the floor, fading downward: colour times opacity (rows, width, 3), opacity (rows, width, 0-1), and
    the first row. First row and row count are even; other rows are empty."""
    height, width = alpha.shape
    tall = max(float(np.count_nonzero((alpha > 127).any(axis=1))), 1.0)
    first = max(0, int(floor.min() - 0.01 * tall)) // 2 * 2
    last = max(min(height, int(floor.max() + 0.38 * tall) + 2) // 2 * 2, first + 2)
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    depth = (rows - floor[None, :]) / tall
    source_x = np.broadcast_to(np.arange(width, dtype=np.float32), depth.shape).astype(np.float32)
    source_y = (2 * floor[None, :] - rows - 1).astype(np.float32)
    border = cv2.BORDER_CONSTANT
    sampled = cv2.remap(cv2.merge([color, alpha]), source_x, source_y, cv2.INTER_LINEAR, borderMode=border)
    mirrored = np.asarray(sampled, dtype=np.float32)
    mirrored[:, :, :3] *= mirrored[:, :, 3:] / 255
    away = np.clip(depth / 0.20, 0, 1).astype(np.float32)
    fade = strength * np.exp(-np.clip(depth, 0, None) / 0.15) * (1 - smoothstep(0.25, 0.38, depth.astype(np.float32)))
    soft = _defocus(mirrored, away, 0.016 * tall) * (fade * (depth > -0.004)).astype(np.float32)[:, :, None]
    return to_u8(np.ascontiguousarray(soft[:, :, :3])), soft[:, :, 3] / 255, first


def _defocus(image: Floats, part: Floats, sigma: float) -> Floats:
    """Blurs by `part` (height, width): the degree of defocus at each pixel, 0-1."""
    away = blur(image, sigma)
    away -= image
    away *= part[:, :, None]
    away += image
    return away
