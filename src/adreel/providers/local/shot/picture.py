"""Stages for photos without a cut-out: bent by depth under a moving camera, or flat."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box, box_around
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import ViewType
from adreel.domain.films.subject import Subject
from adreel.providers.local.drawing.areas import warp
from adreel.providers.local.drawing.camera import Pose, middle_step
from adreel.providers.local.drawing.geometry import (
    Matrix,
    affine,
    always_seen,
    blocks,
    camera_matrix,
    inverse,
    reach,
    yaw_matrix,
)
from adreel.providers.local.drawing.quads import QuadSource, lay_pairs, pairs, pour, sharp_quads
from adreel.providers.local.drawing.raster import blur, grid, shrink_or_grow, stretch
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.drawing.yuv import frame_planes, legalize, photo_planes
from adreel.providers.local.photo.matte import mask_box
from adreel.providers.local.photo.route import PLAIN
from adreel.providers.local.photo.study import Study
from adreel.providers.local.shot.bounds import subject_in
from adreel.providers.local.shot.closeup import DISTURBING, TALLEST_WORDS, calmest, find_label, find_lettering
from adreel.providers.local.shot.framing import Placement, frame_picture, kept_in

_STRAIN = 0.06
"""Largest local stretching by depth: more looks like rubber."""

_FAR = 0.45
"""Degree to which the farthest parts follow the camera."""

_LUMA, _CHROMA = (2, 2), (4, 2)
"""Columns and rows of screen pixels per sample."""

_AIR = 0.04
"""Room around what every moment of a shot shows, as a fraction of its longer side."""

_HEAD = 0.2
"""Upper part of a subject that may be its head, as a fraction of its height."""

_TRAVEL = 0.42
"""Longest passage along a photo in a shot of `_USUAL` frames, as a fraction of the frame's shorter side."""

_USUAL = 90

_CLOSE_WORDS = 0.6
"""Part of the frame's width that words fill in the widest view of a photo, from which a close-up would cut them."""

_FINE_PRINT = 4.0
"""Contrast along the borders from which lettering counts where a photo is cut in any case: a crop may as well be another one."""

_CALMED = (1.0, 0.8, 0.6, 0.45)
"""Tried strengths of a move whose subject nearly fills the photo; a smaller one would look like a still picture."""

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
        luma, chroma = (np.empty((*_grid_of(block, self._size), 4), dtype=np.uint8) for block in (_LUMA, _CHROMA))
        warp(self._photo.luma.groups, blocks(*_LUMA) @ matrix @ self._photo.luma.place, luma, None)
        warp(
            self._photo.chroma.groups,
            blocks(*_CHROMA) @ matrix @ self._photo.chroma.place,
            chroma,
            None,
        )
        return _frame(luma, chroma, self._size)


class SheetStage:
    """A photo as a rubber sheet: near parts follow the camera fully, far ones less. No holes, limited stretching. `subject` as in
    `FlatStage`."""

    def __init__(
        self,
        photo: VisiblePhoto,
        depth: Floats,
        poses: Sequence[Pose],
        size: FrameSize,
        subject: Subject | None = None,
    ) -> None:
        self._photo, self._poses, self._size, self._depth, self.subject = photo, poses, size, depth, subject
        # Map the composed frame to the groups of luma and the pairs of chroma.
        self._to_luma = inverse(photo.place @ photo.luma.place)
        self._to_chroma = inverse(photo.place @ photo.chroma.place)
        columns, rows = _knots(size)
        x, y = np.broadcast_arrays(columns, rows)
        self._x, self._y = np.ascontiguousarray(x), np.ascontiguousarray(y)

    def draw(self, index: int) -> U8:
        """Frame `index`: I420, shape (height * 3 / 2, width)."""
        x, y = self._sources(self._poses[index])
        luma = self._sample(self._photo.luma.groups, self._to_luma, x, y, _LUMA)
        chroma = self._sample(self._photo.chroma.groups, self._to_chroma, x, y, _CHROMA)
        return _frame(luma, chroma, self._size)

    def _sample(self, source: U8, mapping: Matrix, x: Floats, y: Floats, block: tuple[int, int]) -> U8:
        """Samples `source` at the centre of each block of screen pixels. `mapping` maps the composed frame to `source`."""
        full_x, full_y = (_dense(knots, block, _grid_of(block, self._size)) for knots in _through(mapping, x, y))
        return cast("U8", cv2.remap(source, full_x, full_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _sources(self, pose: Pose) -> tuple[Floats, Floats]:
        """For each knot of the screen, the composed-frame position visible there."""
        near_x, near_y = _through(inverse(camera_matrix(pose, self._size, 1.0)), self._x, self._y)
        far_x, far_y = _through(inverse(camera_matrix(pose, self._size, _FAR)), self._x, self._y)
        # Depth moves with the picture: it is read at the position to which the middle of the scene has moved.
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
    """The position of a screen coordinate on the grid of knots."""
    return ((screen + np.float32(0.5)) / _STEP + np.float32(0.5)).astype(np.float32)


def _through(matrix: Matrix, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    m = matrix.astype(np.float32)
    return m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]


def _dense(knots: Floats, block: tuple[int, int], grid_size: tuple[int, int]) -> Floats:
    """Interpolates values to every block of pixels; resampling by an integer factor aligns knots and block centres exactly."""
    across, down = _STEP // block[0], _STEP // block[1]
    rows, columns = knots.shape
    return stretch(knots, columns * across, rows * down)[down : down + grid_size[0], across : across + grid_size[1]]


def picture_stage(
    study: Study,
    view: ViewType,
    poses: Sequence[Pose],
    size: FrameSize,
    side: int,
    *,
    travels: bool,
    words: int = 0,
    output: FrameSize | None = None,
) -> FlatStage | SheetStage:
    """Builds the stage of a photo that fills the frame, bent by depth if its mask is reliable. `travels`: the camera passes along
    what the frame does not hold. `words`: as in `frame_product`. `output`: as in `product_stage`."""
    whole = study.whole()
    kept = _kept(study, view, poses, size)
    if kept is not None:
        poses = _calmed(poses, kept, study, size)
    elif travels:
        poses = _travelling(poses, whole, size, side)
    views = [flat_view(pose, size) for pose in poses]
    visible = reach(views, size).grown(1.5)
    place = frame_picture(whole, study.focus or kept, study.detail, visible, size, view, side, words=words)
    always = always_seen(views, size)
    if view is ViewType.DETAIL:
        place = _sparing_letters(study, place, poses, size, visible)
    if kept is not None:
        place = kept_in(place, kept, always, visible, whole)
        if not (travels or study.heads or always.holds(place.place(kept))):
            # A part that is cut in any case is cut beside its lettering. A much narrower frame would only cut other letters.
            place = _sparing_letters(study, place, poses, size, visible, _FINE_PRINT)
    if output is not None and output != size:
        place, size = place.scaled(output.width / size.width), output
        views = [flat_view(pose, size) for pose in poses]
        visible = reach(views, size).grown(1.5)
    photo = _visible_photo(study.rgb, place, visible, poses)
    if study.mask is None:
        return FlatStage(photo, poses, size, _subject(study, place, views, size) if words else None)
    depth = _depth(study.mask, place, study.rgb.shape[1], size, poses)
    # Near layers follow the camera in full, and are not turned.
    near = [camera_matrix(pose, size) for pose in poses]
    return SheetStage(photo, depth, poses, size, _subject(study, place, near, size) if words else None)


def _subject(study: Study, place: Placement, views: Sequence[Matrix], size: FrameSize) -> Subject | None:
    """What the photo shows, as far as the mask is reliable, with the heads; None when nothing is known."""
    known = [*study.heads, *([study.known] if study.known is not None else [])]
    if not known:
        return None
    whole = box_around(known)
    label = box_around(study.heads) if study.heads else find_label(study.rgb, study.mask, study.detail)
    return subject_in(views, place.place(whole), place.place(label), size)


def _sparing_letters(
    study: Study, place: Placement, poses: Sequence[Pose], size: FrameSize, visible: Box, least: float = DISTURBING
) -> Placement:
    letters = find_lettering(study.rgb, study.mask)
    return calmest(place, letters, poses, size, lambda other: other.place(study.whole()).holds(visible), least)


def _calmed(poses: Sequence[Pose], kept: Box, study: Study, size: FrameSize) -> Sequence[Pose]:
    """The move, made smaller if it then shows all of `kept` at every moment, or at least the subject with less room around it;
    as it is if no move does."""
    boxes = [kept]
    if study.subject is not None and not study.heads:
        air = _AIR * max(study.subject.width, study.subject.height)
        boxes += [study.subject.grown(0.5 * air), study.subject]
    for box in boxes:
        for share in _CALMED:
            calmer = [_smaller(pose, share) for pose in poses]
            if _if_room(box, study.whole(), calmer, size) is not None:
                return calmer
    return poses


def _smaller(pose: Pose, share: float) -> Pose:
    return Pose(1 + share * (pose.zoom - 1), share * pose.x, share * pose.y, share * pose.roll, share * pose.yaw)


def _travelling(poses: Sequence[Pose], photo: Box, size: FrameSize, side: int) -> list[Pose]:
    """The move with a passage along the longer side of a photo of another shape, to the side where it begins."""
    seen = reach([flat_view(pose, size) for pose in poses], size)
    cover = max(seen.width / photo.width, seen.height / photo.height)
    short, most = min(size.width, size.height), _TRAVEL * min(1.0, len(poses) / _USUAL)
    x, y = (
        side * min(most, max(0.0, cover * length - window) / short)
        for length, window in ((photo.width, seen.width), (photo.height, seen.height))
    )
    times = [_eased(index / max(len(poses) - 1, 1)) - 0.5 for index in range(len(poses))]
    return [replace(pose, x=pose.x + x * time, y=pose.y + y * time) for pose, time in zip(poses, times, strict=True)]


def _eased(t: float) -> float:
    return t * t * (3 - 2 * t)


def _kept(study: Study, view: ViewType, poses: Sequence[Pose], size: FrameSize) -> Box | None:
    """What every moment of the shot shows: the heads; in a close-up what may be one; else a whole subject, or what is probably
    the subject if the frame has room for it."""
    if study.heads:
        return _with_air(box_around(study.heads), study)
    if view is ViewType.DETAIL:
        return _upper_part(study, poses, size) or _words(study, size)
    if study.subject is not None or study.rough is None:
        return study.subject and _with_air(study.subject, study)
    return _if_room(_with_air(study.rough, study), study.whole(), poses, size)


def _words(study: Study, size: FrameSize) -> Box | None:
    """The lettering of a photo, if the usual close-up would cut it in a frame that is narrower than the photo."""
    whole = study.whole()
    if study.mask is None or whole.width * size.height <= 1.2 * whole.height * size.width:
        return None
    label = find_label(study.rgb, study.mask, study.detail)
    filled = label.width * size.height / (whole.height * size.width)
    return label if filled > _CLOSE_WORDS and label.height < TALLEST_WORDS * whole.height else None


def _upper_part(study: Study, poses: Sequence[Pose], size: FrameSize) -> Box | None:
    """From the top of a subject to its most interesting point, if the frame has room for both, and the ground is not plain.

    In a scene the subject may be an animal, or a person seen from the side, whose face is not found. A subject that
    the photo itself cuts at the top is shown in close-up already: it has no upper part to keep.
    """
    if study.subject is None or study.mask is None or study.measures.plainness > PLAIN or study.subject.top <= 1:
        return None
    scale = study.rgb.shape[0] / study.mask.shape[0]
    upper = mask_box(study.mask[: round((study.subject.top + _HEAD * study.subject.height) / scale)] > 128)
    if upper is None:
        return None
    x, y = study.detail
    kept = box_around([_with_air(upper.scaled(scale), study), Box(x, y, x, y)])
    return _if_room(kept, study.whole(), poses, size)


def _if_room(kept: Box, whole: Box, poses: Sequence[Pose], size: FrameSize) -> Box | None:
    """`kept`, if a photo that fills the frame can show all of it at every moment."""
    views = [flat_view(pose, size) for pose in poses]
    seen, always = reach(views, size), always_seen(views, size)
    cover = max(seen.width / whole.width, seen.height / whole.height)
    return kept if cover * kept.width <= always.width and cover * kept.height <= always.height else None


def _with_air(box: Box, study: Study) -> Box:
    return box.grown(_AIR * max(box.width, box.height)).clipped(study.whole())


def _visible_photo(rgb: U8, place: Placement, visible: Box, poses: Sequence[Pose]) -> VisiblePhoto:
    """The part of the photo that the camera sees, resampled once for the tightest framing."""
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
    picture = shrink_or_grow(np.ascontiguousarray(rgb[y0:y1, x0:x1]), columns, rows)
    step_x, step_y = s * (x1 - x0) / columns, s * (y1 - y0) / rows
    left, top = place.left + s * (x0 - 0.5) + 0.5 * step_x, place.top + s * (y0 - 0.5) + 0.5 * step_y
    planes = photo_planes(picture)
    middle = middle_step(poses)
    luma, chroma = sharp_quads(planes.y, middle, None), pairs(planes.u, planes.v, 2, middle, None)
    return VisiblePhoto(luma, chroma, affine(step_x, step_y, left, top))


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
    """The largest parallax in pixels between the nearest and farthest parts."""
    corners = [(0.0, 0.0), (float(size.width), float(size.height)), (0.0, float(size.height)), (float(size.width), 0.0)]
    largest = 0.0
    for pose in poses:
        apart = camera_matrix(pose, size, 1.0) - camera_matrix(pose, size, _FAR)
        for x, y in corners:
            largest = max(largest, float(np.hypot(*(apart @ np.array([x, y, 1.0]))[:2])))
    return largest
