"""The words of a role as one moving part: letters with their tick, their struck former price or their plate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.color import Color
from adreel.media.cards.plate import Rectangle, filled, over, rounded_mask
from adreel.media.overlays.ink import CapRange, Ink, set_ink
from adreel.media.overlays.marks import line_layer, mark_layer
from adreel.media.overlays.style import Align, Palette, RoleStyle, Tag, TextStyle, Tone

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer

_STRUCK = 0.58
"""Height of the capitals of a former price beside those of the price."""

_TAG_PADDING = (0.75, 0.6)
"""Room in a tag left and right of the letters, above and below the capitals, in heights of capitals."""


_ONE_LINE = 2.2
"""Height of a tag of one line in heights of capitals: tags of more lines are as round, not rounder."""


@dataclass(frozen=True, slots=True)
class Part:
    """`layer` is premultiplied, 0-1. `top` and `bottom`: rows of the part that line up with its neighbours, capitals and
    baseline. `tones` must be readable on what lies beneath; none for letters on a plate of their own. `cap`: height of the
    smallest capitals in pixels. `is_cramped` as in `Ink`."""

    role: TextRole
    layer: Layer
    top: float
    bottom: float
    cap: float
    tones: frozenset[Tone]
    right_to_left: bool
    is_cramped: bool = False

    @property
    def width(self) -> int:
        return self.layer.shape[1]

    @property
    def height(self) -> int:
        return self.layer.shape[0]


@dataclass(frozen=True, slots=True)
class PartBox:
    """The room for a part: width and height in pixels; `unit` is a pixel of a frame whose shorter side has 1080; `ease` 0-1 is
    how far capitals may grow from their least height to their largest."""

    width: int
    height: int
    unit: float
    ease: float

    def caps(self, style: RoleStyle) -> CapRange:
        least = style.least * self.unit
        return CapRange(least + self.ease * (style.cap * self.unit - least), least)


def set_part(words: ScreenText, style: TextStyle, palette: Palette, box: PartBox, most: float | None = None) -> Part:
    """Sets the words of one role; `most` limits the height of capitals. Raises TextError when they do not fit; RenderError."""
    role = style.roles[words.role]
    caps = box.caps(role)
    caps = caps if most is None else CapRange(max(min(most, caps.most), caps.least), caps.least)
    if words.role is TextRole.BULLET:
        return _bullet(words.text, style, role, palette, box, caps)
    part = _plain(words, style, role, palette, box, caps)
    return part if words.struck is None else _with_struck(part, words.struck, style, role, palette, box)


def _plain(
    words: ScreenText, style: TextStyle, role: RoleStyle, palette: Palette, box: PartBox, caps: CapRange
) -> Part:
    centered = style.align is Align.CENTER
    if role.tag is None:
        tone = Tone.ACCENT if role.accent else Tone.INK
        ink = set_ink(words.text, role, box.width, box.height, caps, palette.color(tone), centered=centered)
        tones = frozenset({tone})
        rows = (ink.cap_top, ink.baseline, ink.cap)
        return Part(words.role, _layer(ink), *rows, tones, ink.right_to_left, ink.is_cramped)
    across, down = (2 * round(share * caps.most) for share in _TAG_PADDING)
    ink = set_ink(words.text, role, box.width - across, box.height - down, caps, role.tag.ink, centered=centered)
    return _tagged(words.role, ink, role.tag)


def _tagged(kind: TextRole, ink: Ink, tag: Tag) -> Part:
    """Letters on a plate of their own."""
    side, above = (round(share * ink.cap) for share in _TAG_PADDING)
    top = round(above - ink.cap_top)
    width, height = ink.width + 2 * side, round(ink.baseline - ink.cap_top) + 2 * above
    height = max(height, top + ink.height, ink.height)
    radius = tag.radius * min(height, _ONE_LINE * ink.cap)
    plate = filled(rounded_mask((height, width), Rectangle(0, 0, width, height), radius), tag.fill)
    layer = over(_laid(_layer(ink), (height, width), side, max(0, top)), plate)
    return Part(kind, layer, 0.0, float(height), ink.cap, frozenset(), ink.right_to_left, ink.is_cramped)


def _bullet(text: str, style: TextStyle, role: RoleStyle, palette: Palette, box: PartBox, caps: CapRange) -> Part:
    """A mark and its words; lines after the first begin below the words, not below the mark."""
    widest = mark_layer(style.mark, caps.most, palette.accent).shape[1]
    indent = widest + round(0.55 * caps.most)
    ink = set_ink(text, role, box.width - indent, box.height, caps, palette.ink, centered=False)
    mark = mark_layer(style.mark, ink.cap, palette.accent)
    indent = mark.shape[1] + round(0.55 * ink.cap)
    middle = ink.cap_top + ink.cap / 2
    high = max(0, round(mark.shape[0] / 2 - middle))
    shape = (max(high + ink.height, round(middle + high + mark.shape[0] / 2) + 1), indent + ink.width)
    mark_top = max(0, round(high + middle - mark.shape[0] / 2))
    backwards = ink.right_to_left
    letters = _laid(_layer(ink), shape, 0 if backwards else indent, high)
    layer = over(_laid(mark, shape, ink.width + indent - mark.shape[1] if backwards else 0, mark_top), letters)
    tones = frozenset(Tone)
    top = min(high + ink.cap_top, float(mark_top))
    bottom = max(high + ink.baseline, float(mark_top + mark.shape[0]))
    return Part(TextRole.BULLET, layer, top, bottom, ink.cap, tones, backwards, ink.is_cramped)


def _with_struck(part: Part, struck: str, style: TextStyle, role: RoleStyle, palette: Palette, box: PartBox) -> Part:
    """The price with the former one beside it, struck through, on the same baseline; below it where there is no room."""
    least = min(role.least, 30) * box.unit
    size = max(least, _STRUCK * part.cap)
    plain = replace(role, tag=None, accent=False)
    ink = set_ink(struck, plain, box.width, box.height, CapRange(size, least), palette.ink, centered=False)
    former = _struck_through(ink, palette.ink)
    gap = round(0.55 * part.cap)
    if part.width + gap + ink.width <= box.width:
        return _beside(part, former, gap, _baseline_of(part, role))
    return _below(part, former, round(0.5 * part.cap), centered=style.align is Align.CENTER)


def _baseline_of(part: Part, role: RoleStyle) -> float:
    """The row on which the letters of the price stand; in a tag they are inset."""
    return part.bottom if role.tag is None else part.bottom - round(_TAG_PADDING[1] * part.cap)


def _struck_through(ink: Ink, color: Color) -> Part:
    thick = max(2, round(0.11 * ink.cap))
    reach = round(0.12 * ink.cap)
    shape = (ink.height, ink.width + 2 * reach)
    layer = _laid(_layer(ink), shape, reach, 0)
    row = round((ink.cap_top + ink.baseline) / 2 - thick / 2)
    line = _laid(line_layer(shape[1], thick, color), shape, 0, min(max(0, row), shape[0] - thick))
    tones = frozenset({Tone.INK})
    return Part(TextRole.PRICE, over(line, layer), ink.cap_top, ink.baseline, ink.cap, tones, ink.right_to_left)


def _beside(price: Part, former: Part, gap: int, baseline: float) -> Part:
    drop = baseline - former.bottom
    high = max(0, round(-drop))
    height = max(high + price.height, high + round(drop) + former.height)
    shape = (height, price.width + gap + former.width)
    first, second = (former, price) if price.right_to_left else (price, former)
    x = {id(first): 0, id(second): first.width + gap}
    layer = over(
        _laid(price.layer, shape, x[id(price)], high), _laid(former.layer, shape, x[id(former)], high + round(drop))
    )
    return _joined(price, former, layer, high)


def _below(price: Part, former: Part, gap: int, *, centered: bool) -> Part:
    width = max(price.width, former.width)
    top = round(price.bottom + gap - former.top)
    shape = (max(price.height, top + former.height), width)
    xs = [_start(part.width, width, centered=centered, backwards=price.right_to_left) for part in (price, former)]
    layer = over(_laid(price.layer, shape, xs[0], 0), _laid(former.layer, shape, xs[1], top))
    return replace(_joined(price, former, layer, 0), bottom=top + former.bottom)


def _joined(price: Part, former: Part, layer: Layer, high: int) -> Part:
    cap, tones = min(price.cap, former.cap), price.tones | former.tones
    rows = (high + price.top, high + price.bottom, cap)
    return Part(price.role, layer, *rows, tones, price.right_to_left, price.is_cramped)


def _start(width: int, room: int, *, centered: bool, backwards: bool) -> int:
    return (room - width) // 2 if centered else room - width if backwards else 0


def _layer(ink: Ink) -> Layer:
    layer = np.divide(ink.rgba, 255, dtype=np.float32)
    layer[:, :, :3] *= layer[:, :, 3:]
    return layer


def _laid(layer: Layer, shape: Sequence[int], left: int, top: int) -> Layer:
    """A layer on an empty one of (height, width)."""
    canvas = np.zeros((*shape, 4), np.float32)
    canvas[top : top + layer.shape[0], left : left + layer.shape[1]] = layer
    return canvas
