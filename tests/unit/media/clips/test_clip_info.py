from __future__ import annotations

from fractions import Fraction

import pytest

from adreel.media.clips.info import Timing, displayed_size, matrix_name


def timing(*milliseconds: int, last: int = 0) -> Timing:
    found = Timing()
    for index, time in enumerate(milliseconds):
        found.add(Fraction(time, 1000), Fraction(last if index == len(milliseconds) - 1 else 0, 1000))
    return found


def test_times_may_come_in_any_order() -> None:
    found = timing(0, 120, 40, 80)
    assert (found.start, found.frames, found.fps()) == (0, 4, 25)
    assert found.duration(Fraction(1, 10)) == Fraction(160, 1000)


def test_a_given_length_of_the_last_picture_wins_over_a_guessed_one() -> None:
    assert timing(0, 40, 80, last=500).duration(Fraction(1, 25)) == Fraction(580, 1000)


def test_a_single_picture_has_the_length_it_says_or_one_frame() -> None:
    assert timing(100).duration(Fraction(1, 25)) == Fraction(1, 25)
    assert timing(100, last=2000).duration(Fraction(1, 25)) == 2
    assert timing(100).fps() is None


@pytest.mark.parametrize(("times", "is_vfr"), [((0, 33, 67, 100), False), ((0, 33, 100, 133), True), ((0,), False)])
def test_rounding_to_milliseconds_is_not_a_variable_rate(times: tuple[int, ...], is_vfr: bool) -> None:
    assert timing(*times).is_vfr() is is_vfr


def test_pictures_before_the_first_that_decodes_do_not_count() -> None:
    found = timing(0, 40, 80, 120)
    found.begin_at(Fraction(80, 1000))
    assert (found.start, found.frames) == (Fraction(80, 1000), 2)


@pytest.mark.parametrize(
    ("stored", "sar", "rotation", "shown"),
    [
        ((1920, 1080), Fraction(1), 0, (1920, 1080)),
        ((1440, 1080), Fraction(4, 3), 0, (1920, 1080)),
        ((720, 576), Fraction(16, 15), 0, (768, 576)),
        ((1920, 1080), Fraction(1), 90, (1080, 1920)),
        ((1920, 1080), Fraction(1), -90, (1080, 1920)),
        ((1920, 1080), Fraction(1), 180, (1920, 1080)),
        ((1440, 1080), Fraction(4, 3), 270, (1080, 1920)),
    ],
)
def test_displayed_size(stored: tuple[int, int], sar: Fraction, rotation: int, shown: tuple[int, int]) -> None:
    assert displayed_size(*stored, sar, rotation) == shown


@pytest.mark.parametrize(
    ("code", "rgb", "jpeg", "size", "name"),
    [
        (1, False, False, (640, 480), "bt709"),
        (6, False, False, (1920, 1080), "bt601"),
        (9, False, False, (1920, 1080), "bt2020"),
        (2, False, False, (720, 576), "bt601"),
        (2, False, False, (1280, 544), "bt709"),
        (2, False, False, (720, 1280), "bt709"),
        (2, False, True, (1920, 1080), "bt601"),
        (0, True, False, (1920, 1080), None),
    ],
)
def test_matrix(code: int, rgb: bool, jpeg: bool, size: tuple[int, int], name: str | None) -> None:
    assert matrix_name(code, rgb=rgb, jpeg=jpeg, size=size) == name
