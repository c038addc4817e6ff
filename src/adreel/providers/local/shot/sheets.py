"""Photos under a moving camera: flat, or as a rubber sheet that is bent by depth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.providers.local.drawing.areas import warp
from adreel.providers.local.drawing.camera import Pose, middle_step
from adreel.providers.local.drawing.geometry import Matrix, affine, blocks, camera_matrix, inverse, yaw_matrix
from adreel.providers.local.drawing.quads import QuadSource, lay_pairs, pairs, pour, sharp_quads
from adreel.providers.local.drawing.raster import blur, grid, shrink_or_grow, stretch
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.drawing.yuv import frame_planes, legalize, photo_planes
from adreel.providers.local.shot.framing import Placement

_STRAIN = 0.06
"""Largest local stretching by depth: more looks like rubber."""

FAR = 0.45
"""Degree to which the farthest parts follow the camera."""

LUMA, CHROMA = (2, 2), (4, 2)
"""Columns and rows of screen pixels per sample."""

_STEP = 8
"""Pixels between the points at which the (smooth) depth is evaluated."""


@dataclass(frozen=True, slots=True)
class VisiblePhoto:
    """The visible part of a photo: luma, and chroma in pairs; `place` maps its pixels to the composed frame."""

    luma: QuadSource
    chroma: QuadSource
    place: Matrix


class FlatStage:
    """A photo under a moving camera. `subject`: where its subject is, None when that is not known."""

    def __init__(
        self, photo: VisiblePhoto, poses: Sequence[Pose], size: FrameSize, subject: Subject | None = None
    ) -> None:
        self._photo, self._poses, self._size, self.subject = photo, poses, size, subject

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        matrix = flat_view(self._poses[index], self._size) @ self._photo.place
        luma, chroma = (np.empty((*_grid_of(block, self._size), 4), dtype=np.uint8) for block in (LUMA, CHROMA))
        warp(self._photo.luma.groups, blocks(*LUMA) @ matrix @ self._photo.luma.place, luma, None)
        warp(
            self._photo.chroma.groups,
            blocks(*CHROMA) @ matrix @ self._photo.chroma.place,
            chroma,
            None,
        )
        return frame_of(luma, chroma, self._size)


class SheetStage:
    """A photo as a rubber sheet: near parts follow the camera fully, far ones to the degree `far`. No holes, limited stretching.
    `subject` as in `FlatStage`."""

    def __init__(
        self,
        photo: VisiblePhoto,
        depth: Floats,
        poses: Sequence[Pose],
        size: FrameSize,
        subject: Subject | None = None,
        far: float = FAR,
    ) -> None:
        self._photo, self._poses, self._size, self._depth, self.subject = photo, poses, size, depth, subject
        self._far = far
        # Map the composed frame to the groups of luma and the pairs of chroma.
        self._to_luma = inverse(photo.place @ photo.luma.place)
        self._to_chroma = inverse(photo.place @ photo.chroma.place)
        columns, rows = knots(size)
        x, y = np.broadcast_arrays(columns, rows)
        self._x, self._y = np.ascontiguousarray(x), np.ascontiguousarray(y)

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        return frame_of(*self.groups(index), self._size)

    def groups(self, index: int) -> tuple[U8, U8]:
        """Luma in groups and chroma in pairs of frame `index`."""
        x, y = self._sources(self._poses[index])
        luma = self._sample(self._photo.luma.groups, self._to_luma, x, y, LUMA)
        chroma = self._sample(self._photo.chroma.groups, self._to_chroma, x, y, CHROMA)
        return luma, chroma

    def _sample(self, source: U8, mapping: Matrix, x: Floats, y: Floats, block: tuple[int, int]) -> U8:
        """Samples `source` at the centre of each block of screen pixels. `mapping` maps the composed frame to `source`."""
        full_x, full_y = (_dense(knots, block, _grid_of(block, self._size)) for knots in through(mapping, x, y))
        return cast("U8", cv2.remap(source, full_x, full_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _sources(self, pose: Pose) -> tuple[Floats, Floats]:
        """For each knot of the screen, the composed-frame position visible there."""
        near_x, near_y = through(inverse(camera_matrix(pose, self._size, 1.0)), self._x, self._y)
        far_x, far_y = through(inverse(camera_matrix(pose, self._size, self._far)), self._x, self._y)
        # Depth moves with the picture: it is read at the position to which the middle of the scene has moved.
        mid_x, mid_y = (near_x + far_x) / 2, (near_y + far_y) / 2
        d = cast(
            "Floats",
            cv2.remap(self._depth, to_knot(mid_x), to_knot(mid_y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        )
        return far_x + d * (near_x - far_x), far_y + d * (near_y - far_y)


def frame_of(luma: U8, chroma: U8, size: FrameSize) -> U8:
    """I420 from groups of luma and pairs of chroma."""
    frame = np.empty((size.height * 3 // 2, size.width), dtype=np.uint8)
    out = frame_planes(frame, size.width, size.height)
    pour(luma, out.y)
    lay_pairs(chroma, out.u, out.v)
    legalize(out)
    return frame


def _grid_of(block: tuple[int, int], size: FrameSize) -> tuple[int, int]:
    """Rows and columns of blocks that cover the frame."""
    return -(-size.height // block[1]), -(-size.width // block[0])


def flat_view(pose: Pose, size: FrameSize) -> Matrix:
    center = ((size.width - 1) / 2, (size.height - 1) / 2)
    return camera_matrix(pose, size) @ yaw_matrix(0.6 * pose.yaw, size, center)


def knots(size: FrameSize) -> tuple[Floats, Floats]:
    """Screen coordinates of the points at which depth is evaluated: centres of blocks of `_STEP` pixels, one more around."""
    columns, rows = grid(-(-size.width // _STEP) + 2, -(-size.height // _STEP) + 2)
    shift = np.float32(0.5 * _STEP - 0.5 - _STEP)
    return _STEP * columns + shift, _STEP * rows + shift


def to_knot(screen: Floats) -> Floats:
    """The position of a screen coordinate on the grid of knots."""
    return ((screen + np.float32(0.5)) / _STEP + np.float32(0.5)).astype(np.float32)


def through(matrix: Matrix, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    m = matrix.astype(np.float32)
    return m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]


def _dense(knots: Floats, block: tuple[int, int], grid_size: tuple[int, int]) -> Floats:
    """Interpolates values to every block of pixels; resampling by an integer factor aligns knots and block centres exactly."""
    across, down = _STEP // block[0], _STEP // block[1]
    rows, columns = knots.shape
    return stretch(knots, columns * across, rows * down)[down : down + grid_size[0], across : across + grid_size[1]]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a photo that the camera sees, in pixels of the photo, its size when it is resampled once for the tightest
    framing, and the matrix that maps its pixels to the composed frame."""

    rows: slice
    columns: slice
    width: int
    height: int
    place: Matrix

    def of(self, picture: U8) -> U8:
        """The part, resampled. `picture` has the photo's shape."""
        return shrink_or_grow(np.ascontiguousarray(picture[self.rows, self.columns]), self.width, self.height)


def window_of(rgb: U8, place: Placement, visible: Box, poses: Sequence[Pose]) -> Window:
    height, width = rgb.shape[:2]
    s = place.scale
    x0, y0 = (
        max(0, math.floor((visible.left - place.left) / s) - 2),
        max(0, math.floor((visible.top - place.top) / s) - 2),
    )
    x1, y1 = (
        min(width, math.ceil((visible.right - place.left) / s) + 2),
        min(height, math.ceil((visible.bottom - place.top) / s) + 2),
    )
    tightest = max(pose.zoom for pose in poses)
    columns, rows = (max(2, round(length * s * tightest / 2) * 2) for length in (x1 - x0, y1 - y0))
    step_x, step_y = s * (x1 - x0) / columns, s * (y1 - y0) / rows
    left, top = place.left + s * (x0 - 0.5) + 0.5 * step_x, place.top + s * (y0 - 0.5) + 0.5 * step_y
    return Window(slice(y0, y1), slice(x0, x1), columns, rows, affine(step_x, step_y, left, top))


def visible_photo(rgb: U8, place: Placement, visible: Box, poses: Sequence[Pose]) -> VisiblePhoto:
    """The part of the photo that the camera sees, resampled once for the tightest framing."""
    window = window_of(rgb, place, visible, poses)
    return source_of(window.of(rgb), window, middle_step(poses))


def source_of(picture: U8, window: Window, middle: float) -> VisiblePhoto:
    """The picture of a window, to be sampled."""
    planes = photo_planes(picture)
    luma, chroma = sharp_quads(planes.y, middle, None), pairs(planes.u, planes.v, 2, middle, None)
    return VisiblePhoto(luma, chroma, window.place)


def depth_of(mask: U8, place: Placement, photo_width: int, size: FrameSize, poses: Sequence[Pose]) -> Floats:
    """Nearness 0-1 at the knots of the composed frame: the product in front, the ground rising toward the viewer."""
    columns, rows = knots(size)
    scale = place.scale * photo_width / mask.shape[1] / _STEP
    where = affine(scale, scale, place.left / _STEP + 1, place.top / _STEP + 1)[:2]
    screen = cast(
        "Floats",
        cv2.warpAffine(
            mask.astype(np.float32) / 255,
            where,
            (columns.shape[1], rows.shape[0]),
            flags=cv2.INTER_AREA,
            borderMode=cv2.BORDER_REPLICATE,
        ),
    )
    ramp = np.clip((rows / size.height - 0.45) / 0.55, 0, 1) * np.ones_like(columns)
    near = np.maximum(0.95 * screen, 0.8 * ramp.astype(np.float32))
    soft = blur(near.astype(np.float32), 0.045 * max(near.shape))
    steep = max(float(np.abs(np.diff(soft, axis=0)).max()), float(np.abs(np.diff(soft, axis=1)).max())) / _STEP
    slide = largest_slide(poses, size)
    calm = min(1.0, _STRAIN / max(steep * slide, 1e-6))
    return np.ascontiguousarray(1 - calm * (1 - soft), dtype=np.float32)


def largest_slide(poses: Sequence[Pose], size: FrameSize) -> float:
    """The largest parallax in pixels between the nearest and farthest parts."""
    corners = [(0.0, 0.0), (float(size.width), float(size.height)), (0.0, float(size.height)), (float(size.width), 0.0)]
    largest = 0.0
    for pose in poses:
        apart = camera_matrix(pose, size, 1.0) - camera_matrix(pose, size, FAR)
        for x, y in corners:
            largest = max(largest, float(np.hypot(*(apart @ np.array([x, y, 1.0]))[:2])))
    return largest
