"""When a picture counts as standing still."""

import numpy as np
import pytest

from adreel.media.inspect import StillWatch


def watched(*stretches: int) -> StillWatch:
    """Stretches of so many equal pictures, each unlike the one before."""
    watch = StillWatch()
    for number, length in enumerate(stretches):
        for _ in range(length):
            watch.look(np.full((4, 4), 60 + 40 * (number % 2), np.uint8))
    return watch


@pytest.mark.parametrize(
    ("stretches", "frozen"),
    [((29, 1), 0), ((30,), 29), ((15, 30, 15), 29), ((15, 29, 16), 0), ((1,) * 60, 0), ((30, 31), 59)],
)
def test_thirty_equal_pictures_stand_still(stretches: tuple[int, ...], frozen: int) -> None:
    watch = watched(*stretches)
    assert (watch.frames, watch.frozen, watch.black) == (sum(stretches), frozen, 0)


def test_a_picture_that_is_drawn_over_is_compared_as_it_was() -> None:
    watch, canvas = StillWatch(), np.zeros((4, 4), np.uint8)
    for level in range(60):
        canvas[:] = 60 + level
        watch.look(canvas)
    assert watch.frozen == 0
