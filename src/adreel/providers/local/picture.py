"""Stages for photos that stay as they are: bent by depth under a moving camera, or flat, or as a card on a blurred fill."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.domain.scene import ViewType
from adreel.providers.local.areas import warp
from adreel.providers.local.camera import Pose, middle_step
from adreel.providers.local.closeup import calmest, find_lettering
from adreel.providers.local.framing import Placement, frame_picture
from adreel.providers.local.geometry import (
    Box,
    Matrix,
    affine,
    blocks,
    camera_matrix,
    inverse,
    reach,
    yaw_matrix,
)
from adreel.providers.local.quads import QuadSource, lay_pairs, pairs, pour, sharp_quads
from adreel.providers.local.raster import blur, grid, shrink_or_grow, stretch
from adreel.providers.local.still import U8, Floats
from adreel.providers.local.study import Study
from adreel.providers.local.yuv import frame_planes, legalize, photo_planes

_STRAIN = 0.06
"""Largest local stretching by depth: more looks like rubber."""

_FAR = 0.45
"""Depth of what is farthest: how far it follows the camera."""

_LUMA, _CHROMA = (2, 2), (4, 2)
"""Columns and rows of pixels of the screen that are found with one look-up."""

_STEP = 8
"""Pixels between the points at which depth is evaluated; it is smooth."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo, or the part of it that is seen: luma, and chroma in pairs; `place` leads from its pixels to the composed frame."""

    luma: QuadSource
    chroma: QuadSource
    place: Matrix


class FlatStage:
    """A photo under a moving camera."""

    def __init__(self, shown: Shown, poses: Sequence[Pose], size: FrameSize) -> None:
        self._shown, self._poses, self._size = shown, poses, size

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        matrix = flat_view(self._poses[index], self._size) @ self._shown.place
        luma, chroma = (np.empty((*_grid_of(block, self._size), 4), dtype=np.uint8) for block in (_LUMA, _CHROMA))
        warp(self._shown.luma.groups, blocks(*_LUMA) @ matrix @ self._shown.luma.place, luma, None)
        warp(self._shown.chroma.groups, blocks(*_CHROMA) @ matrix @ self._shown.chroma.place, chroma, None)
        return _frame(luma, chroma, self._size)


class SheetStage:
    """A photo as a rubber sheet: near parts follow the camera in full, far ones less. No holes, bounded stretching."""

    def __init__(self, shown: Shown, depth: Floats, poses: Sequence[Pose], size: FrameSize) -> None:
        self._shown, self._poses, self._size, self._depth = shown, poses, size, depth
        # From the composed frame to the groups of luma and the pairs of chroma.
        self._to_luma = inverse(shown.place @ shown.luma.place)
        self._to_chroma = inverse(shown.place @ shown.chroma.place)
        columns, rows = _knots(size)
        x, y = np.broadcast_arrays(columns, rows)
        self._x, self._y = np.ascontiguousarray(x), np.ascontiguousarray(y)

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        x, y = self._sources(self._poses[index])
        luma = self._seen(self._shown.luma.groups, self._to_luma, x, y, _LUMA)
        chroma = self._seen(self._shown.chroma.groups, self._to_chroma, x, y, _CHROMA)
        return _frame(luma, chroma, self._size)

    def _seen(self, source: U8, way: Matrix, x: Floats, y: Floats, block: tuple[int, int]) -> U8:
        """For each block of pixels of the screen, what lies at its middle. `way`: from the composed frame to `source`."""
        full_x, full_y = (_dense(knots, block, _grid_of(block, self._size)) for knots in _through(way, x, y))
        return cast("U8", cv2.remap(source, full_x, full_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _sources(self, pose: Pose) -> tuple[Floats, Floats]:
        """For each knot of the screen, the place of the composed frame seen there."""
        near_x, near_y = _through(inverse(camera_matrix(pose, self._size, 1.0)), self._x, self._y)
        far_x, far_y = _through(inverse(camera_matrix(pose, self._size, _FAR)), self._x, self._y)
        # Depth belongs to the picture, so it is read where the middle of the scene has moved to.
        mid_x, mid_y = (near_x + far_x) / 2, (near_y + far_y) / 2
        d = cast(
            "Floats",
            cv2.remap(self._depth, to_knot(mid_x), to_knot(mid_y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        )
        return far_x + d * (near_x - far_x), far_y + d * (near_y - far_y)


def _frame(luma: U8, chroma: U8, size: FrameSize) -> U8:
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


def _knots(size: FrameSize) -> tuple[Floats, Floats]:
    """Screen coordinates of the points at which depth is evaluated: centres of blocks of `_STEP` pixels, one more around."""
    columns, rows = grid(-(-size.width // _STEP) + 2, -(-size.height // _STEP) + 2)
    shift = np.float32(0.5 * _STEP - 0.5 - _STEP)
    return _STEP * columns + shift, _STEP * rows + shift


def to_knot(screen: Floats) -> Floats:
    """Where on the knots' grid a screen coordinate lies."""
    return ((screen + np.float32(0.5)) / _STEP + np.float32(0.5)).astype(np.float32)


def _through(matrix: Matrix, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    m = matrix.astype(np.float32)
    return m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]


def _dense(knots: Floats, block: tuple[int, int], grid_size: tuple[int, int]) -> Floats:
    """Values at every block of pixels: resampling by a whole factor puts the centres of knots exactly where those are."""
    across, down = _STEP // block[0], _STEP // block[1]
    rows, columns = knots.shape
    return stretch(knots, columns * across, rows * down)[down : down + grid_size[0], across : across + grid_size[1]]


def picture_stage(
    study: Study, view: ViewType, poses: Sequence[Pose], size: FrameSize, side: int, *, bent: bool
) -> FlatStage | SheetStage:
    """The photo fills the frame. `bent`: by depth, which needs a mask that can be trusted."""
    height, width = study.rgb.shape[:2]
    views = [flat_view(pose, size) for pose in poses]
    seen = reach(views, size).grown(1.5)
    whole = Box(0, 0, width, height)
    place = frame_picture(whole, study.subject, study.detail, seen, size, view, side)
    if view is ViewType.DETAIL:
        letters = find_lettering(study.rgb, study.mask)
        place = calmest(place, letters, poses, size, lambda other: other.place(whole).holds(seen))
    shown = _shown(study.rgb, place, seen, poses)
    if not bent or study.mask is None:
        return FlatStage(shown, poses, size)
    return SheetStage(shown, _depth(study.mask, place, width, size, poses), poses, size)


def _shown(rgb: U8, place: Placement, seen: Box, poses: Sequence[Pose]) -> Shown:
    """The part of the photo that the camera sees, resampled once to the tightest framing."""
    height, width = rgb.shape[:2]
    s = place.scale
    x0, y0 = max(0, math.floor((seen.left - place.left) / s) - 2), max(0, math.floor((seen.top - place.top) / s) - 2)
    x1, y1 = (
        min(width, math.ceil((seen.right - place.left) / s) + 2),
        min(height, math.ceil((seen.bottom - place.top) / s) + 2),
    )
    tightest = max(pose.zoom for pose in poses)
    columns, rows = (max(2, round(length * s * tightest / 2) * 2) for length in (x1 - x0, y1 - y0))
    picture = shrink_or_grow(np.ascontiguousarray(rgb[y0:y1, x0:x1]), columns, rows)
    step_x, step_y = s * (x1 - x0) / columns, s * (y1 - y0) / rows
    left, top = place.left + s * (x0 - 0.5) + 0.5 * step_x, place.top + s * (y0 - 0.5) + 0.5 * step_y
    planes = photo_planes(picture)
    middle = middle_step(poses)
    luma, chroma = sharp_quads(planes.y, middle, None), pairs(planes.u, planes.v, 2, middle, None)
    return Shown(luma, chroma, affine(step_x, step_y, left, top))


def _depth(mask: U8, place: Placement, photo_width: int, size: FrameSize, poses: Sequence[Pose]) -> Floats:
    """Nearness 0-1 at the knots of the composed frame: the product in front, the ground rising toward the viewer."""
    columns, rows = _knots(size)
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
    slide = _largest_slide(poses, size)
    calm = min(1.0, _STRAIN / max(steep * slide, 1e-6))
    return np.ascontiguousarray(1 - calm * (1 - soft), dtype=np.float32)


def _largest_slide(poses: Sequence[Pose], size: FrameSize) -> float:
    """The farthest, in pixels, that nearest and farthest parts are shifted against each other."""
    corners = [(0.0, 0.0), (float(size.width), float(size.height)), (0.0, float(size.height)), (float(size.width), 0.0)]
    largest = 0.0
    for pose in poses:
        apart = camera_matrix(pose, size, 1.0) - camera_matrix(pose, size, _FAR)
        for x, y in corners:
            largest = max(largest, float(np.hypot(*(apart @ np.array([x, y, 1.0]))[:2])))
    return largest
