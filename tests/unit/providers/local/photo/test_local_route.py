from __future__ import annotations

from dataclasses import replace

import pytest

from adreel.domain.films.scene import Mood
from adreel.providers.local.photo.route import Measures, Route, choose_route

ON_WHITE = Measures(0.99, 250.0, 0.3, 0.97, 0.95, has_alpha=False, cut_sides=0)


@pytest.mark.parametrize(
    ("changes", "mood", "route"),
    [
        ({}, Mood.NEUTRAL, Route.MULTIPLY),
        ({}, Mood.CALM, Route.MULTIPLY),
        ({}, Mood.LUXURY, Route.RESTAGE),
        ({}, Mood.ENERGETIC, Route.RESTAGE),
        # White on white: a cut-out would be ragged, so the set stays light.
        ({"edge_contrast": 0.3}, Mood.LUXURY, Route.MULTIPLY),
        # The mask cannot be trusted, the ground can.
        ({"agreement": 0.5}, Mood.NIGHT, Route.MULTIPLY),
        ({"lightness": 60.0}, Mood.NEUTRAL, Route.RESTAGE),
        ({"lightness": 60.0, "agreement": 0.85}, Mood.NEUTRAL, Route.SHEET),
        ({"lightness": 60.0, "agreement": 0.6}, Mood.NEUTRAL, Route.FLAT),
        ({"plainness": 0.5}, Mood.LUXURY, Route.SHEET),
        ({"plainness": 0.5, "coverage": 0.005}, Mood.LUXURY, Route.FLAT),
        ({"plainness": 0.5, "coverage": 0.9}, Mood.LUXURY, Route.FLAT),
        ({"cut_sides": 1}, Mood.NEUTRAL, Route.SHEET),
        ({"has_alpha": True, "plainness": 0.0}, Mood.NEUTRAL, Route.RESTAGE),
    ],
)
def test_routes(changes: dict[str, float], mood: Mood, route: Route) -> None:
    assert choose_route(replace(ON_WHITE, **changes), mood) is route  # pyright: ignore[reportArgumentType]
