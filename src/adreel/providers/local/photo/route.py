"""Chooses the stage for a photo from its measures. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adreel.domain.films.scene import Mood


class Route(StrEnum):
    """`MULTIPLY`: the photo on its own light ground, which a light set replaces. `RESTAGE`: the cut-out on any set.
    `SHEET`: the photo itself, bent by depth. `FLAT`: the photo itself, camera only."""

    MULTIPLY = "multiply"
    RESTAGE = "restage"
    SHEET = "sheet"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Measures:
    """`plainness`: fraction of the border that one smooth colour explains; `lightness`: of that colour, 0-255; `coverage`:
    fraction of the photo that is product; `agreement`: IoU of two segmentations; `edge_contrast`: fraction of the outline that
    differs from the ground; `has_alpha`: the photo is already cut out; `cut_sides`: number of sides, except the bottom, at which
    the photo cuts the product."""

    plainness: float
    lightness: float
    coverage: float
    agreement: float
    edge_contrast: float
    has_alpha: bool
    cut_sides: int


PLAIN = 0.85
"""Plainness from which a ground counts as plain."""

LIGHT = 195.0
"""Luma from which a ground counts as light enough to divide the photo by it."""

LIGHT_SETS = frozenset({Mood.NEUTRAL, Mood.CALM})
"""Moods with a light set, on which a photo on white can keep its own shadow and glass."""


def matte_is_good(measures: Measures) -> bool:
    return 0.01 <= measures.coverage <= 0.85 and measures.agreement >= 0.8


def choose_route(measures: Measures, mood: Mood) -> Route:
    if measures.has_alpha and measures.cut_sides == 0:
        return Route.RESTAGE
    good, whole = matte_is_good(measures), measures.cut_sides == 0
    plain = measures.plainness > PLAIN
    light = measures.lightness > LIGHT
    if plain and light and whole:
        clear = good and measures.edge_contrast > 0.75
        return Route.RESTAGE if clear and mood not in LIGHT_SETS else Route.MULTIPLY
    if plain and good and whole and measures.edge_contrast > 0.6 and measures.agreement > 0.9:
        return Route.RESTAGE
    return Route.SHEET if good else Route.FLAT
