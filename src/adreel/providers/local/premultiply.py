"""From a layer in floating-point RGB to the planes that frames are drawn from."""

from __future__ import annotations

import numpy as np

from adreel.providers.local.geometry import Box, affine
from adreel.providers.local.layers import Layer
from adreel.providers.local.light import make_sweep
from adreel.providers.local.matte import mask_box
from adreel.providers.local.raster import halve, to_u8
from adreel.providers.local.still import Floats
from adreel.providers.local.yuv import BLACK, GREY, Planes, noise, to_yuv


def layer_of(
    own: Floats,
    clear: Floats,
    alpha: Floats,
    place: tuple[float, float, float, float],
    pivot: tuple[float, float],
    yaw: float,
    sweep: float,
    seed: int,
) -> Layer:
    """A layer from its colours times opacity (height, width, 3; 0-255) and what it lets through (height, width; 0-1).

    `place`: horizontal and vertical scale, left and top, from its pixels to the composed frame. `alpha` (0-1) is where moving
    light of strength `sweep` may fall. Sides that show nothing are cut off.
    """
    rows, columns = _used(clear)
    own, clear, alpha = (np.ascontiguousarray(part[rows, columns]) for part in (own, clear, alpha))
    yuv = to_yuv(own.astype(np.float32)) - clear[:, :, None] * np.array([BLACK, GREY, GREY], dtype=np.float32)
    luma, chroma = np.ascontiguousarray(yuv[:, :, 0]), halve(np.ascontiguousarray(yuv[:, :, 1:]))
    u, v = (to_u8(np.ascontiguousarray(chroma[:, :, index])) for index in (0, 1))
    shaded = (clear < 0.995) & (clear > 0.02)
    dithered = clear + noise(*clear.shape, seed + 1) * np.float32(0.5 / 255) * shaded
    scale_x, scale_y, left, top = place
    return Layer(
        planes=Planes(to_u8(luma), u, v),
        clear=to_u8((255 * dithered).astype(np.float32)),
        clear_chroma=to_u8((255 * halve(clear)).astype(np.float32)),
        place=affine(scale_x, scale_y, left + scale_x * columns.start, top + scale_y * rows.start),
        pivot=pivot,
        yaw=yaw,
        sweep=make_sweep(luma, alpha, sweep, seed) if sweep > 0 and float(alpha.max()) > 0.5 else None,
    )


def _used(clear: Floats) -> tuple[slice, slice]:
    """Rows and columns, starting and ending on even numbers, outside which nothing of the layer is seen."""
    height, width = clear.shape
    box = mask_box(clear < 0.997) or Box(0, 0, 2, 2)
    box = box.grown(2).clipped(Box(0, 0, width, height))
    top, left = int(box.top) // 2 * 2, int(box.left) // 2 * 2
    return slice(top, top + (int(box.bottom) - top + 1) // 2 * 2), slice(
        left, left + (int(box.right) - left + 1) // 2 * 2
    )
