"""In-between pictures against the truth, on scenes of which every moment can be drawn."""

from __future__ import annotations

import weakref
from fractions import Fraction

import cv2
import numpy as np
import pytest

from adreel.domain.films.formats import FrameSize
from adreel.media.clips.interpolation import Blend, Interpolator, plan
from adreel.media.clips.optical_flow import MotionFinder
from support.motion import SIZE, psnr, scene
from support.pictures import Picture, texture

PICTURES = 7
FRAMES = 22
TIMES = [Fraction(index, 8) for index in range(PICTURES)]
BLENDS = plan(TIMES, FRAMES)


def interpolated(pictures: list[Picture], blends: list[Blend] = BLENDS, size: FrameSize = SIZE) -> list[Picture]:
    interpolator = Interpolator(blends, size)
    return [frame for picture in pictures for frame in interpolator.feed(picture)]


@pytest.fixture(scope="module")
def moving() -> list[Picture]:
    return [scene(float(time)) for time in TIMES]


@pytest.fixture(scope="module")
def smoothed(moving: list[Picture]) -> list[Picture]:
    return interpolated(moving)


def test_pictures_between_are_far_nearer_to_the_truth_than_repeated_ones(
    moving: list[Picture], smoothed: list[Picture]
) -> None:
    truth = [scene(index / 30) for index in range(FRAMES)]
    between = [index for index, blend in enumerate(BLENDS) if blend.position]
    drawn = np.array([psnr(smoothed[index], truth[index]) for index in between])
    repeated = np.array([psnr(moving[BLENDS[index].left], truth[index]) for index in between])
    assert drawn.mean() > repeated.mean() + 10
    assert (drawn > repeated + 5).all()
    assert drawn.min() > 36


def test_luma_and_chroma_move_together(smoothed: list[Picture]) -> None:
    picture = smoothed[2]
    half = cv2.resize(picture[: SIZE.height], (SIZE.width // 2, SIZE.height // 2), interpolation=cv2.INTER_AREA)
    u, v = picture[SIZE.height :].reshape(2, SIZE.height // 2, SIZE.width // 2)
    assert psnr(u, np.asarray(half, np.uint8)) > 36
    assert psnr(255 - v, np.asarray(half, np.uint8)) > 36


def test_a_frame_at_the_time_of_a_picture_is_that_picture(moving: list[Picture], smoothed: list[Picture]) -> None:
    whole = [index for index, blend in enumerate(BLENDS) if not blend.position]
    assert whole == [0, 15]
    assert all(smoothed[index] is moving[BLENDS[index].left] for index in whole)


def test_every_frame_of_the_plan_comes_and_no_more(moving: list[Picture], smoothed: list[Picture]) -> None:
    assert len(smoothed) == FRAMES
    assert {frame.shape for frame in smoothed} == {(SIZE.height * 3 // 2, SIZE.width)}
    held = interpolated(moving, plan(TIMES, 60))
    assert len(held) == 60
    assert all(frame is moving[-1] for frame in held[-20:])


def test_a_cut_stays_a_cut() -> None:
    before = [scene(float(time)) for time in TIMES[:3]]
    after = [scene(float(time), seed=50) for time in TIMES[3:]]
    frames = interpolated([*before, *after])
    across = [index for index, blend in enumerate(BLENDS) if (blend.left, blend.right) == (2, 3) and blend.position]
    assert len(across) >= 3
    for index in across:
        assert frames[index] is (before[-1] if BLENDS[index].position < 0.5 else after[0])


def test_a_change_of_light_is_no_cut() -> None:
    before, after = scene(0)[: SIZE.height], scene(0.125)[: SIZE.height]
    brighter = np.clip(after.astype(np.float32) * 1.1 + 4, 0, 255).astype(np.uint8)
    motion = MotionFinder().find(before, brighter)
    assert motion is not None
    assert not motion.is_cut


def test_what_stands_still_stays_the_same_to_the_bit() -> None:
    picture = scene(0)
    frames = interpolated([picture.copy() for _ in TIMES])
    assert all(np.array_equal(frame, picture) for frame in frames)


def test_the_still_part_of_a_moving_picture_stays_the_same_to_the_bit() -> None:
    pictures = [scene(0) for _ in TIMES]
    for index, picture in enumerate(pictures):
        picture[60:120, 20 + 8 * index : 80 + 8 * index] = texture(60, 60, 9)
    still = np.s_[: SIZE.height, 240:]
    assert all(np.array_equal(frame[still], pictures[0][still]) for frame in interpolated(pictures))


def test_the_same_pictures_give_the_same_frames_on_any_number_of_processors(
    moving: list[Picture], smoothed: list[Picture]
) -> None:
    threads = cv2.getNumThreads()
    try:
        for number in (1, 3):
            cv2.setNumThreads(number)
            again = interpolated(moving)
            assert all(np.array_equal(a, b) for a, b in zip(again, smoothed, strict=True))
    finally:
        cv2.setNumThreads(threads)


def test_no_more_than_two_pictures_are_kept() -> None:
    interpolator = Interpolator(plan([Fraction(index, 8) for index in range(12)], 40), SIZE)
    seen: list[weakref.ref[Picture]] = []
    alive: list[int] = []

    def feed(picture: Picture) -> None:
        seen.append(weakref.ref(picture))
        alive.extend(sum(ref() is not None for ref in seen) for _frame in interpolator.feed(picture))

    for index in range(12):
        feed(scene(index / 8))
    assert len(alive) == 40
    assert max(alive) == 2


@pytest.mark.parametrize("size", [FrameSize(2, 2), FrameSize(64, 16), FrameSize(34, 32), FrameSize(1280, 36)])
def test_small_and_long_pictures_are_not_too_small(size: FrameSize) -> None:
    pictures = [np.full((size.height * 3 // 2, size.width), 40 * index, np.uint8) for index in range(3)]
    frames = interpolated(pictures, plan(TIMES[:3], 8), size)
    assert {frame.shape for frame in frames} == {pictures[0].shape}
    assert len(frames) == 8
