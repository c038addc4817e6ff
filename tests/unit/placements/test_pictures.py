from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from adreel.placements.commands import BLOCKS, ENVELOPE_RATE
from adreel.placements.pictures import PictureFacts, StripReader
from adreel.placements.sound import ends_abruptly

HEIGHT, WIDTH = 108, 192
Luma = npt.NDArray[np.uint8]


def picture(seed: int, low: int = 40, high: int = 220) -> Luma:
    """A picture of soft blobs, as uneven as photos are."""
    small = np.random.default_rng(seed).integers(low, high, (9, 16), np.uint8)
    return np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def strips(luma: Luma) -> bytes:
    """What ffmpeg writes of a picture: rows, then columns, as means of 64 parts."""
    rows = cv2.resize(luma, (BLOCKS, HEIGHT), interpolation=cv2.INTER_AREA)
    columns = cv2.resize(luma.T, (BLOCKS, WIDTH), interpolation=cv2.INTER_AREA)
    return np.vstack([rows, columns]).astype(np.uint8).tobytes()


def facts(pictures: list[Luma], chunk: int = 7919) -> PictureFacts:
    reader = StripReader(HEIGHT, WIDTH)
    data = b"".join(map(strips, pictures))
    for at in range(0, len(data), chunk):
        reader.feed(data[at : at + chunk])
    return reader.facts(30.0)


def shots(count: int = 12) -> list[Luma]:
    return [picture(0) if index < 2 else np.roll(picture(0), index, 1) for index in range(count)]


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 13, 20])
def test_a_bar_of_any_width_is_measured_to_the_pixel(side: int, width: int) -> None:
    pictures = [each.copy() for each in shots()]
    for each in pictures:
        places = (each[:width], each[HEIGHT - width :], each[:, :width], each[:, WIDTH - width :])
        places[side][:] = 17
    assert facts(pictures).bars == tuple(width if place == side else 0 for place in range(4))


@pytest.mark.parametrize("seed", range(12))
def test_pictures_without_bars_have_none(seed: int) -> None:
    found = facts([np.roll(picture(seed), index, 1) for index in range(6)])
    assert (found.bars, found.black_start, found.empty_start, found.abrupt) == ((0, 0, 0, 0), 0, 0, False)


@pytest.mark.parametrize("level", [16, 22, 30])
def test_a_dark_ground_with_a_product_is_no_bar(level: int) -> None:
    pictures: list[Luma] = []
    for index in range(8):
        dark = np.full((HEIGHT, WIDTH), level, np.uint8)
        cv2.circle(dark, (80 + index, 54), 30, (200,), -1)
        pictures.append(dark)
    found = facts(pictures)
    assert (found.bars, found.black_start) == ((0, 0, 0, 0), 0)


@pytest.mark.parametrize("count", [1, 3])
def test_black_and_empty_pictures_are_counted_at_both_ends(count: int) -> None:
    black, grey = np.full((HEIGHT, WIDTH), 16, np.uint8), np.full((HEIGHT, WIDTH), 180, np.uint8)
    found = facts([*[black] * count, *shots(), *[grey] * count])
    assert (found.black_start, found.black_end, found.empty_start, found.empty_end) == (count, 0, 0, count)
    assert facts([black] * 5).black_start == 5


def test_the_longest_frozen_stretch_and_a_late_cut_are_found() -> None:
    moving = [np.roll(picture(1), 3 * index, 1) for index in range(30)]
    assert facts([*moving, *[moving[-1]] * 9]).frozen == 10
    assert not facts(moving).abrupt
    assert facts([*moving, *[255 - each for each in moving[:5]]]).abrupt
    assert not facts([*moving, *[255 - each for each in moving[:20]]]).abrupt


@pytest.mark.parametrize(("fade", "abrupt"), [(0.0, True), (0.05, True), (0.4, False), (1.0, False)])
def test_sound_that_is_still_loud_at_its_end_was_cut(fade: float, abrupt: bool) -> None:
    length = 2 * ENVELOPE_RATE
    sound = 0.3 * np.sin(np.arange(length) * 0.3)
    last = int(fade * ENVELOPE_RATE)
    if last:
        sound[-last:] *= np.linspace(1, 0, last)
    assert ends_abruptly(sound) is abrupt
    assert not ends_abruptly(np.zeros(length))
