"""Converts layers in floating-point RGB to the premultiplied planes that frames are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.geometry import Matrix, affine
from adreel.providers.local.drawing.layers import Layer
from adreel.providers.local.drawing.quads import QuadSource, pairs, sharp_quads, soft_quads
from adreel.providers.local.drawing.raster import channel, halve, to_u8
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.drawing.yuv import GREY, RGB_TO_YUV, noise
from adreel.providers.local.photo.matte import mask_box
from adreel.providers.local.shot.canvas import CanvasTransform
from adreel.providers.local.shot.light import make_sweep


@dataclass(frozen=True, slots=True)
class LayerPose:
    """The position of one product's layers: rotated by `yaw` (radians) about the vertical through `pivot` (composed frame).
    `solid`: a rectangle of the canvas in which the product hides everything behind it. `step`: canvas pixels per screen pixel in
    the middle of the move."""

    pivot: tuple[float, float]
    yaw: float
    step: float
    solid: Box | None


def layer_of(
    own: U8, clear: Floats, transform: CanvasTransform, layer_pose: LayerPose, seed: int, sweep: float | None = None
) -> Layer:
    """Makes a layer from its colours times opacity (height, width, 3; 0-255) and its transmittance (height, width; 0-1).

    `sweep`, for the product itself: strength of the light that moves over it. Crops empty sides.
    """
    rows, columns = _used(clear)
    clear = np.ascontiguousarray(clear[rows, columns], dtype=np.float32)
    yuv = _premultiplied(np.ascontiguousarray(own[rows, columns]))
    luma = channel(yuv, 0)
    return Layer(
        luma=sharp_quads(luma, layer_pose.step, 0),
        clear=sharp_quads(_opacity(clear, seed), layer_pose.step, 255),
        chroma=_chroma(yuv, layer_pose.step),
        soft=False,
        place=_placed(transform, rows, columns),
        pivot=layer_pose.pivot,
        yaw=layer_pose.yaw,
        solid=layer_pose.solid.moved(-columns.start, -rows.start) if layer_pose.solid else None,
        covers=sweep is not None,
        sweep=None if sweep is None else make_sweep(halve(luma), 1 - halve(clear), sweep, seed),
    )


def soft_layer_of(own: U8 | None, clear: Floats, transform: CanvasTransform, layer_pose: LayerPose, seed: int) -> Layer:
    """Like `layer_of`, for a layer without sharp detail, drawn at half the size. Without colours it is a shadow."""
    rows, columns = _used(clear)
    clear = np.ascontiguousarray(clear[rows, columns], dtype=np.float32)
    yuv = None if own is None else _premultiplied(np.ascontiguousarray(own[rows, columns]))
    return Layer(
        luma=None if yuv is None else soft_quads(halve(channel(yuv, 0)), 0),
        clear=soft_quads(_opacity(halve(clear), seed), 255),
        chroma=None if yuv is None else _chroma(yuv, layer_pose.step),
        soft=True,
        place=_placed(transform, rows, columns),
        pivot=layer_pose.pivot,
        yaw=layer_pose.yaw,
        solid=None,
        covers=False,
        sweep=None,
    )


def _placed(transform: CanvasTransform, rows: slice, columns: slice) -> Matrix:
    return affine(
        transform.scale_x,
        transform.scale_y,
        transform.left + transform.scale_x * columns.start,
        transform.top + transform.scale_y * rows.start,
    )


def _opacity(clear: Floats, seed: int) -> U8:
    """Transmittance 0-255, dithered where it is partial."""
    opaque = to_u8(255 * clear)
    shaded = (opaque < 254) & (opaque > 5)
    if not shaded.any():
        return opaque
    grain = noise(clear.shape[0], clear.shape[1], seed)[shaded]
    opaque[shaded] = np.clip(255 * clear[shaded] + 0.5 * grain + 0.5, 0, 255)
    return opaque


def _premultiplied(own: U8) -> U8:
    """Luma above black and chroma relative to grey, both times opacity."""
    return cast("U8", cv2.transform(own, _PREMULTIPLIED))


_PREMULTIPLIED = np.column_stack([RGB_TO_YUV[:, :3], [0, GREY, GREY]]).astype(np.float32)
"""Converts R'G'B' times opacity."""


def _chroma(yuv: U8, step: float) -> QuadSource:
    return pairs(halve(channel(yuv, 1)), halve(channel(yuv, 2)), 2, step, GREY)


def _used(clear: Floats) -> tuple[slice, slice]:
    """Rows and columns, on even bounds, outside which the layer is invisible."""
    height, width = clear.shape
    box = mask_box(clear < 0.997) or Box(0, 0, 2, 2)
    box = box.grown(2).clipped(Box(0, 0, width, height))
    top, left = int(box.top) // 2 * 2, int(box.left) // 2 * 2
    bottom, right = top + (int(box.bottom) - top + 1) // 2 * 2, left + (int(box.right) - left + 1) // 2 * 2
    return slice(top, bottom), slice(left, right)
