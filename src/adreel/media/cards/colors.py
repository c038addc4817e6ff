"""The colours of a card: the brand colour in the middle, darker edges, and an ink that is readable on both."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from adreel.domain.films.color import Color

MIN_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA, text of any size)."""

_MARGIN = 1.03
"""Margin for 8-bit YUV: one step of luma or chroma changes the contrast by up to 2 %."""

_LIGHT = Color(250, 250, 248)
_DARK_LUMINANCE = 0.004
_PURE = (Color(255, 255, 255), Color(0, 0, 0))
_STRENGTHS = (1.0, 0.75, 0.5)

_CLEAR_LABEL = 7.0
"""WCAG 2.2, success criterion 1.4.6 (AAA): contrast required of a button's letters in the brand colour, else they are plain."""


@dataclass(frozen=True, slots=True)
class CardColors:
    """`center` is the brand colour, `edge` the colour of the corners; `ink` is drawn on both, `label` on the ink."""

    center: Color
    edge: Color
    ink: Color
    label: Color


def card_colors(brand: Color) -> CardColors:
    """Chooses near-white ink if readable, else a near-black of the brand's hue, else pure; weakens the vignette first.

    Either black or white has a contrast of at least 4.58 against any colour (sqrt(1.05 / 0.05)), so on a flat background there
    is always a readable ink and the brand colour never changes.
    """
    dark = _near_black(brand)
    for inks, strength in product(((_LIGHT, dark), _PURE), _STRENGTHS):
        edge = _darkened(brand, strength)
        for ink in inks:
            if min(ink.contrast(brand), ink.contrast(edge)) >= MIN_CONTRAST * _MARGIN:
                return CardColors(brand, edge, ink, _label(ink, brand, dark))
    ink = max(_PURE, key=brand.contrast)
    return CardColors(brand, brand, ink, _label(ink, brand, dark))


def _label(ink: Color, brand: Color, dark: Color) -> Color:
    if ink.contrast(brand) >= _CLEAR_LABEL:
        return brand
    return max((_LIGHT, dark), key=ink.contrast)


def _near_black(brand: Color) -> Color:
    """The brand's hue at a luminance that looks black."""
    strongest = max(brand.red, brand.green, brand.blue, 1)
    for level in range(48, 4, -1):
        scaled = (round(channel * level / strongest) for channel in (brand.red, brand.green, brand.blue))
        color = Color(*(max(channel, 6) for channel in scaled))
        if color.luminance <= _DARK_LUMINANCE:
            return color
    return Color(6, 6, 6)


def _darkened(color: Color, strength: float) -> Color:
    """Lowers all channels equally: only luma changes, since steps of chroma would show as coloured rings.

    Darkens light colours less: grey corners make white look dirty.
    """
    luma = 0.2126 * color.red + 0.7152 * color.green + 0.0722 * color.blue  # ITU-R BT.709-6, item 3.2
    drop = round(strength * (0.08 + 0.18 * (1 - color.luminance)) * luma)
    return Color(*(max(0, channel - drop) for channel in (color.red, color.green, color.blue)))
