"""From a layer in floating-point RGB to the planes that frames are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adreel.providers.local.canvas import Lie
from adreel.providers.local.geometry import Box, affine
from adreel.providers.local.layers import Layer
from adreel.providers.local.light import make_sweep
from adreel.providers.local.matte import mask_box
from adreel.providers.local.quads import sharp_quads, soft_quads
from adreel.providers.local.raster import halve, to_u8
from adreel.providers.local.still import U8, Floats
from adreel.providers.local.yuv import BLACK, GREY, noise, to_yuv


@dataclass(frozen=True, slots=True)
class Stand:
    """How the layers of one product stand: turned by `yaw` (radians) about the vertical through `pivot` (composed frame);
    `solid` is a rectangle of the canvas in which the product hides what is behind it; `step`: pixels of the canvas for one of the
    screen in the middle of the move."""

    pivot: tuple[float, float]
    yaw: float
    step: float
    solid: Box | None


def layer_of(own: Floats | None, clear: Floats, lie: Lie, stand: Stand, seed: int, sweep: float | None = None) -> Layer:
    """A layer from its colours times opacity (height, width, 3; 0-255) and what it lets through (height, width; 0-1).

    Without colours it is a shadow. `sweep`, given for the product itself: strength of the light that moves over it.
    Sides that show nothing are cut off.
    """
    rows, columns = _used(clear)
    clear = np.ascontiguousarray(clear[rows, columns], dtype=np.float32)
    small = halve(clear)
    yuv = None if own is None else _premultiplied(own[rows, columns], clear)
    left, top = lie.left + lie.scale_x * columns.start, lie.top + lie.scale_y * rows.start
    return Layer(
        luma=None if yuv is None else sharp_quads(to_u8(np.ascontiguousarray(yuv[:, :, 0])), stand.step, 0),
        clear=soft_quads(_opacity(small, seed), 255)
        if yuv is None
        else sharp_quads(_opacity(clear, seed), stand.step, 255),
        chroma=None if yuv is None else _chroma(yuv, small),
        place=affine(lie.scale_x, lie.scale_y, left, top),
        pivot=stand.pivot,
        yaw=stand.yaw,
        solid=stand.solid.moved(-columns.start, -rows.start) if stand.solid else None,
        covers=sweep is not None,
        sweep=make_sweep(yuv[:, :, 0] + BLACK, 1 - clear, sweep, seed)
        if yuv is not None and sweep is not None
        else None,
    )


def _opacity(clear: Floats, seed: int) -> U8:
    """What is let through, 0-255, dithered where it shades."""
    shaded = (clear < 0.995) & (clear > 0.02)
    dithered = clear + noise(clear.shape[0], clear.shape[1], seed) * np.float32(0.5 / 255) * shaded
    return to_u8((255 * dithered).astype(np.float32))


def _premultiplied(own: Floats, clear: Floats) -> Floats:
    """Luma above black, and chroma whose offset, too, counts only as far as the layer is opaque."""
    yuv = to_yuv(np.ascontiguousarray(own, dtype=np.float32))
    return yuv - np.array([BLACK, 0, 0], dtype=np.float32) - clear[:, :, None] * np.array([0, GREY, GREY], np.float32)


def _chroma(yuv: Floats, clear: Floats) -> U8:
    """u, v and what is let through, at half the size of `yuv`."""
    color = halve(np.ascontiguousarray(yuv[:, :, 1:]))
    passing = 255 * clear
    return to_u8(np.dstack([color, passing, passing]).astype(np.float32))


def _used(clear: Floats) -> tuple[slice, slice]:
    """Rows and columns, starting and ending on even numbers, outside which nothing of the layer is seen."""
    height, width = clear.shape
    box = mask_box(clear < 0.997) or Box(0, 0, 2, 2)
    box = box.grown(2).clipped(Box(0, 0, width, height))
    top, left = int(box.top) // 2 * 2, int(box.left) // 2 * 2
    bottom, right = top + (int(box.bottom) - top + 1) // 2 * 2, left + (int(box.right) - left + 1) // 2 * 2
    return slice(top, bottom), slice(left, right)
