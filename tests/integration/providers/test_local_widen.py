from __future__ import annotations

import numpy as np
import pytest

from adreel.domain.formats import FrameSize
from adreel.providers.local.cutouts import nothing
from adreel.providers.local.geometry import Box
from adreel.providers.local.palette import Palette
from adreel.providers.local.route import Measures
from adreel.providers.local.study import Study
from adreel.providers.local.widen import widened

WIDE, TALL = FrameSize(640, 360), FrameSize(360, 640)
SUBJECT = Box(110, 120, 290, 380)


def scene(*, sharp: bool = False) -> Study:
    """A white block before a soft ground, 400 x 500; `sharp`: the ground is fine noise."""
    rows, columns = np.mgrid[0:500, 0:400]
    ground = np.dstack([60 + rows * 0.2, 90 + columns * 0.1, 120 - rows * 0.1])
    if sharp:
        ground += np.random.default_rng(2).normal(0, 40, ground.shape)
    mask = np.zeros((500, 400), np.uint8)
    mask[120:380, 110:290] = 255
    rgb = np.where(mask[:, :, None] > 0, 250, ground).clip(0, 255).astype(np.uint8)
    measures = Measures(0.5, 90, 0.23, 0.95, 1.0, has_alpha=False, cut_sides=0)
    return Study(rgb, measures, Palette(0, 0, 50), mask, SUBJECT, (200.0, 250.0), nothing, nothing)


def test_a_soft_scene_goes_on_beyond_its_sides() -> None:
    study = scene()
    wide = widened(study, WIDE)
    assert wide is not None
    assert wide.mask is not None
    assert wide.subject is not None
    height, width = wide.rgb.shape[:2]
    assert width / height >= WIDE.width / WIDE.height
    assert wide.mask.shape == (height, width)
    # The subject is where its box says, and nowhere else: its white does not bleed into what was added.
    middle = wide.rgb[height // 2].mean(axis=1)
    assert middle[int(wide.subject.left) + 3 : int(wide.subject.right) - 3].min() > 240
    outside = np.concatenate([middle[: int(wide.subject.left) - 12], middle[int(wide.subject.right) + 12 :]])
    assert outside.max() < 130
    # No seam: neighbouring columns differ no more than in the photo itself.
    assert np.abs(np.diff(wide.rgb[20].astype(int), axis=0)).max() <= 4


def test_panoramas_become_taller() -> None:
    study = scene()
    turned = Study(
        np.ascontiguousarray(study.rgb.transpose(1, 0, 2)),
        study.measures,
        study.palette,
        np.ascontiguousarray(np.asarray(study.mask).T),
        Box(SUBJECT.top, SUBJECT.left, SUBJECT.bottom, SUBJECT.right),
        (250.0, 200.0),
        nothing,
        nothing,
    )
    tall, wide = widened(turned, TALL), widened(study, WIDE)
    assert tall is not None
    assert wide is not None
    assert np.array_equal(tall.rgb, wide.rgb.transpose(1, 0, 2))
    assert tall.subject is not None
    assert tall.subject.top == pytest.approx(wide.subject.left if wide.subject else -1)


def test_what_would_not_look_right_is_left_alone() -> None:
    assert widened(scene(sharp=True), WIDE) is None
    study = scene()
    assert widened(study, FrameSize(1600, 360)) is None
    for box in (Box(0, 120, 290, 380), Box(110, 10, 290, 490)):
        cut = Study(study.rgb, study.measures, study.palette, study.mask, box, (0.0, 0.0), nothing, nothing)
        assert widened(cut, WIDE) is None
