"""Drawing frames from layers: an opaque plate, farther away, and layers in front of it, warped four pixels at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.providers.local.areas import Area, inside, region, seen_area, warp, without
from adreel.providers.local.camera import Pose
from adreel.providers.local.geometry import DOUBLED, Box, Matrix, camera_matrix, half, yaw_matrix
from adreel.providers.local.light import Sweep, shine
from adreel.providers.local.quads import QuadSource, averaged, pour
from adreel.providers.local.still import U8
from adreel.providers.local.yuv import BLACK, GREY, Planes, frame_planes, legalize

CLEAR = 255

_ALL_CLEAR, _NOTHING = (CLEAR,) * 4, (0,) * 4
_CLEAR_CHROMA = (0, 0, CLEAR, CLEAR)


@dataclass(frozen=True, slots=True)
class Plate:
    """An opaque, soft layer. `luma`, above black, is made for pixels of the whole size; `chroma` (height / 4, width / 4, 4): u, v
    and two unused. `place` maps the whole size to the composed frame; `depth` is how far it follows the camera, 0-1."""

    luma: QuadSource
    chroma: U8
    place: Matrix
    depth: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer in front. `luma`, above black and times opacity, or None for a shadow; `clear` is what it lets through (255 all);
    `chroma` (height / 2, width / 2, 4): u and v times opacity, `clear` of that size, one unused; None for a shadow.
    `place` maps pixels to the composed frame; `pivot`, there, is where it turns by `yaw` and the camera's yaw.
    `solid` is a rectangle, in pixels, in which the product hides all behind it: there the layer with `covers` is drawn alone,
    the others not at all."""

    luma: QuadSource | None
    clear: QuadSource
    chroma: U8 | None
    place: Matrix
    pivot: tuple[float, float]
    yaw: float
    solid: Box | None
    covers: bool
    sweep: Sweep | None


@dataclass(frozen=True, slots=True)
class _Screen:
    """A frame in the making: `luma` above black, in groups of four, and chroma; all three of half the frame's size."""

    luma: U8
    u: U8
    v: U8


class LayerStage:
    """A plate and layers in front of it under a moving camera."""

    def __init__(self, plate: Plate, layers: Sequence[Layer], poses: Sequence[Pose], size: FrameSize) -> None:
        self._plate, self._poses, self._size = plate, poses, size
        self.layers = tuple(layers)

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        width, height = self._size.width, self._size.height
        frame = np.empty((height * 3 // 2, width), dtype=np.uint8)
        out = frame_planes(frame, width, height)
        screen = _Screen(np.empty((height // 2, width // 2, 4), dtype=np.uint8), out.u, out.v)
        pose = self._poses[index]
        matrices = [self._view(layer, pose) for layer in self.layers]
        hidden = self._hidden(matrices, screen)
        _draw_plate(screen, self._plate, camera_matrix(pose, self._size, self._plate.depth) @ self._plate.place, hidden)
        for layer, matrix in zip(self.layers, matrices, strict=True):
            _draw_layer(screen, layer, matrix, hidden)
        cv2.add(screen.luma, np.full(4, float(BLACK)), dst=screen.luma)
        pour(screen.luma, out.y)
        self._draw_sweeps(out, matrices, index)
        legalize(out)
        return frame

    def _view(self, layer: Layer, pose: Pose) -> Matrix:
        turned = yaw_matrix(layer.yaw + pose.yaw, self._size, layer.pivot)
        return camera_matrix(pose, self._size) @ turned @ layer.place

    def _hidden(self, matrices: Sequence[Matrix], screen: _Screen) -> Area | None:
        """Where the product surely hides everything else."""
        for layer, matrix in zip(self.layers, matrices, strict=True):
            if layer.covers and layer.solid:
                return inside(DOUBLED @ matrix, layer.solid, screen.u)
        return None

    def _draw_sweeps(self, out: Planes, matrices: Sequence[Matrix], index: int) -> None:
        progress = index / (len(self._poses) - 1) if len(self._poses) > 1 else 0.5
        for layer, matrix in zip(self.layers, matrices, strict=True):
            if layer.sweep is not None:
                _draw_sweep(out, matrix, layer.sweep, layer.sweep.table(progress))


def _draw_plate(screen: _Screen, plate: Plate, matrix: Matrix, hidden: Area | None) -> None:
    height, width = screen.u.shape
    way = DOUBLED @ matrix @ plate.luma.place
    for part in without((slice(0, height), slice(0, width)), hidden):
        screen.luma[part] = region(plate.luma.groups, way, part, None)
    # Soft colour, drawn at half the size of chroma and enlarged, looks the same.
    small = np.empty((-(-height // 2), -(-width // 2), 4), dtype=np.uint8)
    warp(plate.chroma, half(half(matrix)), small, None)
    for channel, target in enumerate((screen.u, screen.v)):
        _enlarge(cast("U8", cv2.extractChannel(small, channel)), target)


def _enlarge(small: U8, target: U8) -> None:
    height, width = target.shape
    if height % 2 == 0 and width % 2 == 0:
        cv2.resize(small, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)
    else:
        target[:] = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)[:height, :width]


def _draw_layer(screen: _Screen, layer: Layer, matrix: Matrix, hidden: Area | None) -> None:
    """`matrix` leads from the layer's pixels to the screen's."""
    groups = layer.clear.groups
    way = DOUBLED @ matrix @ layer.clear.place
    area = seen_area(way, Box(0, 0, groups.shape[1], groups.shape[0]), screen.u)
    if area is None:
        return
    for part in without(area, hidden):
        passing = region(groups, way, part, _ALL_CLEAR)
        below = screen.luma[part]
        cv2.multiply(below, passing, dst=below, scale=1 / 255)
        if layer.luma is None:
            _shade(screen, averaged(passing), part)
        else:
            cv2.add(below, region(layer.luma.groups, DOUBLED @ matrix @ layer.luma.place, part, _NOTHING), dst=below)
    if layer.luma is not None and layer.chroma is not None:
        _draw_colors(screen, layer, layer.luma, layer.chroma, matrix, area, hidden)


def _shade(screen: _Screen, passing: U8, part: Area) -> None:
    """Takes colour toward grey as far as light does not pass."""
    grey = cast("U8", cv2.LUT(passing, _GREY_FOR))
    for plane in (screen.u, screen.v):
        below = plane[part]
        cv2.multiply(below, passing, dst=below, scale=1 / 255)
        cv2.add(below, grey, dst=below)


_GREY_FOR = ((255 - np.arange(256)) * GREY / 255 + 0.5).astype(np.uint8)
"""For each of 256 degrees of letting through, the share of grey in what is seen."""


def _draw_colors(
    screen: _Screen, layer: Layer, luma: QuadSource, chroma: U8, matrix: Matrix, area: Area, hidden: Area | None
) -> None:
    """The chroma of a layer, and where it hides all else, its luma as well."""
    way = half(matrix)
    for part in without(area, hidden):
        u, v, passing, _ = cv2.split(region(chroma, way, part, _CLEAR_CHROMA))
        for plane, color in ((screen.u, u), (screen.v, v)):
            below = plane[part]
            cv2.multiply(below, cast("U8", passing), dst=below, scale=1 / 255)
            cv2.add(below, cast("U8", color), dst=below)
    if hidden is not None and layer.covers:
        screen.luma[hidden] = region(luma.groups, DOUBLED @ matrix @ luma.place, hidden, _NOTHING)
        colors = region(chroma, way, hidden, _CLEAR_CHROMA)
        for channel, plane in enumerate((screen.u, screen.v)):
            plane[hidden] = cv2.extractChannel(colors, channel)


def _draw_sweep(out: Planes, matrix: Matrix, sweep: Sweep, table: U8) -> None:
    band, small = sweep.band(table), half(matrix)
    area = seen_area(small, band, out.u) if band is not None else None
    if area is None:
        return
    rows, columns = area
    luma = out.y[2 * rows.start : 2 * rows.stop, 2 * columns.start : 2 * columns.stop]
    shine(luma, region(sweep.maps, small, area, _NOTHING), table)
