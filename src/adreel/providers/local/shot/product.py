"""Builds the stage of a free-standing product: cut-out, light, shadow, reflection, set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import Mood, ViewType
from adreel.providers.local.drawing.camera import MAX_YAW, Pose, middle_step
from adreel.providers.local.drawing.geometry import affine, camera_matrix, reach
from adreel.providers.local.drawing.layers import Layer, LayerStage, Plate, Standing
from adreel.providers.local.drawing.premultiply import LayerPose, layer_of, soft_layer_of
from adreel.providers.local.drawing.quads import pairs, soft_quads
from adreel.providers.local.drawing.raster import greatest_channel, least_channel, quantile, to_u8
from adreel.providers.local.drawing.rectangle import largest_solid
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.drawing.yuv import BLACK, planes_of
from adreel.providers.local.photo.cutout import Cutout
from adreel.providers.local.photo.palette import Palette
from adreel.providers.local.shot.canvas import Canvas, behind, canvas_of
from adreel.providers.local.shot.closeup import calmest, find_label, find_lettering
from adreel.providers.local.shot.framing import Placement, frame_product
from adreel.providers.local.shot.grounding import contact_line, contact_shadow, reflection
from adreel.providers.local.shot.light import lit
from adreel.providers.local.shot.sets import Set, choose_set, paint_set, toned_down

_WALL_DEPTH = 0.45
"""Degree to which the set follows the camera: it is about twice as far away as the product."""

DITHER = 0.8
"""Noise in sets, in luma steps: enough to prevent banding after encoding, too little to cost bits."""


def product_stage(
    cutout: Cutout,
    palette: Palette,
    view: ViewType,
    mood: Mood,
    poses: Sequence[Pose],
    size: FrameSize,
    seed: int,
    *,
    words: int = 0,
    output: FrameSize | None = None,
) -> LayerStage:
    """Builds the stage of one shot, in about 0.2 to 0.5 CPU seconds at 1080p. `words`: as in `frame_product`. `output`: the size
    in which the shot framed for `size` is drawn."""
    side = 1 if np.random.default_rng(seed).random() < 0.5 else -1
    visible = reach([camera_matrix(pose, size) for pose in poses], size)
    floor = visible.bottom if cutout.cut_below else None
    place = frame_product(cutout.box, cutout.detail, size, view, side, floor=floor, words=words)
    if view is ViewType.DETAIL and floor is None:
        place = calmest(place, find_lettering(cutout.color, cutout.alpha if cutout.alpha.any() else None), poses, size)
    if output is not None and output != size:
        place, size = place.scaled(output.width / size.width), output
        visible = reach([camera_matrix(pose, size) for pose in poses], size)
    poses = _within_yaw(poses, place.yaw)
    style = choose_set(mood, palette)
    style = toned_down(style) if _brings_shadow(cutout) else style
    area = plate_area(poses, size)
    # Through a product that is divided by its ground, and solid nowhere, the edges of shapes would shine.
    shapes = bool(cutout.alpha.any())
    empty = paint_set(style, mood, area, place.place(cutout.box), min(size.width, size.height), seed, shapes=shapes)
    plate = plate_of(empty, area, _WALL_DEPTH, seed)
    canvas = canvas_of(cutout, place, visible, max(pose.zoom for pose in poses))
    layer_pose = LayerPose(place.place(cutout.box).center, place.yaw, middle_step(poses), largest_solid(canvas.alpha))
    standing = _standing(cutout, place, layer_pose) if words else None
    return LayerStage(plate, _layers(canvas, empty, area, style, layer_pose, side, seed), poses, size, standing)


def _standing(cutout: Cutout, place: Placement, layer_pose: LayerPose) -> Standing:
    mask = cutout.alpha if cutout.alpha.any() else None
    label = find_label(cutout.color, mask, cutout.detail)
    return Standing(place.place(cutout.box), place.place(label), layer_pose.pivot, place.yaw)


def plate_area(poses: Sequence[Pose], size: FrameSize) -> Box:
    """The area of the set that the camera sees, in composed-frame pixels, rounded outward to sides divisible by 4."""
    visible = reach([camera_matrix(pose, size, _WALL_DEPTH) for pose in poses], size).grown(3)
    left, top = math.floor(visible.left), math.floor(visible.top)
    width, height = 4 * math.ceil((visible.right - left) / 4), 4 * math.ceil((visible.bottom - top) / 4)
    return Box(left, top, left + width, top + height)


def plate_of(empty: Floats, area: Box, depth: float, seed: int) -> Plate:
    """Makes a plate from a set (height / 2, width / 2, 3), R'G'B' 0-255, that fills `area`."""
    planes = planes_of(empty, DITHER, seed)
    luma = soft_quads(cv2.subtract(planes.y, BLACK), None)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return Plate(luma, pairs(planes.u, planes.v, 4, 1.0, None), affine(1, 1, area.left, area.top), depth)


def _within_yaw(poses: Sequence[Pose], base: float) -> list[Pose]:
    return [replace(pose, yaw=min(max(pose.yaw, -MAX_YAW - base), MAX_YAW - base)) for pose in poses]


def _brings_shadow(cutout: Cutout) -> bool:
    """Whether the photo has its own shadow just below the product."""
    if cutout.passing is None:
        return False
    box = cutout.box
    low, tall = int(box.bottom), max(2, round(0.04 * box.height))
    strip = cutout.passing[low : low + tall, int(box.left) : int(box.right)]
    return strip.size > 0 and quantile(strip, 0.25) < 225


def _layers(
    canvas: Canvas, empty: Floats, area: Box, style: Set, layer_pose: LayerPose, side: int, seed: int
) -> list[Layer]:
    """Layers from back to front: coloured glass, reflection, shadows, the product. `empty` is the set that fills `area`."""
    surrounds = behind(canvas, empty, area, 16).mean(axis=(0, 1))
    color = lit(canvas.color, canvas.alpha, surrounds, style, side, tinted=canvas.passing is not None)
    layers: list[Layer] = []
    clear = np.ones_like(canvas.alpha)
    solid = float(canvas.alpha.max()) > 0.5
    if canvas.passing is not None and (_is_colorful(canvas) or not solid):
        least = least_channel(canvas.passing)
        own = cv2.subtract(canvas.passing, cv2.merge([least] * 3))
        through = cv2.multiply(own, to_u8(behind(canvas, empty, area)), scale=1 / 255)
        layers.append(layer_of(cast("U8", through), least.astype(np.float32) / 255, canvas.transform, layer_pose, seed))
    elif canvas.passing is not None:
        clear = np.asarray(cv2.transform(canvas.passing, np.array([[0.2126, 0.7152, 0.0722]])), np.float32) / 255
    mask = to_u8(255 * canvas.alpha)
    if canvas.floor_shows():
        floor, touch = contact_line(mask)
        clear = clear * (1 - contact_shadow(mask, floor, touch, style.shadow, -side))
        if style.mirror > 0:
            layers.append(_mirrored(canvas, color, mask, floor, style.mirror, layer_pose, seed))
    layers.append(soft_layer_of(None, clear, canvas.transform, layer_pose, seed))
    if solid:
        own = cast("U8", cv2.multiply(color, cv2.merge([mask] * 3), scale=1 / 255))
        layers.append(layer_of(own, 1 - canvas.alpha, canvas.transform, layer_pose, seed + 1, style.sweep))
    return layers


def _mirrored(
    canvas: Canvas, color: U8, mask: U8, floor: Floats, strength: float, layer_pose: LayerPose, seed: int
) -> Layer:
    own, opacity, first = reflection(color, mask, floor, strength)
    return soft_layer_of(own, 1 - opacity, canvas.transform.below(first), layer_pose, seed)


def _is_colorful(canvas: Canvas) -> bool:
    """Whether the light around the solid product is coloured (tinted glass, a liquid) and not just its shadow."""
    if canvas.passing is None:
        return False
    small = canvas.passing[::4, ::4]
    around = canvas.alpha[::4, ::4] < 0.01
    small = np.ascontiguousarray(small)
    tinted = (greatest_channel(small) - least_channel(small) > 20) & around
    return float(tinted.mean()) > 0.01
