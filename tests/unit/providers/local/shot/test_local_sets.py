from __future__ import annotations

import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.scene import Mood
from adreel.providers.local.photo.palette import Palette
from adreel.providers.local.shot.sets import choose_set, paint_set

AREA, PRODUCT = Box(0, 0, 640, 360), Box(270, 120, 370, 290)


def steepest(shapes: bool) -> float:
    """The largest step between neighbouring columns in rows that the product covers."""
    style = choose_set(Mood.NEUTRAL, Palette(0.0, 0.0, 90.0))
    picture = paint_set(style, Mood.NEUTRAL, AREA, PRODUCT, 360, 1, shapes=shapes)
    return float(np.abs(np.diff(picture[70:120], axis=1)).max())


def test_a_neutral_set_without_shapes_has_no_edges_that_could_shine_through_a_product() -> None:
    assert steepest(shapes=True) > 5
    assert steepest(shapes=False) < 1
