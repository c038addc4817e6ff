"""From a layer in floating-point RGB to the planes that frames are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.providers.local.canvas import Lie
from adreel.providers.local.geometry import Box, Matrix, affine
from adreel.providers.local.layers import Layer
from adreel.providers.local.light import make_sweep
from adreel.providers.local.matte import mask_box
from adreel.providers.local.quads import QuadSource, pairs, sharp_quads, soft_quads
from adreel.providers.local.raster import channel, halve, to_u8
from adreel.providers.local.still import U8, Floats
from adreel.providers.local.yuv import GREY, RGB_TO_YUV, noise


@dataclass(frozen=True, slots=True)
class Stand:
    """How the layers of one product stand: turned by `yaw` (radians) about the vertical through `pivot` (composed frame);
    `solid` is a rectangle of the canvas in which the product hides what is behind it; `step`: pixels of the canvas for one of the
    screen in the middle of the move."""

    pivot: tuple[float, float]
    yaw: float
    step: float
    solid: Box | None


def layer_of(own: U8, clear: Floats, lie: Lie, stand: Stand, seed: int, sweep: float | None = None) -> Layer:
    """A layer from its colours times opacity (height, width, 3; 0-255) and what it lets through (height, width; 0-1).

    `sweep`, given for the product itself: strength of the light that moves over it. Sides that show nothing are cut off.
    """
    rows, columns = _used(clear)
    clear = np.ascontiguousarray(clear[rows, columns], dtype=np.float32)
    yuv = _premultiplied(np.ascontiguousarray(own[rows, columns]))
    luma = channel(yuv, 0)
    return Layer(
        luma=sharp_quads(luma, stand.step, 0),
        clear=sharp_quads(_opacity(clear, seed), stand.step, 255),
        chroma=_chroma(yuv, stand.step),
        soft=False,
        place=_placed(lie, rows, columns),
        pivot=stand.pivot,
        yaw=stand.yaw,
        solid=stand.solid.moved(-columns.start, -rows.start) if stand.solid else None,
        covers=sweep is not None,
        sweep=None if sweep is None else make_sweep(halve(luma), 1 - halve(clear), sweep, seed),
    )


def soft_layer_of(own: U8 | None, clear: Floats, lie: Lie, stand: Stand, seed: int) -> Layer:
    """The same for a layer without sharp detail, drawn at half the size. Without colours it is a shadow."""
    rows, columns = _used(clear)
    clear = np.ascontiguousarray(clear[rows, columns], dtype=np.float32)
    yuv = None if own is None else _premultiplied(np.ascontiguousarray(own[rows, columns]))
    return Layer(
        luma=None if yuv is None else soft_quads(halve(channel(yuv, 0)), 0),
        clear=soft_quads(_opacity(halve(clear), seed), 255),
        chroma=None if yuv is None else _chroma(yuv, stand.step),
        soft=True,
        place=_placed(lie, rows, columns),
        pivot=stand.pivot,
        yaw=stand.yaw,
        solid=None,
        covers=False,
        sweep=None,
    )


def _placed(lie: Lie, rows: slice, columns: slice) -> Matrix:
    return affine(lie.scale_x, lie.scale_y, lie.left + lie.scale_x * columns.start, lie.top + lie.scale_y * rows.start)


def _opacity(clear: Floats, seed: int) -> U8:
    """What is let through, 0-255, dithered where it shades."""
    opaque = to_u8(255 * clear)
    shaded = (opaque < 254) & (opaque > 5)
    if not shaded.any():
        return opaque
    grain = noise(clear.shape[0], clear.shape[1], seed)[shaded]
    opaque[shaded] = np.clip(255 * clear[shaded] + 0.5 * grain + 0.5, 0, 255)
    return opaque


def _premultiplied(own: U8) -> U8:
    """Luma above black, and chroma around grey, both as far as the layer is opaque."""
    return cast("U8", cv2.transform(own, _PREMULTIPLIED))


_PREMULTIPLIED = np.column_stack([RGB_TO_YUV[:, :3], [0, GREY, GREY]]).astype(np.float32)
"""From R'G'B' times opacity."""


def _chroma(yuv: U8, step: float) -> QuadSource:
    return pairs(halve(channel(yuv, 1)), halve(channel(yuv, 2)), 2, step, GREY)


def _used(clear: Floats) -> tuple[slice, slice]:
    """Rows and columns, starting and ending on even numbers, outside which nothing of the layer is seen."""
    height, width = clear.shape
    box = mask_box(clear < 0.997) or Box(0, 0, 2, 2)
    box = box.grown(2).clipped(Box(0, 0, width, height))
    top, left = int(box.top) // 2 * 2, int(box.left) // 2 * 2
    bottom, right = top + (int(box.bottom) - top + 1) // 2 * 2, left + (int(box.right) - left + 1) // 2 * 2
    return slice(top, bottom), slice(left, right)
