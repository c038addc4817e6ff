"""Drawing frames from layers: an opaque plate, farther away, and layers in front of it, warped in planar 4:2:0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.providers.local.camera import Pose
from adreel.providers.local.geometry import (
    DOUBLED,
    Box,
    Matrix,
    affine,
    camera_matrix,
    half,
    image_of,
    inverse,
    yaw_matrix,
)
from adreel.providers.local.light import Sweep, shine
from adreel.providers.local.still import U8
from adreel.providers.local.yuv import Planes, frame_planes

CLEAR = 255


@dataclass(frozen=True, slots=True)
class Plate:
    """An opaque layer. `place` maps its pixels to the composed frame; `depth` is how far it follows the camera, 0-1."""

    planes: Planes
    place: Matrix
    depth: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer in front. `planes` are its colours times opacity; `clear` and `clear_chroma` what it lets through (255 all).
    Luma and `clear` have twice the size that the screen needs at the tightest framing (see `doubled`), chroma half of it.
    `place` maps pixels of the size between to the composed frame; `pivot`, there, is where it turns by `yaw` and the
    camera's yaw."""

    planes: Planes
    clear: U8
    clear_chroma: U8
    place: Matrix
    pivot: tuple[float, float]
    yaw: float
    sweep: Sweep | None


class LayerStage:
    """A plate and layers in front of it under a moving camera."""

    def __init__(self, plate: Plate, layers: Sequence[Layer], poses: Sequence[Pose], size: FrameSize) -> None:
        self._plate, self._layers, self._poses, self._size = plate, layers, poses, size

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        width, height = self._size.width, self._size.height
        frame = np.empty((height * 3 // 2, width), dtype=np.uint8)
        out = frame_planes(frame, width, height)
        pose = self._poses[index]
        self._draw_plate(out, camera_matrix(pose, self._size, self._plate.depth) @ self._plate.place)
        camera = camera_matrix(pose, self._size)
        for layer in self._layers:
            matrix = camera @ yaw_matrix(layer.yaw + pose.yaw, self._size, layer.pivot) @ layer.place
            _draw_layer(out, layer, matrix)
            if layer.sweep is not None:
                self._draw_sweep(out, matrix, layer.sweep, index)
        return frame

    def _draw_plate(self, out: Planes, matrix: Matrix) -> None:
        planes, small = self._plate.planes, half(matrix)
        for source, target, way in ((planes.y, out.y, matrix), (planes.u, out.u, small), (planes.v, out.v, small)):
            warp(source, way, target, cv2.BORDER_REPLICATE, 0)

    def _draw_sweep(self, out: Planes, matrix: Matrix, sweep: Sweep, index: int) -> None:
        progress = index / (len(self._poses) - 1) if len(self._poses) > 1 else 0.5
        small = half(matrix)
        area = seen_area(small, Box(0, 0, sweep.way.shape[1], sweep.way.shape[0]), out.u)
        if area is None:
            return
        rows, columns = area
        way = region(sweep.way, small, rows, columns, 0)
        gain = region(sweep.gain, small, rows, columns, 0)
        luma = out.y[2 * rows.start : 2 * rows.stop, 2 * columns.start : 2 * columns.stop]
        shine(luma, way, gain, sweep.table(progress))


def _draw_layer(out: Planes, layer: Layer, matrix: Matrix) -> None:
    over((out.y,), (layer.planes.y,), layer.clear, matrix @ DOUBLED)
    chroma = (layer.planes.u, layer.planes.v)
    over((out.u, out.v), chroma, layer.clear_chroma, half(matrix))


def over(targets: Sequence[U8], colors: Sequence[U8], clear: U8, matrix: Matrix) -> None:
    """Lays planes of a layer over `targets` in place: what shines through, then the layer's own colour."""
    area = seen_area(matrix, Box(0, 0, clear.shape[1], clear.shape[0]), targets[0])
    if area is None:
        return
    passing = region(clear, matrix, *area, CLEAR)
    for target, color in zip(targets, colors, strict=True):
        below = target[area]
        cv2.multiply(below, passing, dst=below, scale=1 / 255)
        cv2.add(below, region(color, matrix, *area, 0), dst=below)


def seen_area(matrix: Matrix, box: Box, target: U8) -> tuple[slice, slice] | None:
    """Rows and columns of `target` that `box` may touch, or None when it lies outside."""
    seen = image_of(matrix, box).grown(2).clipped(Box(0, 0, target.shape[1], target.shape[0]))
    if seen.width < 1 or seen.height < 1:
        return None
    return slice(math.floor(seen.top), math.ceil(seen.bottom)), slice(math.floor(seen.left), math.ceil(seen.right))


def region(source: U8, matrix: Matrix, rows: slice, columns: slice, border: int) -> U8:
    """The part of the screen given by rows and columns, seen through `matrix`; outside the source is `border`."""
    target = np.empty((rows.stop - rows.start, columns.stop - columns.start), dtype=np.uint8)
    warp(source, affine(1, 1, -columns.start, -rows.start) @ matrix, target, cv2.BORDER_CONSTANT, border)
    return target


def warp(source: U8, matrix: Matrix, target: U8, border: int, value: int) -> None:
    """Draws `source` through `matrix` (its pixels to the target's) into `target`, sampled linearly."""
    size = (target.shape[1], target.shape[0])
    back = inverse(matrix)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if abs(back[2, 0]) + abs(back[2, 1]) < 1e-12:
        flat = back[:2] / back[2, 2]
        cv2.warpAffine(source, flat, size, dst=target, flags=flags, borderMode=border, borderValue=value)
    else:
        cv2.warpPerspective(source, back, size, dst=target, flags=flags, borderMode=border, borderValue=value)
