"""From a layer in floating-point RGB to the planes that frames are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adreel.providers.local.canvas import Lie
from adreel.providers.local.geometry import Box, affine
from adreel.providers.local.layers import Layer
from adreel.providers.local.light import make_sweep
from adreel.providers.local.matte import mask_box
from adreel.providers.local.raster import doubled, halve, to_u8
from adreel.providers.local.still import Floats
from adreel.providers.local.yuv import BLACK, GREY, Planes, noise, to_yuv


@dataclass(frozen=True, slots=True)
class Turn:
    """The vertical about which a layer turns, through `pivot` (composed frame), and how far it stands turned, radians."""

    pivot: tuple[float, float]
    yaw: float = 0.0


def layer_of(own: Floats, clear: Floats, lie: Lie, turn: Turn, seed: int, *, sweep: float = 0.0) -> Layer:
    """A layer from its colours times opacity (height, width, 3; 0-255) and what it lets through (height, width; 0-1).

    `sweep`: strength of the light that moves over it.
    Sides that show nothing are cut off.
    """
    rows, columns = _used(clear)
    own, clear = np.ascontiguousarray(own[rows, columns]), np.ascontiguousarray(clear[rows, columns])
    yuv = to_yuv(own.astype(np.float32)) - clear[:, :, None] * np.array([BLACK, GREY, GREY], dtype=np.float32)
    luma, chroma = np.ascontiguousarray(yuv[:, :, 0]), halve(np.ascontiguousarray(yuv[:, :, 1:]))
    u, v = (to_u8(np.ascontiguousarray(chroma[:, :, index])) for index in (0, 1))
    height, width = clear.shape
    shaded = (clear < 0.995) & (clear > 0.02)
    dithered = clear + noise(height, width, seed) * np.float32(0.5 / 255) * shaded
    return Layer(
        planes=Planes(doubled(to_u8(luma)), u, v),
        clear=doubled(to_u8((255 * dithered).astype(np.float32))),
        clear_chroma=to_u8((255 * halve(clear)).astype(np.float32)),
        place=affine(
            lie.scale_x, lie.scale_y, lie.left + lie.scale_x * columns.start, lie.top + lie.scale_y * rows.start
        ),
        pivot=turn.pivot,
        yaw=turn.yaw,
        sweep=make_sweep(luma, 1 - clear, sweep, seed) if sweep > 0 else None,
    )


def _used(clear: Floats) -> tuple[slice, slice]:
    """Rows and columns, starting and ending on even numbers, outside which nothing of the layer is seen."""
    height, width = clear.shape
    box = mask_box(clear < 0.997) or Box(0, 0, 2, 2)
    box = box.grown(2).clipped(Box(0, 0, width, height))
    top, left = int(box.top) // 2 * 2, int(box.left) // 2 * 2
    bottom, right = top + (int(box.bottom) - top + 1) // 2 * 2, left + (int(box.right) - left + 1) // 2 * 2
    return slice(top, bottom), slice(left, right)
