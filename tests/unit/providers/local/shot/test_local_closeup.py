from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.providers.local.drawing.camera import Pose
from adreel.providers.local.shot.closeup import calmest, find_lettering
from adreel.providers.local.shot.framing import Placement

SIZE = FrameSize(640, 360)
MOVE = [Pose(zoom=zoom) for zoom in (0.97, 1.0, 1.03)]
PLACE = Placement(1.0, -180.0, -120.0)
"""Shows columns 180 to 820 and rows 120 to 480 of a photo of 1000 x 640."""

Photo = npt.NDArray[np.uint8]


def photo(rows: slice = slice(0, 0), columns: slice = slice(200, 800)) -> Photo:
    """Grey, with stripes like letters in some rows."""
    picture = np.full((640, 1000, 3), 90, np.uint8)
    picture[rows, columns][:, ::16] = 250
    for shift in range(1, 6):
        picture[rows, columns][:, shift::16] = 250
    return picture


def shown(place: Placement) -> Box:
    s = place.scale
    return Box(-place.left / s, -place.top / s, (SIZE.width - place.left) / s, (SIZE.height - place.top) / s)


def test_a_line_of_text_at_the_border_is_let_in_or_left_out() -> None:
    for rows in (slice(470, 500), slice(100, 130)):
        place = calmest(PLACE, find_lettering(photo(rows), None), MOVE, SIZE)
        assert place != PLACE
        for zoom in (0.97, 1.03):
            half = 0.5 * SIZE.height / (place.scale * zoom)
            middle = shown(place).center[1]
            for border in (middle - half, middle + half):
                assert not rows.start < border < rows.stop


def test_a_close_up_that_cuts_no_text_stays_as_it_is() -> None:
    outline = photo()
    outline[:, 500:] = 220  # one edge from top to bottom, as every product has
    for picture in (photo(), photo(slice(250, 350)), outline):
        assert calmest(PLACE, find_lettering(picture, None), MOVE, SIZE) == PLACE


def test_what_is_not_allowed_is_not_chosen() -> None:
    lettering = find_lettering(photo(slice(470, 500)), None)
    place = calmest(PLACE, lettering, MOVE, SIZE, lambda other: other.top >= PLACE.top)
    assert place.top >= PLACE.top
    assert calmest(PLACE, lettering, MOVE, SIZE, lambda _other: False) == PLACE


def test_a_close_up_stays_close() -> None:
    everywhere = photo(slice(0, 640), slice(0, 1000))
    place = calmest(PLACE, find_lettering(everywhere, None), MOVE, SIZE)
    assert 0.75 <= place.scale <= 1.0
    x, y = shown(place).center
    assert abs(x - 500) <= 0.16 * 640 / place.scale + 1
    assert abs(y - 300) <= 0.16 * 360 / place.scale + 1


def test_only_the_product_counts() -> None:
    mask = np.zeros((640, 1000), np.uint8)
    mask[:400] = 255
    lettering = find_lettering(photo(slice(470, 500)), mask)
    assert lettering.cut_by(shown(PLACE)) == 0
