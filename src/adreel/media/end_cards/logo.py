"""Places the logo of a brand in a corner of a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.logo import BrandLogo
from adreel.media.cards.logo import color_of, on_plate, read_logo, scaled
from adreel.media.overlays.safe_area import safe_area

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer

_HIGH, _WIDE = 0.11, 0.3
"""The largest logo: share of the frame's shorter side, and of its width."""

_WIDE_FROM = 1.3
"""Width by height from which the product stands at the right and words beside it, as `product_box` places it."""

_STANDS_OUT = 1.8
"""Least contrast of a logo's colour against the ground; below it the logo stands on a plate."""

_DARK = 0.18
"""Relative luminance below which a ground is dark: there black and white letters are about equally readable."""


@dataclass(frozen=True, slots=True)
class PlacedLogo:
    """A logo as a layer (premultiplied, 0-1) and where it stands, in pixels of the frame. `clear`: what words keep out of."""

    layer: Layer
    box: Box
    clear: Box


def place_logo(logo: BrandLogo, ground: Color, size: FrameSize) -> PlacedLogo:
    """The version of the logo for a ground, at the upper left of the safe area. Raises PhotoError.

    Where it would hardly be seen it stands on a plate, white or black, whichever it stands out from more.
    """
    rgba = read_logo(logo.for_ground(is_dark=ground.luminance < _DARK))
    safe, color = safe_area(size), color_of(rgba)
    plated = color.contrast(ground) < _STANDS_OUT
    high = min(_HIGH * min(size.width, size.height), _WIDE * size.width * rgba.shape[0] / rgba.shape[1])
    layer = scaled(rgba, max(2, round(high)))
    if plated:
        layer = on_plate(layer, max((Color(255, 255, 255), Color(0, 0, 0)), key=color.contrast))
    left, top = round(safe.left), round(safe.top)
    box = Box(left, top, left + layer.shape[1], top + layer.shape[0])
    # In a narrow frame, words beside it would crowd it.
    is_wide = size.width > _WIDE_FROM * size.height
    return PlacedLogo(layer, box, box if is_wide else Box(safe.left, box.top, safe.right, box.bottom))
