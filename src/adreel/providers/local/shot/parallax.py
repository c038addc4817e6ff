"""Two layers of a scene: the subject, and behind it its surroundings, which are made up where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.providers.local.drawing.areas import Area, even, region, visible_area
from adreel.providers.local.drawing.camera import Pose, middle_step
from adreel.providers.local.drawing.geometry import Matrix, blocks, camera_matrix
from adreel.providers.local.drawing.quads import QuadSource, pairs, sharp_quads
from adreel.providers.local.drawing.raster import blur, dilate, erode, fit_within, halve, smoothstep
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.drawing.yuv import photo_planes
from adreel.providers.local.photo.study import Study
from adreel.providers.local.shot.bounds import subject_in
from adreel.providers.local.shot.closeup import find_label
from adreel.providers.local.shot.framing import Placement
from adreel.providers.local.shot.sheets import (
    CHROMA,
    FAR,
    LUMA,
    SheetStage,
    Window,
    frame_of,
    knots,
    source_of,
    window_of,
)

_MOST = 0.016
"""Longest way of the subject against what is behind it, as a fraction of the frame's shorter side: what is made up behind it is
good for so much."""

_LEAST = 0.003
"""Below it, two layers look like one."""

_LOWEST_FOOT = 0.5
"""Where the subject must stand in the frame at least, from its top: else nothing is known of the ground that it stands on."""

_FILL_SIDE = 640
"""Longest side of the picture in which the surroundings are continued behind the subject."""

_STANDING = 0.15
"""Lower part of the subject, as a fraction of its height, around which the ground keeps its shadow."""

_NOTHING, _CLEAR = (0,) * 4, (255,) * 4


@dataclass(frozen=True, slots=True)
class _Product:
    """The subject, times its opacity: luma in groups, chroma in pairs; and of both what shines through. `place` maps its pixels
    to the composed frame."""

    luma: QuadSource
    clear: QuadSource
    chroma: QuadSource
    chroma_clear: QuadSource
    place: Matrix


class ParallaxStage:
    """A subject that follows the camera in full, in front of surroundings that follow it the less the farther they are. The
    subject does not slide where it stands: there the ground is as near as it is."""

    def __init__(
        self, ground: SheetStage, product: _Product, poses: Sequence[Pose], size: FrameSize, subject: Subject | None
    ) -> None:
        self._ground, self._product, self._poses, self._size, self.subject = ground, product, poses, size, subject

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        luma, chroma = self._ground.groups(index)
        matrix = camera_matrix(self._poses[index], self._size) @ self._product.place
        _lay(luma, self._product.luma, self._product.clear, blocks(*LUMA) @ matrix)
        _lay(chroma, self._product.chroma, self._product.chroma_clear, blocks(*CHROMA) @ matrix)
        return frame_of(luma, chroma, self._size)


def _lay(below: U8, layer: QuadSource, clear: QuadSource, matrix: Matrix) -> None:
    """Lays a layer over groups in place."""
    area = visible_area(matrix @ clear.place, Box(0, 0, clear.groups.shape[1], clear.groups.shape[0]), below[:, :, 0])
    if area is None:
        return
    rows, columns = _whole(area, below)
    passing = region(clear.groups, matrix @ clear.place, (rows, columns), _CLEAR)
    own = region(layer.groups, matrix @ layer.place, (rows, columns), _NOTHING)
    part = np.ascontiguousarray(below[rows, columns])
    below[rows, columns] = cv2.add(cv2.multiply(part, passing, scale=1 / 255), own)


def _whole(area: Area, below: U8) -> Area:
    return even(area, below[:, :, 0])


def parallax_stage(
    study: Study, place: Placement, visible: Box, poses: Sequence[Pose], size: FrameSize, *, words: bool
) -> ParallaxStage | None:
    """The two layers of a photo whose subject stands out; None where they would look like one, or not right."""
    subject = study.subject
    if study.mask is None or subject is None:
        return None
    standing = place.place(subject)
    far = _far(standing, poses, size)
    if far is None or not study.stands_out():
        return None
    window = window_of(study.rgb, place, visible, poses)
    mask = _opacity(study.mask, study.rgb, window)
    ground = source_of(_without(window.of(study.rgb), mask), window, middle_step(poses))
    sheet = SheetStage(ground, _nearness(standing, size), poses, size, far=far)
    views = [camera_matrix(pose, size) for pose in poses]
    label = place.place(find_label(study.rgb, study.mask, study.detail)) if words else standing
    bounds = subject_in(views, standing, label, size) if words else None
    return ParallaxStage(sheet, _product(window.of(study.rgb), mask, window, middle_step(poses)), poses, size, bounds)


def _far(standing: Box, poses: Sequence[Pose], size: FrameSize) -> float | None:
    """How far the farthest parts follow the camera, so that the subject goes no longer way against them than `_MOST`; None if the
    way would not be seen, or the subject does not stand on a ground in the frame."""
    if standing.bottom < _LOWEST_FOOT * size.height or standing.top < 0:
        return None
    short = min(size.width, size.height)
    way = _way(standing, poses, size)
    if way < _LEAST * short:
        return None
    return 1 - min(1.0, _MOST * short / way) * (1 - FAR)


def _way(standing: Box, poses: Sequence[Pose], size: FrameSize) -> float:
    """The longest way in pixels of the subject against what is behind it, at the corners of its bounds."""
    nearness = _ramp(np.array([[standing.top], [standing.bottom]], np.float32), standing, size)
    corners = [
        (x, y, 1 - float(near))
        for x in (standing.left, standing.right)
        for y, near in zip((standing.top, standing.bottom), nearness[:, 0], strict=True)
    ]
    apart = [camera_matrix(pose, size, 1.0) - camera_matrix(pose, size, FAR) for pose in poses]
    return max(
        share * float(np.hypot(*(matrix @ np.array([x, y, 1.0]))[:2])) for matrix in apart for x, y, share in corners
    )


def _nearness(standing: Box, size: FrameSize) -> Floats:
    """How near the ground is at each knot, 0-1: as near as the subject where it stands, far behind its upper part."""
    columns, rows = knots(size)
    return np.ascontiguousarray(_ramp(rows * np.ones_like(columns), standing, size), dtype=np.float32)


def _ramp(rows: Floats, standing: Box, size: FrameSize) -> Floats:
    horizon = min(0.45 * size.height, standing.bottom - 0.35 * size.height)
    return smoothstep(horizon, standing.bottom, rows)


def _opacity(mask: U8, rgb: U8, window: Window) -> U8:
    """The mask in a window, without a rim of the surroundings."""
    height, width = rgb.shape[:2]
    full = mask if mask.shape == (height, width) else cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    reach = max(1, round(max(window.width, window.height) / 1600))
    firm = (smoothstep(90.0, 200.0, window.of(np.asarray(full, np.uint8)).astype(np.float32)) * 255).astype(np.uint8)
    return blur(erode(firm, reach), 0.7 * reach)


def _without(picture: U8, mask: U8) -> U8:
    """The picture with its surroundings continued where the mask is."""
    small = fit_within(picture, _FILL_SIDE)
    hole = _hole(fit_within(mask, _FILL_SIDE))
    made = cv2.inpaint(small, hole, 4, cv2.INPAINT_TELEA)
    height, width = picture.shape[:2]
    made = cv2.resize(made, (width, height), interpolation=cv2.INTER_CUBIC)
    where = cv2.resize(hole, (width, height), interpolation=cv2.INTER_LINEAR)
    share = blur(np.asarray(where, np.uint8), 1.5).astype(np.float32)[:, :, None] / 255
    return (picture * (1 - share) + cast("U8", made) * share + 0.5).astype(np.uint8)


def _hole(mask: U8) -> U8:
    """The mask and what may be left of the product beside it; less where it stands, whose shadow stays."""
    solid = (mask > 8).astype(np.uint8) * 255
    rows = np.flatnonzero(solid.any(axis=1))
    hole = dilate(solid, 6)
    if rows.size:
        standing = slice(round(rows[-1] - _STANDING * (rows[-1] - rows[0])), None)
        hole[standing] = dilate(solid, 3)[standing]
    return hole


def _product(picture: U8, mask: U8, window: Window, middle: float) -> _Product:
    planes, small = photo_planes(picture), halve(mask)
    u, v = (cast("U8", cv2.multiply(plane, small, scale=1 / 255)) for plane in (planes.u, planes.v))
    clear, small_clear = cast("U8", cv2.bitwise_not(mask)), cast("U8", cv2.bitwise_not(small))
    return _Product(
        sharp_quads(cast("U8", cv2.multiply(planes.y, mask, scale=1 / 255)), middle, 0),
        sharp_quads(clear, middle, 255),
        pairs(u, v, 2, middle, 0),
        pairs(small_clear, small_clear, 2, middle, 255),
        window.place,
    )
