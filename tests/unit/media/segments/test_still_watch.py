"""When a picture counts as standing still."""

import numpy as np
import pytest

from adreel.media.segments.inspect import StillDetector


def watched(*stretches: int) -> StillDetector:
    """Stretches of so many equal pictures, each unlike the one before."""
    watch = StillDetector()
    for number, length in enumerate(stretches):
        for _ in range(length):
            watch.add(np.full((4, 4), 60 + 40 * (number % 2), np.uint8))
    return watch


@pytest.mark.parametrize(
    ("stretches", "frozen"),
    [((29, 1), 0), ((30,), 29), ((15, 30, 15), 29), ((15, 29, 16), 0), ((1,) * 60, 0), ((30, 31), 59)],
)
def test_thirty_equal_pictures_stand_still(stretches: tuple[int, ...], frozen: int) -> None:
    watch = watched(*stretches)
    assert (watch.frames, watch.frozen, watch.black) == (sum(stretches), frozen, 0)


def test_a_picture_that_is_drawn_over_is_compared_as_it_was() -> None:
    watch, canvas = StillDetector(), np.zeros((4, 4), np.uint8)
    for level in range(60):
        canvas[:] = 60 + level
        watch.add(canvas)
    assert watch.frozen == 0


def test_key_frames_that_look_a_little_different_do_not_move() -> None:
    # What was measured on a clip that stands still: its key frames are off by up to a quarter of a level.
    watch = StillDetector()
    for index in range(60):
        picture = np.full((20, 20), 100, np.uint8)
        picture[:4, :20] += index // 15 % 2
        watch.add(picture)
    assert watch.frozen == 59


def test_a_slow_move_is_a_move() -> None:
    watch = StillDetector()
    for index in range(60):
        picture = np.full((40, 40), 100, np.uint8)
        picture[:, : index // 2] += 2
        watch.add(picture)
    assert watch.frozen == 0
