"""The artwork of a card, and the parts that styles draw it with: type in a box, on a layer with room to move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.cards.layout import SetText, TypeBox
from adreel.media.cards.motion import MAX_GROWTH, RISE, Pose
from adreel.media.cards.plate import Plate, Rectangle, filled, make_plate, over, rounded_mask

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer

_SMALLEST = 0.018
"""Smallest type size as a fraction of the shorter side: 19 pixels of 1080. Text that needs less is rejected."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin accent line that grows from its middle."""

    area: Rectangle
    color: Color


@dataclass(frozen=True, slots=True)
class CardArt:
    """The part of a card that moves as a unit, and the accent that moves separately. `words` is where its words stand at rest, a
    button with its plate, and `type_size` that of their letters in pixels."""

    plate: Plate
    rule: Rule | None
    words: Rectangle
    type_size: float


def rule_plate(rule: Rule, size: FrameSize, pose: Pose) -> Plate:
    """The accent in one pose: grown and scaled with the frame."""
    area = rule.area
    width, height = area.width * pose.rule * pose.scale, area.height * pose.scale
    middle = size.height / 2 + (area.top + area.height / 2 - size.height / 2) * pose.scale
    now = Rectangle((size.width - width) / 2, middle - height / 2, width, height)
    left, top, layer = canvas(size, grown(now, 2))
    mask = rounded_mask(layer.shape[:2], moved(now, -left, -top), now.height / 2)
    return make_plate(filled(mask, rule.color), left, top)


def type_box(size: FrameSize, boxes: Mapping[bool, tuple[float, float]], caps: tuple[float, ...]) -> TypeBox:
    """The room for type. `boxes` has the shares of the width and height that it may take of a landscape frame (True) and of any
    other; `caps` the type sizes for one, two … lines, as shares of the shorter side.
    """
    short = min(size.width, size.height)
    width, height = boxes[size.width > size.height]
    largest = tuple(cap * short for cap in caps)
    return TypeBox(round(width * size.width), round(height * size.height), largest, _SMALLEST * short)


def ink_area(text: SetText, size: FrameSize, middle: float) -> Rectangle:
    """Where the ink of a text is that stands centred, with its middle line at `middle` pixels from the top."""
    height, width = text.rgba.shape[:2]
    return Rectangle((size.width - width) / 2, middle - text.middle, width, height)


def with_text(layer: Layer, text: SetText, size: FrameSize, middle: float, left: int, top: int) -> Layer:
    """Pastes the text at whole pixels, as typst drew it."""
    area = ink_area(text, size, middle)
    height, width = text.rgba.shape[:2]
    x, y = round(area.left) - left, round(area.top) - top
    ink = np.divide(text.rgba, 255, dtype=np.float32)
    ink[:, :, :3] *= ink[:, :, 3:]
    layer[y : y + height, x : x + width] = over(ink, layer[y : y + height, x : x + width])
    return layer


def canvas(size: FrameSize, area: Rectangle) -> tuple[int, int, Layer]:
    """An empty layer on even pixels, with margins for the rise and growth of the artwork in the area."""
    room_x = MAX_GROWTH * size.width / 2 + 2
    room_y = MAX_GROWTH * size.height / 2 + RISE * size.height + 2
    left, top = (max(0, int(edge) // 2 * 2) for edge in (area.left - room_x, area.top - room_y))
    right = min(size.width, int(area.left + area.width + room_x) // 2 * 2 + 2)
    bottom = min(size.height, int(area.top + area.height + room_y) // 2 * 2 + 2)
    return left, top, np.zeros((bottom - top, right - left, 4), np.float32)


def grown(area: Rectangle, by: float) -> Rectangle:
    """The area with `by` more pixels on each side."""
    return Rectangle(area.left - by, area.top - by, area.width + 2 * by, area.height + 2 * by)


def moved(area: Rectangle, right: float, down: float) -> Rectangle:
    """The area at another place."""
    return Rectangle(area.left + right, area.top + down, area.width, area.height)
