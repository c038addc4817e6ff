"""A photo whose shape is far from the frame's, shown whole: a card with round corners over a blurred fill of itself."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.domain.scene import ViewType
from adreel.providers.local.camera import Pose, middle_step
from adreel.providers.local.canvas import Lie
from adreel.providers.local.framing import Placement, frame_card
from adreel.providers.local.geometry import Box
from adreel.providers.local.layers import LayerStage
from adreel.providers.local.premultiply import Stand, layer_of, soft_layer_of
from adreel.providers.local.product import plate_area, plate_of
from adreel.providers.local.raster import blur, fit_within, grid, shrink_or_grow, smoothstep, stretch, to_u8
from adreel.providers.local.rectangle import largest_solid
from adreel.providers.local.still import U8, Floats
from adreel.providers.local.study import Study

_DEPTH = 0.4
"""How far the fill follows the camera."""

_CORNER, _SHADOW = 0.018, 0.035
"""Radius of the corners and reach of the shadow, in parts of the frame's shorter side."""

_SWEEP = 0.10


def card_stage(
    study: Study, view: ViewType, poses: Sequence[Pose], size: FrameSize, side: int, seed: int
) -> LayerStage:
    """The stage of one shot; about 0.2 CPU seconds at 1080p."""
    shown, place = frame_card(study.whole(), study.subject, size, view, side)
    area = plate_area(poses, size)
    plate = plate_of(blurred_fill(study.rgb, area), area, _DEPTH, seed)
    short = min(size.width, size.height)
    color, alpha, lie = _card(study.rgb, shown, place, max(pose.zoom for pose in poses), short)
    stand = Stand(place.place(shown).center, place.yaw, middle_step(poses), largest_solid(alpha))
    shadow = _shadow(alpha, _SHADOW * short)
    layers = [
        soft_layer_of(None, 1 - shadow, lie, stand, seed),
        layer_of(to_u8(color * alpha[:, :, None]), 1 - alpha, lie, stand, seed + 1, _SWEEP),
    ]
    return LayerStage(plate, layers, poses, size)


def _card(rgb: U8, shown: Box, place: Placement, tightest: float, short: float) -> tuple[Floats, Floats, Lie]:
    """Colours, opacity and place of the card, with room for its shadow."""
    x0, y0, x1, y1 = (int(value) for value in (shown.left, shown.top, shown.right, shown.bottom))
    target = place.scale * tightest
    columns, rows = (max(4, round(length * target / 2) * 2) for length in (x1 - x0, y1 - y0))
    picture = shrink_or_grow(np.ascontiguousarray(rgb[y0:y1, x0:x1]), columns, rows)
    room = round(3.2 * _SHADOW * short / 2) * 2
    border = cv2.BORDER_REPLICATE
    color = np.asarray(cv2.copyMakeBorder(picture, room, room, room, room, border), dtype=np.float32)
    alpha = _rounded(columns, rows, room, _CORNER * short)
    step_x, step_y = place.scale * (x1 - x0) / columns, place.scale * (y1 - y0) / rows
    left = place.left + place.scale * (x0 - 0.5) + step_x * (0.5 - room)
    top = place.top + place.scale * (y0 - 0.5) + step_y * (0.5 - room)
    return color, alpha, Lie(step_x, step_y, left, top)


def _rounded(width: int, height: int, room: int, radius: float) -> Floats:
    """A rectangle with round corners, its edge one pixel soft, `room` pixels inside its canvas."""
    columns, rows = grid(width + 2 * room, height + 2 * room)
    across = np.abs(columns - room - (width - 1) / 2) - (width / 2 - radius)
    down = np.abs(rows - room - (height - 1) / 2) - (height / 2 - radius)
    outside = np.hypot(np.clip(across, 0, None), np.clip(down, 0, None))
    return 1 - smoothstep(radius - 1.2, radius + 0.2, outside + np.minimum(np.maximum(across, down), 0))


def _shadow(alpha: Floats, reach: float) -> Floats:
    """Light that a card hanging before a wall keeps off it: near and far, a little below."""
    near, far = blur(alpha, 0.35 * reach), blur(alpha, reach)
    drop = round(0.3 * reach)
    return 0.28 * np.roll(near, drop // 2, axis=0) + 0.34 * np.roll(far, drop, axis=0)


def blurred_fill(rgb: U8, area: Box) -> Floats:
    """The photo blown up to cover `area`, blurred beyond recognition and toned down; at half the size."""
    small = fit_within(rgb, 240)
    height, width = small.shape[:2]
    scale = max(area.width / width, area.height / height)
    columns, rows = min(width, max(2, round(area.width / scale))), min(height, max(2, round(area.height / scale)))
    top, left = (height - rows) // 2, (width - columns) // 2
    part = np.ascontiguousarray(small[top : top + rows, left : left + columns]).astype(np.float32)
    full = stretch(part, int(area.width) // 4, int(area.height) // 4)
    soft = blur(full, 0.05 * max(full.shape[:2]))
    grey = soft.mean(axis=2, keepdims=True)
    toned = 0.80 * (grey + 0.95 * (soft - grey))
    columns4, rows4 = grid(full.shape[1], full.shape[0])
    edge = np.hypot((columns4 / full.shape[1] - 0.5) / 0.5, (rows4 / full.shape[0] - 0.5) / 0.5)
    dimmed = toned * (1 - 0.35 * smoothstep(0.5, 1.4, edge))[:, :, None]
    return stretch(dimmed.astype(np.float32), int(area.width) // 2, int(area.height) // 2)
