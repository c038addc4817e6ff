"""Draws frames from layers: an opaque, distant plate and layers in front of it, each warped several pixels at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.providers.local.drawing.areas import Area, inside
from adreel.providers.local.drawing.camera import Pose
from adreel.providers.local.drawing.geometry import Matrix, blocks, camera_matrix, yaw_matrix
from adreel.providers.local.drawing.quads import QuadSource
from adreel.providers.local.drawing.screen import GROUP, PAIR, Backdrop, Screen
from adreel.providers.local.drawing.still import U8
from adreel.providers.local.drawing.yuv import frame_planes, legalize
from adreel.providers.local.shot.bounds import subject_in
from adreel.providers.local.shot.light import Sweep, shine


@dataclass(frozen=True, slots=True)
class Plate:
    """An opaque, soft layer: `luma` (above black) in groups of half the size, `chroma` in pairs of a quarter of the size. `place`
    maps full-size pixels to the composed frame; `depth` is the degree to which it follows the camera, 0-1."""

    luma: QuadSource
    chroma: QuadSource
    place: Matrix
    depth: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A foreground layer. `luma`: above black, times opacity; None for a shadow. `clear`: transmittance (255 is all). `chroma`:
    u and v relative to grey, times opacity, in pairs; None for a shadow. In a `soft` layer, luma and `clear` have half the size.
    `place` maps pixels to the composed frame; `pivot`, in the composed frame, is the axis of `yaw` and the camera's yaw.
    `solid` is a rectangle, in pixels, in which the product hides everything behind it: there only the layer with `covers` is
    drawn, no other sharp one."""

    luma: QuadSource | None
    clear: QuadSource
    chroma: QuadSource | None
    soft: bool
    place: Matrix
    pivot: tuple[float, float]
    yaw: float
    solid: Box | None
    covers: bool
    sweep: Sweep | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The product's bounds and those of its label in the composed frame, and how it is turned: see `Layer`."""

    product: Box
    label: Box
    pivot: tuple[float, float]
    yaw: float


class LayerStage:
    """A plate and layers in front of it under a moving camera."""

    def __init__(
        self,
        plate: Plate,
        layers: Sequence[Layer],
        poses: Sequence[Pose],
        size: FrameSize,
        standing: Standing | None = None,
    ) -> None:
        self._plate, self._poses, self._size, self._standing = plate, poses, size, standing
        self.layers = tuple(layers)
        # Soft layers with nothing sharp behind them are drawn at half the size.
        self._far = next((index for index, layer in enumerate(self.layers) if not layer.soft), len(self.layers))

    @property
    def subject(self) -> Subject | None:
        """Where the product is, frame by frame."""
        standing = self._standing
        if standing is None:
            return None
        views = [self._turned(standing.yaw, standing.pivot, pose) for pose in self._poses]
        return subject_in(views, standing.product, standing.label, self._size)

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        width, height = self._size.width, self._size.height
        frame = np.empty((height * 3 // 2, width), dtype=np.uint8)
        pose, out = self._poses[index], frame_planes(frame, width, height)
        matrices = [self._view(layer, pose) for layer in self.layers]
        backdrop = Backdrop(out, self._plate.luma, self._plate.chroma, self._plate_view(pose))
        for layer, matrix in zip(self.layers[: self._far], matrices, strict=False):
            backdrop.lay(layer.luma, layer.clear, layer.chroma, matrix)
        screen, hidden = backdrop.enlarged(), self._hidden(matrices, out.u)
        for layer, matrix in zip(self.layers[self._far :], matrices[self._far :], strict=True):
            _draw_layer(screen, layer, matrix, hidden)
        screen.finish()
        self._draw_sweeps(out.y, matrices, index)
        legalize(out)
        return frame

    def _plate_view(self, pose: Pose) -> Matrix:
        return camera_matrix(pose, self._size, self._plate.depth) @ self._plate.place

    def _view(self, layer: Layer, pose: Pose) -> Matrix:
        return self._turned(layer.yaw, layer.pivot, pose) @ layer.place

    def _turned(self, yaw: float, pivot: tuple[float, float], pose: Pose) -> Matrix:
        """Maps the composed frame to the screen for a layer that is turned by `yaw` about the vertical through `pivot`."""
        return camera_matrix(pose, self._size) @ yaw_matrix(yaw + pose.yaw, self._size, pivot)

    def _hidden(self, matrices: Sequence[Matrix], groups: U8) -> Area | None:
        """The area in which the product certainly hides everything else."""
        for layer, matrix in zip(self.layers, matrices, strict=True):
            if layer.covers and layer.solid:
                return inside(blocks(*GROUP) @ matrix, layer.solid, groups)
        return None

    def _draw_sweeps(self, luma: U8, matrices: Sequence[Matrix], index: int) -> None:
        progress = index / (len(self._poses) - 1) if len(self._poses) > 1 else 0.5
        for layer, matrix in zip(self.layers, matrices, strict=True):
            if layer.sweep is not None:
                shine(luma, layer.sweep, layer.sweep.table(progress), blocks(*PAIR) @ matrix)


def _draw_layer(screen: Screen, layer: Layer, matrix: Matrix, hidden: Area | None) -> None:
    """Draws a layer. `matrix` maps its pixels to the screen's."""
    if layer.soft:
        screen.lay_soft(layer.luma, layer.clear, layer.chroma, matrix)
    elif layer.luma is not None and layer.chroma is not None:
        screen.lay(layer.luma, layer.clear, layer.chroma, matrix, hidden)
        if hidden is not None and layer.covers:
            screen.cover(layer.luma, layer.chroma, matrix, hidden)
