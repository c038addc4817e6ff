"""CIELAB and back, for a few pixels: OpenCV's first conversion spends a tenth of a second on tables. Pure."""

from __future__ import annotations

import numpy as np

from adreel.providers.local.still import Floats

_WHITE = np.array([0.95047, 1.0, 1.08883])
"""Of illuminant D65, as sRGB has it."""

_TO_XYZ = (
    np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    / _WHITE[:, None]
)
"""Linear sRGB to CIE XYZ in parts of white (IEC 61966-2-1)."""

_TO_RGB = np.linalg.inv(_TO_XYZ)
_DARK, _SLOPE = 216 / 24389, 24389 / 27
"""Where CIELAB's cube root gives way to a line, and that line's slope (CIE 15)."""


def lab_of(rgb: Floats) -> Floats:
    """(count, 3) of R'G'B' 0-1 to L* 0-100, a*, b*."""
    linear = np.where(rgb > 0.04045, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ _TO_XYZ.T
    roots = np.where(xyz > _DARK, np.cbrt(xyz), (_SLOPE * xyz + 16) / 116)
    x, y, z = roots[:, 0], roots[:, 1], roots[:, 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1).astype(np.float32)


def rgb_of(lab: Floats) -> Floats:
    """(count, 3) of L*, a*, b* to R'G'B' 0-1, clipped to what exists in sRGB."""
    y = (lab[:, 0] + 16) / 116
    roots = np.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], axis=1)
    xyz = np.where(roots**3 > _DARK, roots**3, (116 * roots - 16) / _SLOPE)
    linear = np.clip(xyz @ _TO_RGB.T, 0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear).astype(np.float32)
