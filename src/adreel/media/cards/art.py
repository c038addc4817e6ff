"""What is drawn on a card: large type over a thin rule, or a call to action on a button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.color import Color
from adreel.domain.formats import FrameSize
from adreel.media.cards.colors import CardColors
from adreel.media.cards.font_chain import FontChain
from adreel.media.cards.layout import SetText, TypeBox, set_text
from adreel.media.cards.motion import MAX_GROWTH, RISE, Pose
from adreel.media.cards.plate import Plate, Rectangle, filled, make_plate, over, rounded_mask

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer

_INTRO_BOX = {True: (0.77, 0.6), False: (0.82, 0.5)}
_INTRO_CAPS = (0.165, 0.13, 0.118, 0.1, 0.085)
_OUTRO_BOX = {True: (0.56, 0.5), False: (0.6, 0.4)}
_OUTRO_CAPS = (0.1, 0.084, 0.072, 0.062)
"""Boxes: shares of the width and height of a landscape frame, and of any other; the safe area is 0.9 of both.

Caps: type sizes for one, two … lines, shares of the shorter side.
"""

_SMALLEST = 0.018
"""Type size, of the shorter side, under which text is refused: 19 pixels of 1080."""

_RULE = (0.11, 0.0065, 0.06)
"""Width, thickness and distance from the type of the accent under a name, of the shorter side."""

_BUTTON_PADDING = (1.0, 0.66)
_BUTTON_RADIUS = 1.15
"""In type sizes: room left and right, above and below the capitals, and the largest corner."""

_SMALL = 0.6
"""Of the largest type: below this a button takes _WIDEST_BUTTON of the frame's width."""

_WIDEST_BUTTON = 0.84

_SHADOW = (0.034, 0.014, 0.26)
"""Softness and drop of the button's shadow, of the shorter side; its opacity."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin accent line, growing from its middle."""

    area: Rectangle
    color: Color


@dataclass(frozen=True, slots=True)
class CardArt:
    """The part of a card that moves as one, and the accent that moves by itself."""

    plate: Plate
    rule: Rule | None


def intro_art(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> CardArt:
    """A name as large type with a thin rule below, both together in the middle. Raises TextError, RenderError."""
    short = min(size.width, size.height)
    name = set_text(text, chain, _type_box(size, _INTRO_BOX, _INTRO_CAPS), colors.ink)
    width, thickness, gap = (share * short for share in _RULE)
    middle = size.height / 2 - (gap + thickness) / 2
    bottom = middle - name.middle + name.rgba.shape[0]
    rule = Rectangle((size.width - width) / 2, bottom + gap, width, thickness)
    left, top, layer = _canvas(size, _ink_area(name, size, middle))
    return CardArt(make_plate(_with_text(layer, name, size, middle, left, top), left, top), Rule(rule, colors.ink))


def outro_art(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> CardArt:
    """A call to action on a button in the ink colour, its letters in the brand colour or plain.

    Raises TextError, RenderError.
    """
    label = _label(text, chain, size, colors)
    width = label.rgba.shape[1] + 2 * _BUTTON_PADDING[0] * label.size
    height = label.height + 2 * _BUTTON_PADDING[1] * label.size
    button = Rectangle((size.width - width) / 2, (size.height - height) / 2, width, height)
    left, top, layer = _canvas(size, _grown(button, (_SHADOW[0] + _SHADOW[1]) * min(size.width, size.height)))
    layer = _button(layer.shape[:2], _moved(button, -left, -top), label.size, size, colors)
    return CardArt(make_plate(_with_text(layer, label, size, size.height / 2, left, top), left, top), None)


def rule_plate(rule: Rule, size: FrameSize, pose: Pose) -> Plate:
    """The accent at one moment: as wide as it has grown, and where the scale of the frame has put it."""
    area = rule.area
    width, height = area.width * pose.rule * pose.scale, area.height * pose.scale
    middle = size.height / 2 + (area.top + area.height / 2 - size.height / 2) * pose.scale
    now = Rectangle((size.width - width) / 2, middle - height / 2, width, height)
    left, top, layer = _canvas(size, _grown(now, 2))
    mask = rounded_mask(layer.shape[:2], _moved(now, -left, -top), now.height / 2)
    return make_plate(filled(mask, rule.color), left, top)


def _type_box(size: FrameSize, boxes: Mapping[bool, tuple[float, float]], caps: tuple[float, ...]) -> TypeBox:
    short = min(size.width, size.height)
    width, height = boxes[size.width > size.height]
    largest = tuple(cap * short for cap in caps)
    return TypeBox(round(width * size.width), round(height * size.height), largest, _SMALLEST * short)


def _label(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> SetText:
    """Where the type had to be small, the button may take the width that its smaller padding leaves."""
    box = _type_box(size, _OUTRO_BOX, _OUTRO_CAPS)
    label = set_text(text, chain, box, colors.label)
    if label.size > _SMALL * box.caps[0]:
        return label
    padding = 2 * _BUTTON_PADDING[0] * label.size / box.width  # grows with the type, which grows with the box
    wider = replace(box, width=round(_WIDEST_BUTTON * size.width / (1 + padding)))
    return set_text(text, chain, wider, colors.label)


def _button(shape: tuple[int, int], area: Rectangle, type_size: float, size: FrameSize, colors: CardColors) -> Layer:
    short = min(size.width, size.height)
    blur, drop, opacity = _SHADOW[0] * short, _SHADOW[1] * short, _SHADOW[2]
    radius = _BUTTON_RADIUS * type_size
    shadow = rounded_mask(shape, _moved(area, 0, drop), radius, softness=blur)
    face = filled(rounded_mask(shape, area, radius), colors.ink)
    return over(face, filled(shadow, Color(0, 0, 0), opacity))


def _ink_area(text: SetText, size: FrameSize, middle: float) -> Rectangle:
    height, width = text.rgba.shape[:2]
    return Rectangle((size.width - width) / 2, middle - text.middle, width, height)


def _with_text(layer: Layer, text: SetText, size: FrameSize, middle: float, left: int, top: int) -> Layer:
    """Places the ink on whole pixels, as typst drew it."""
    area = _ink_area(text, size, middle)
    height, width = text.rgba.shape[:2]
    x, y = round(area.left) - left, round(area.top) - top
    ink = np.divide(text.rgba, 255, dtype=np.float32)
    ink[:, :, :3] *= ink[:, :, 3:]
    layer[y : y + height, x : x + width] = over(ink, layer[y : y + height, x : x + width])
    return layer


def _canvas(size: FrameSize, area: Rectangle) -> tuple[int, int, Layer]:
    """An empty layer on even pixels, with room for the rise and the growth of what is drawn in the area."""
    room_x = MAX_GROWTH * size.width / 2 + 2
    room_y = MAX_GROWTH * size.height / 2 + RISE * size.height + 2
    left, top = (max(0, int(edge) // 2 * 2) for edge in (area.left - room_x, area.top - room_y))
    right = min(size.width, int(area.left + area.width + room_x) // 2 * 2 + 2)
    bottom = min(size.height, int(area.top + area.height + room_y) // 2 * 2 + 2)
    return left, top, np.zeros((bottom - top, right - left, 4), np.float32)


def _grown(area: Rectangle, by: float) -> Rectangle:
    return Rectangle(area.left - by, area.top - by, area.width + 2 * by, area.height + 2 * by)


def _moved(area: Rectangle, right: float, down: float) -> Rectangle:
    return Rectangle(area.left + right, area.top + down, area.width, area.height)
