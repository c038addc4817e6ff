"""Builds the stage of a product that stands free: cut-out, light on it, shadow, reflection, set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.domain.scene import Mood, ViewType
from adreel.providers.local.camera import MAX_YAW, Pose, middle_step
from adreel.providers.local.canvas import Canvas, behind, canvas_of
from adreel.providers.local.closeup import calmest, find_lettering
from adreel.providers.local.cutout import Cutout
from adreel.providers.local.framing import frame_product
from adreel.providers.local.geometry import Box, affine, camera_matrix, reach
from adreel.providers.local.grounding import contact_line, contact_shadow, reflection
from adreel.providers.local.layers import Layer, LayerStage, Plate
from adreel.providers.local.light import lit
from adreel.providers.local.palette import Palette
from adreel.providers.local.premultiply import Stand, layer_of, soft_layer_of
from adreel.providers.local.quads import pairs, soft_quads
from adreel.providers.local.raster import greatest_channel, least_channel, quantile, to_u8
from adreel.providers.local.rectangle import largest_solid
from adreel.providers.local.sets import Set, choose_set, paint_set, toned_down
from adreel.providers.local.still import U8, Floats
from adreel.providers.local.yuv import BLACK, planes_of

_WALL_DEPTH = 0.45
"""How far the set follows the camera: it stands about twice as far away as the product."""

DITHER = 0.8
"""Noise in sets, in steps of luma: enough that bands vanish behind the encoder, too little to cost bits."""


def product_stage(
    cutout: Cutout, palette: Palette, view: ViewType, mood: Mood, poses: Sequence[Pose], size: FrameSize, seed: int
) -> LayerStage:
    """A stage for one shot; about 0.2 to 0.5 CPU seconds at 1080p."""
    side = 1 if np.random.default_rng(seed).random() < 0.5 else -1
    seen = reach([camera_matrix(pose, size) for pose in poses], size)
    floor = seen.bottom if cutout.cut_below else None
    place = frame_product(cutout.box, cutout.detail, size, view, side, floor=floor)
    if view is ViewType.DETAIL and floor is None:
        place = calmest(place, find_lettering(cutout.color, cutout.alpha if cutout.alpha.any() else None), poses, size)
    poses = _within_yaw(poses, place.yaw)
    style = choose_set(mood, palette)
    style = toned_down(style) if _brings_shadow(cutout) else style
    area = plate_area(poses, size)
    empty = paint_set(style, mood, area, place.place(cutout.box), min(size.width, size.height), seed)
    plate = plate_of(empty, area, _WALL_DEPTH, seed)
    canvas = canvas_of(cutout, place, seen, max(pose.zoom for pose in poses))
    stand = Stand(place.place(cutout.box).center, place.yaw, middle_step(poses), largest_solid(canvas.alpha))
    return LayerStage(plate, _layers(canvas, empty, area, style, stand, side, seed), poses, size)


def plate_area(poses: Sequence[Pose], size: FrameSize) -> Box:
    """What the camera sees of the set, in composed-frame pixels, rounded outward to sides that 4 divides."""
    seen = reach([camera_matrix(pose, size, _WALL_DEPTH) for pose in poses], size).grown(3)
    left, top = math.floor(seen.left), math.floor(seen.top)
    width, height = 4 * math.ceil((seen.right - left) / 4), 4 * math.ceil((seen.bottom - top) / 4)
    return Box(left, top, left + width, top + height)


def plate_of(empty: Floats, area: Box, depth: float, seed: int) -> Plate:
    """From a set (height / 2, width / 2, 3), R'G'B' 0-255, that fills `area`."""
    planes = planes_of(empty, DITHER, seed)
    luma = soft_quads(cv2.subtract(planes.y, BLACK), None)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return Plate(luma, pairs(planes.u, planes.v, 4, 1.0, None), affine(1, 1, area.left, area.top), depth)


def _within_yaw(poses: Sequence[Pose], base: float) -> list[Pose]:
    return [replace(pose, yaw=min(max(pose.yaw, -MAX_YAW - base), MAX_YAW - base)) for pose in poses]


def _brings_shadow(cutout: Cutout) -> bool:
    """Whether the photo has a shadow of its own just below the product."""
    if cutout.passing is None:
        return False
    box = cutout.box
    low, tall = int(box.bottom), max(2, round(0.04 * box.height))
    strip = cutout.passing[low : low + tall, int(box.left) : int(box.right)]
    return strip.size > 0 and quantile(strip, 0.25) < 225


def _layers(canvas: Canvas, empty: Floats, area: Box, style: Set, stand: Stand, side: int, seed: int) -> list[Layer]:
    """From back to front: coloured glass, reflection, shadows, the product itself. `empty` is the set that fills `area`."""
    surrounds = behind(canvas, empty, area, 16).mean(axis=(0, 1))
    color = lit(canvas.color, canvas.alpha, surrounds, style, side, tinted=canvas.passing is not None)
    layers: list[Layer] = []
    kept = np.ones_like(canvas.alpha)
    solid = float(canvas.alpha.max()) > 0.5
    if canvas.passing is not None and (_is_colorful(canvas) or not solid):
        least = least_channel(canvas.passing)
        own = cv2.subtract(canvas.passing, cv2.merge([least] * 3))
        through = cv2.multiply(own, to_u8(behind(canvas, empty, area)), scale=1 / 255)
        layers.append(layer_of(cast("U8", through), least.astype(np.float32) / 255, canvas.lie, stand, seed))
    elif canvas.passing is not None:
        kept = np.asarray(cv2.transform(canvas.passing, np.array([[0.2126, 0.7152, 0.0722]])), np.float32) / 255
    mask = to_u8(255 * canvas.alpha)
    if canvas.floor_shows():
        floor, touch = contact_line(mask)
        kept = kept * (1 - contact_shadow(mask, floor, touch, style.shadow, -side))
        if style.mirror > 0:
            layers.append(_mirrored(canvas, color, mask, floor, style.mirror, stand, seed))
    layers.append(soft_layer_of(None, kept, canvas.lie, stand, seed))
    if solid:
        own = cast("U8", cv2.multiply(color, cv2.merge([mask] * 3), scale=1 / 255))
        layers.append(layer_of(own, 1 - canvas.alpha, canvas.lie, stand, seed + 1, style.sweep))
    return layers


def _mirrored(canvas: Canvas, color: U8, mask: U8, floor: Floats, strength: float, stand: Stand, seed: int) -> Layer:
    own, opacity, first = reflection(color, mask, floor, strength)
    return soft_layer_of(own, 1 - opacity, canvas.lie.below(first), stand, seed)


def _is_colorful(canvas: Canvas) -> bool:
    """Whether what passes around the solid product is coloured (tinted glass, a liquid), and not just its shadow."""
    if canvas.passing is None:
        return False
    small = canvas.passing[::4, ::4]
    around = canvas.alpha[::4, ::4] < 0.01
    small = np.ascontiguousarray(small)
    tinted = (greatest_channel(small) - least_channel(small) > 20) & around
    return float(tinted.mean()) > 0.01
