"""The plain style: a name as large type over a thin rule, a call to action on a button, on the brand colour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.cards.art import CardArt, Rule, canvas, grown, ink_area, moved, type_box, with_text
from adreel.media.cards.colors import CardColors
from adreel.media.cards.font_chain import FontChain
from adreel.media.cards.layout import SetText, set_text
from adreel.media.cards.plate import Rectangle, filled, make_plate, over, rounded_mask
from adreel.media.cards.style import CardStyle

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer

_INTRO_BOX = {True: (0.77, 0.6), False: (0.82, 0.5)}
_INTRO_CAPS = (0.165, 0.13, 0.118, 0.1, 0.085)
_OUTRO_BOX = {True: (0.56, 0.5), False: (0.6, 0.4)}
_OUTRO_CAPS = (0.1, 0.084, 0.072, 0.062)
"""Boxes: shares of the width and height of a landscape frame, and of any other; the safe area is 0.9 of both.

Caps: type sizes for one, two … lines, shares of the shorter side.
"""

_RULE = (0.11, 0.0065, 0.06)
"""Width and thickness of the accent under a name and its distance from the type, as fractions of the shorter side."""

_BUTTON_PADDING = (1.0, 0.66)
_BUTTON_RADIUS = 1.15
"""In type sizes: padding left and right, above and below the capitals, and the largest corner radius."""

_SMALL = 0.6
"""Fraction of the largest type below which a button takes up to _WIDEST_BUTTON of the frame's width."""

_WIDEST_BUTTON = 0.84

_SHADOW = (0.034, 0.014, 0.26)
"""Softness and offset of the button's shadow as fractions of the shorter side; its opacity."""


def _intro(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> CardArt:
    """A name as large type with a thin rule below, centred together. Raises TextError, RenderError."""
    short = min(size.width, size.height)
    name = set_text(text, chain, type_box(size, _INTRO_BOX, _INTRO_CAPS), colors.ink)
    width, thickness, gap = (share * short for share in _RULE)
    middle = size.height / 2 - (gap + thickness) / 2
    bottom = middle - name.middle + name.rgba.shape[0]
    rule = Rectangle((size.width - width) / 2, bottom + gap, width, thickness)
    left, top, layer = canvas(size, ink_area(name, size, middle))
    return CardArt(make_plate(with_text(layer, name, size, middle, left, top), left, top), Rule(rule, colors.ink))


def _outro(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> CardArt:
    """A call to action on a button in the ink colour, its letters in the brand colour or plain.

    Raises TextError, RenderError.
    """
    label = _label(text, chain, size, colors)
    width = label.rgba.shape[1] + 2 * _BUTTON_PADDING[0] * label.size
    height = label.height + 2 * _BUTTON_PADDING[1] * label.size
    button = Rectangle((size.width - width) / 2, (size.height - height) / 2, width, height)
    left, top, layer = canvas(size, grown(button, (_SHADOW[0] + _SHADOW[1]) * min(size.width, size.height)))
    layer = _button(layer.shape[:2], moved(button, -left, -top), label.size, size, colors)
    return CardArt(make_plate(with_text(layer, label, size, size.height / 2, left, top), left, top), None)


def _label(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> SetText:
    """Sets the button's text; small type may use the width that its smaller padding leaves."""
    box = type_box(size, _OUTRO_BOX, _OUTRO_CAPS)
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
    shadow = rounded_mask(shape, moved(area, 0, drop), radius, softness=blur)
    face = filled(rounded_mask(shape, area, radius), colors.ink)
    return over(face, filled(shadow, Color(0, 0, 0), opacity))


PLAIN = CardStyle("plain", _intro, _outro)
