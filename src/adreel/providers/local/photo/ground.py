"""The background of a photo: its plainness and lightness, and a fitted picture of it without the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from adreel.providers.local.drawing.raster import fit_within, grid, quantile, stretch
from adreel.providers.local.drawing.still import U8, Floats

_SIDE = 200
_RING = 0.04
"""Width of the measured border, as a fraction of the shorter side."""

_TOLERANCE = 14.0
"""Largest difference, per channel 0-255, of a pixel that counts as background."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A smooth background fitted to a photo's border. `plainness` is the fraction of the border that it explains (0-1)."""

    plainness: float
    lightness: float
    coefficients: Floats

    def picture(self, width: int, height: int) -> U8:
        """The fitted background, (height, width, 3), 1-255."""
        small = _basis(64, 64) @ self.coefficients
        return stretch((np.clip(small, 1.0, 255.0) + 0.5).astype(np.uint8).reshape(64, 64, 3), width, height)


def measure_ground(rgb: U8, subject: U8 | None = None) -> Ground:
    """Fits a quadratic surface per channel to the border, or to everything outside `subject` (a mask of the photo's size)."""
    small = fit_within(rgb, _SIDE).astype(np.float32)
    height, width = small.shape[:2]
    basis, pixels = _basis(width, height), small.reshape(-1, 3)
    free = np.ones(len(pixels), dtype=bool) if subject is None else stretch(subject, width, height).reshape(-1) < 8
    border = _ring(width, height).reshape(-1)
    # A product that the photo cuts covers part of the border, which carries no information about the ground.
    ring = border & free if int((border & free).sum()) > 0.5 * int(border.sum()) else border
    coefficients, plainness = _fit(basis[ring], pixels[ring])
    if subject is not None:
        close = free & (_distance(basis, pixels, coefficients) < _TOLERANCE)
        coefficients = _solve(basis[close], pixels[close]) if int(close.sum()) > 200 else coefficients
    lightness = quantile((basis[ring] @ coefficients) @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32), 0.5)
    return Ground(plainness, lightness, coefficients)


def _ring(width: int, height: int) -> U8:
    edge = max(3, round(_RING * min(width, height)))
    ring = np.ones((height, width), dtype=bool)
    ring[edge:-edge, edge:-edge] = False
    return cast("U8", ring)


def _fit(basis: Floats, pixels: Floats) -> tuple[Floats, float]:
    """Iterated least squares over the inliers: a product touching the border does not bias the fit."""
    coefficients = np.zeros((basis.shape[1], 3), dtype=np.float32)
    coefficients[0] = np.sort(pixels, axis=0)[len(pixels) // 2]
    tolerance = 3 * _TOLERANCE
    for _ in range(5):
        close = _distance(basis, pixels, coefficients) < tolerance
        if int(close.sum()) < 50:
            break
        coefficients = _solve(basis[close], pixels[close])
        tolerance = max(_TOLERANCE, tolerance * 0.6)
    return coefficients, float((_distance(basis, pixels, coefficients) < _TOLERANCE).mean())


def _distance(basis: Floats, pixels: Floats, coefficients: Floats) -> Floats:
    away = np.abs(pixels - _product(basis, coefficients))
    return np.maximum(np.maximum(away[:, 0], away[:, 1]), away[:, 2])


def _solve(basis: Floats, pixels: Floats) -> Floats:
    # Normal equations: the basis is nearly orthogonal, and they are a hundred times smaller.
    wide = np.ascontiguousarray(basis.T, dtype=np.float64)
    return np.linalg.solve(_product(wide, wide.T) + 1e-9 * np.eye(len(wide)), _product(wide, pixels)).astype(np.float32)


def _product(first: Floats, second: Floats) -> Floats:
    """The product of two matrices without BLAS, whose threads busy-wait for 20 ms on a core that others need."""
    return np.einsum("ij,jk->ik", first, second)


def _basis(width: int, height: int) -> Floats:
    columns, rows = grid(width, height)
    x, y = np.broadcast_arrays(2 * columns / max(width - 1, 1) - 1, 2 * rows / max(height - 1, 1) - 1)
    terms = [np.ones_like(x), x, y, x * x, x * y, y * y]
    return np.stack(terms, axis=-1).reshape(-1, 6).astype(np.float32)
