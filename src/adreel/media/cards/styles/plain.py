"""The plain style: a name as large type over a thin rule, a call to action on a button, on the brand colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adreel.domain.errors import TextError
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.cards.art import CardArt, Rule, canvas, grown, ink_area, moved, type_box, with_text
from adreel.media.cards.colors import CardColors
from adreel.media.cards.font_chain import FontChain
from adreel.media.cards.layout import SetText, TypeBox, set_text
from adreel.media.cards.motion import MAX_GROWTH
from adreel.media.cards.plate import Rectangle, filled, make_plate, over, rounded_mask
from adreel.media.cards.style import CardStyle
from adreel.media.overlays.safe_area import safe_area

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

_COVERED_FROM = 0.9
"""Share of the height below which a safe area ends that buttons of platforms limit."""

_TALLEST = 0.28
"""Share of the height that artwork takes at most in frames under the buttons of platforms: it stays near the middle."""

_SHADOW = (0.034, 0.014, 0.26)
"""Softness and offset of the button's shadow as fractions of the shorter side; its opacity."""


def _intro(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> CardArt:
    """A name as large type with a thin rule below, centred together. Raises TextError, RenderError."""
    short = min(size.width, size.height)
    width, thickness, gap = (share * short for share in _RULE)
    room = _room(size)
    name = set_text(text, chain, _held(type_box(size, _INTRO_BOX, _INTRO_CAPS), room, 0, gap + thickness), colors.ink)
    middle = size.height / 2 - (gap + thickness) / 2
    below = name.rgba.shape[0] - name.middle
    middle = min(middle, room.lowest - below - gap - thickness)
    bottom = middle + below
    rule = Rectangle((size.width - width) / 2, bottom + gap, width, thickness)
    ink = ink_area(name, size, middle)
    left, top, layer = canvas(size, ink)
    plate = make_plate(with_text(layer, name, size, middle, left, top), left, top)
    return CardArt(plate, Rule(rule, colors.ink), ink, name.size)


def _outro(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> CardArt:
    """A call to action on a button in the ink colour, its letters in the brand colour or plain.

    Raises TextError, RenderError.
    """
    label = _label(text, chain, size, colors)
    width = label.rgba.shape[1] + 2 * _BUTTON_PADDING[0] * label.size
    height = label.height + 2 * _BUTTON_PADDING[1] * label.size
    middle = min(size.height / 2, _room(size).lowest - height / 2)
    button = Rectangle((size.width - width) / 2, middle - height / 2, width, height)
    left, top, layer = canvas(size, grown(button, (_SHADOW[0] + _SHADOW[1]) * min(size.width, size.height)))
    layer = _button(layer.shape[:2], moved(button, -left, -top), label.size, size, colors)
    plate = make_plate(with_text(layer, label, size, middle, left, top), left, top)
    return CardArt(plate, None, button, label.size)


def _label(text: str, chain: FontChain, size: FrameSize, colors: CardColors) -> SetText:
    """Sets the button's text; small type may use the width that its smaller padding leaves."""
    room, largest = _room(size), type_box(size, _OUTRO_BOX, _OUTRO_CAPS)
    across, down = (2 * share * largest.caps[0] for share in _BUTTON_PADDING)
    box = _held(largest, room, across, down)
    try:
        label = set_text(text, chain, box, colors.label)
    except TextError:
        label = None
    if label is not None and label.size > _SMALL * box.caps[0]:
        return label
    type_size = box.smallest if label is None else label.size
    padding = 2 * _BUTTON_PADDING[0] * type_size / box.width  # grows with the type, which grows with the box
    wider = replace(box, width=round(min(_WIDEST_BUTTON * size.width, room.width) / (1 + padding)))
    return set_text(text, chain, wider, colors.label)


@dataclass(frozen=True, slots=True)
class _Room:
    """Width and height in pixels that artwork may have at rest, and its lowest edge: as large as it grows, it is clear of what
    platforms cover."""

    width: float
    height: float
    lowest: float


def _room(size: FrameSize) -> _Room:
    safe, (x, y) = safe_area(size), (size.width / 2, size.height / 2)
    grown = 1 + MAX_GROWTH
    tallest = _TALLEST * size.height if safe.bottom < _COVERED_FROM * size.height else safe.height
    return _Room(2 * min(x - safe.left, safe.right - x) / grown, tallest / grown, y + (safe.bottom - y) / grown)


def _held(box: TypeBox, room: _Room, across: float, down: float) -> TypeBox:
    """The box within a room, of which the artwork around the text takes `across` and `down`."""
    width, height = min(box.width, room.width - across), min(box.height, room.height - down)
    return replace(box, width=round(width), height=round(height))


def _button(shape: tuple[int, int], area: Rectangle, type_size: float, size: FrameSize, colors: CardColors) -> Layer:
    short = min(size.width, size.height)
    blur, drop, opacity = _SHADOW[0] * short, _SHADOW[1] * short, _SHADOW[2]
    radius = _BUTTON_RADIUS * type_size
    shadow = rounded_mask(shape, moved(area, 0, drop), radius, softness=blur)
    face = filled(rounded_mask(shape, area, radius), colors.ink)
    return over(face, filled(shadow, Color(0, 0, 0), opacity))


PLAIN = CardStyle("plain", _intro, _outro)
