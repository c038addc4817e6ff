"""Drawing frames from layers: an opaque plate, farther away, and layers in front of it, warped in planar 4:2:0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.providers.local.camera import Pose
from adreel.providers.local.geometry import (
    DOUBLED,
    Box,
    Matrix,
    affine,
    apply,
    camera_matrix,
    half,
    image_of,
    inverse,
    yaw_matrix,
)
from adreel.providers.local.light import Sweep, shine
from adreel.providers.local.still import U8
from adreel.providers.local.yuv import BLACK, GREY, Planes, frame_planes, legalize

CLEAR = 255

_UNSEEN = 4
"""Strength of moving light, of 255, below which it adds nothing."""

Area = tuple[slice, slice]
"""Rows and columns of the screen."""


@dataclass(frozen=True, slots=True)
class Plate:
    """An opaque, soft layer: its planes have half the size of what they show, each way. `place` maps the pixels of the
    whole size to the composed frame; `depth` is how far it follows the camera, 0-1."""

    planes: Planes
    place: Matrix
    depth: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer in front. `planes` are its colours times opacity, or None for a shadow; `clear` and `clear_chroma` what it
    lets through (255 all; a shadow has one for both, of the size of chroma).
    Luma and `clear` have twice the size that the screen needs at the tightest framing (see `doubled`), chroma half of it.
    `place` maps pixels of the size between to the composed frame; `pivot`, there, is where it turns by `yaw` and the
    camera's yaw. `solid` is a rectangle, in the same pixels, in which the product hides all behind it: there the layer with
    `covers` is drawn alone, the others not at all."""

    planes: Planes | None
    clear: U8
    clear_chroma: U8
    place: Matrix
    pivot: tuple[float, float]
    yaw: float
    solid: Box | None
    covers: bool
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
        legalize(out)
        return frame

    def _draw_plate(self, out: Planes, matrix: Matrix) -> None:
        planes, small = self._plate.planes, half(matrix)
        for source, target, way in (
            (planes.y, out.y, small),
            (planes.u, out.u, half(small)),
            (planes.v, out.v, half(small)),
        ):
            _draw_soft(source, way, target)

    def _draw_sweep(self, out: Planes, matrix: Matrix, sweep: Sweep, index: int) -> None:
        table = sweep.table(index / (len(self._poses) - 1) if len(self._poses) > 1 else 0.5)
        if int(table.max()) < _UNSEEN:
            return
        small = half(matrix)
        area = seen_area(small, Box(0, 0, sweep.way.shape[1], sweep.way.shape[0]), out.u)
        if area is None:
            return
        rows, columns = area
        way = region(sweep.way, small, rows, columns, 0)
        gain = region(sweep.gain, small, rows, columns, 0)
        luma = out.y[2 * rows.start : 2 * rows.stop, 2 * columns.start : 2 * columns.stop]
        shine(luma, way, gain, table)


def _draw_soft(source: U8, matrix: Matrix, target: U8) -> None:
    """Draws at half the size of `target` (`matrix` leads there) and enlarges: what is soft looks the same."""
    height, width = target.shape
    small = np.empty((-(-height // 2), -(-width // 2)), dtype=np.uint8)
    warp(source, matrix, small, cv2.BORDER_REPLICATE, 0)
    if height % 2 == 0 and width % 2 == 0:
        cv2.resize(small, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)
    else:
        target[:] = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)[:height, :width]


def _draw_layer(out: Planes, layer: Layer, matrix: Matrix) -> None:
    if layer.planes is None:
        _darken(out, layer, half(matrix))
        return
    planes, solid, covers = layer.planes, layer.solid, layer.covers
    _draw_planes(
        (out.y,), (planes.y,), layer.clear, matrix @ DOUBLED, solid.scaled(2) if solid else None, covers=covers
    )
    small, chroma = solid.scaled(0.5) if solid else None, (planes.u, planes.v)
    _draw_planes((out.u, out.v), chroma, layer.clear_chroma, half(matrix), small, covers=covers)


def _darken(out: Planes, layer: Layer, matrix: Matrix) -> None:
    """A shadow. It is soft, so one warp at the size of chroma (`matrix` leads there) serves all planes."""
    clear = layer.clear_chroma
    area = seen_area(matrix, Box(0, 0, clear.shape[1], clear.shape[0]), out.u)
    if area is None:
        return
    inner = _inside(matrix, layer.solid.scaled(0.5), area) if layer.solid else None
    for rows, columns in _around(area, inner) if inner else [area]:
        passing = region(clear, matrix, rows, columns, CLEAR)
        for plane in (out.u, out.v):
            _shade(plane[rows, columns], passing, GREY)
        luma = out.y[2 * rows.start : 2 * rows.stop, 2 * columns.start : 2 * columns.stop]
        full = cv2.resize(passing, (luma.shape[1], luma.shape[0]), interpolation=cv2.INTER_LINEAR)
        _shade(luma, cast("U8", full), BLACK)


def _shade(below: U8, passing: U8, zero: int) -> None:
    """Takes `below`, in place, toward `zero` as far as light does not pass."""
    cv2.multiply(below, passing, dst=below, scale=1 / 255)
    cv2.add(below, cast("U8", cv2.LUT(passing, _complement(zero))), dst=below)


def _draw_planes(
    targets: Sequence[U8], colors: Sequence[U8], clear: U8, matrix: Matrix, solid: Box | None, *, covers: bool
) -> None:
    """Lays planes of a layer over `targets` in place."""
    area = seen_area(matrix, Box(0, 0, clear.shape[1], clear.shape[0]), targets[0])
    if area is None:
        return
    inner = _inside(matrix, solid, area) if solid else None
    for part in _around(area, inner) if inner else [area]:
        passing = region(clear, matrix, *part, CLEAR)
        for target, color in zip(targets, colors, strict=True):
            below = target[part]
            cv2.multiply(below, passing, dst=below, scale=1 / 255)
            cv2.add(below, region(color, matrix, *part, 0), dst=below)
    if inner and covers:
        for target, color in zip(targets, colors, strict=True):
            target[inner] = region(color, matrix, *inner, 0)


def _inside(matrix: Matrix, box: Box, area: Area) -> Area | None:
    """The part of `area` that surely lies within `box`, or None when that is too little to be worth it."""
    corners = [apply(matrix, x, y) for x, y in box.corners()]
    (a, b), (c, d), (e, f), (g, h) = corners
    rows, columns = area
    top, bottom = max(math.ceil(max(b, d)) + 2, rows.start), min(math.floor(min(f, h)) - 2, rows.stop)
    left, right = max(math.ceil(max(a, e)) + 2, columns.start), min(math.floor(min(c, g)) - 2, columns.stop)
    return (slice(top, bottom), slice(left, right)) if bottom - top > 32 and right - left > 32 else None


def _around(area: Area, inner: Area) -> list[Area]:
    """`area` without `inner`, as up to four rectangles."""
    rows, columns = area
    strips = [
        (slice(rows.start, inner[0].start), columns),
        (slice(inner[0].stop, rows.stop), columns),
        (inner[0], slice(columns.start, inner[1].start)),
        (inner[0], slice(inner[1].stop, columns.stop)),
    ]
    return [strip for strip in strips if strip[0].stop > strip[0].start and strip[1].stop > strip[1].start]


def _complement(zero: int) -> U8:
    """For each of 256 degrees of letting through, the share of `zero` in what is seen."""
    return ((255 - np.arange(256)) * zero / 255 + 0.5).astype(np.uint8)


def seen_area(matrix: Matrix, box: Box, target: U8) -> Area | None:
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
