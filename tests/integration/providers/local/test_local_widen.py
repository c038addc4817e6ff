from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.providers.local.photo.cutouts import no_cutout
from adreel.providers.local.photo.palette import Palette
from adreel.providers.local.photo.route import Measures
from adreel.providers.local.photo.study import Study
from adreel.providers.local.shot.widen import widened, widened_to_words

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
    return Study(rgb, measures, Palette(0, 0, 50), mask, SUBJECT, (200.0, 250.0), no_cutout, no_cutout, focus=SUBJECT)


def test_a_soft_scene_goes_on_beyond_its_sides() -> None:
    study = scene()
    wide = widened(study, WIDE)
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
    assert np.abs(np.diff(wide.rgb[8].astype(int), axis=0)).max() <= 4


def test_panoramas_become_taller() -> None:
    study = scene()
    turned = Study(
        np.ascontiguousarray(study.rgb.transpose(1, 0, 2)),
        study.measures,
        study.palette,
        np.ascontiguousarray(np.asarray(study.mask).T),
        SUBJECT.transposed(),
        (250.0, 200.0),
        no_cutout,
        no_cutout,
        focus=SUBJECT.transposed(),
    )
    tall, wide = widened(turned, TALL), widened(study, WIDE)
    assert np.array_equal(tall.rgb, wide.rgb.transpose(1, 0, 2))
    assert tall.subject is not None
    assert tall.subject.top == pytest.approx(wide.subject.left if wide.subject else -1)


def test_sharp_surroundings_go_on_out_of_focus_without_a_bar_or_a_copy_of_the_subject() -> None:
    wide = widened(scene(sharp=True), WIDE)
    assert wide.focus is not None
    left = wide.focus.left - SUBJECT.left
    # The photo itself is as sharp as it was; what is added is soft, and has the colours of the ground.
    assert wide.rgb[:, round(left) + 50 : round(left) + 100].std() > 25
    added = wide.rgb[:, : round(left) - 40].astype(int)
    assert np.abs(np.diff(added, axis=1)).mean() < 3
    assert added.max() < 220, "nothing of the white subject"
    columns = wide.rgb[:, : round(left) + 60].mean(axis=(0, 2))
    assert np.abs(np.diff(columns)).max() < 6, "no edge where the photo ends"


def test_a_plain_ground_goes_on_as_it_is_at_the_border() -> None:
    """Its gradient toward the subject, and a shadow, are not repeated."""
    study = scene()
    columns = np.abs(np.arange(400) - 200.0) / 200
    rgb = np.broadcast_to((230 - 90 * (1 - columns))[None, :, None], (500, 400, 3)).astype(np.uint8).copy()
    rgb[120:380, 110:290] = 20
    wide = widened(replace(study, rgb=rgb, measures=replace(study.measures, plainness=0.95)), WIDE)
    assert wide.focus is not None
    added = wide.rgb[60, : round(wide.focus.left - SUBJECT.left) - 8, 0]
    assert added.size > 100
    assert added.max() - added.min() < 25
    assert added.min() > 200


def test_a_subject_cut_at_one_side_stays_at_the_edge_of_the_frame() -> None:
    study = scene()
    cut = Box(0, 120, 290, 380)
    wide = widened(replace(study, subject=cut, focus=cut), WIDE)
    assert wide.focus is not None
    assert wide.focus.left == 0
    assert wide.rgb.shape[1] >= wide.rgb.shape[0] * WIDE.width / WIDE.height


@pytest.mark.parametrize("width", [20, 180])
def test_a_subject_that_just_touches_the_top_is_not_cut_there(width: int) -> None:
    study = scene()
    rgb, mask = study.rgb.copy(), np.asarray(study.mask).copy()
    rgb[:120, 110 : 110 + width] = 250
    mask[:120, 110 : 110 + width] = 255
    ears = Box(110, 0, 290, 380)
    tall = widened(replace(study, rgb=rgb, mask=mask, subject=ears, focus=ears, rough=ears), FrameSize(360, 900))
    assert tall.focus is not None
    added = tall.rgb.shape[0] - 500
    assert added > 40
    assert tall.focus.top == (added // 2 if width == 20 else 0)
    assert tall.rgb[round(tall.focus.top) + 2, round(tall.focus.left) + 10].min() > 240, "as sharp as it was"


def test_of_a_banner_the_part_around_its_subject_fills_half_of_the_frame() -> None:
    study = scene()
    height, width = 400, 2400
    rgb = np.full((height, width, 3), (90, 120, 60), np.uint8)
    head = Box(1900, 60, 2080, 330)
    rgb[60:330, 1900:2080] = 250
    banner = replace(study, rgb=rgb, mask=None, subject=None, heads=(head,), focus=head)
    tall = widened(banner, TALL)
    assert tall.focus is not None
    assert tall.rgb.shape[0] / tall.rgb.shape[1] >= 0.99 * TALL.height / TALL.width
    # All of the head, as large as half of the frame's height allows, and nothing of it in what was added.
    assert tall.focus.width > 0.2 * tall.rgb.shape[1]
    assert (tall.rgb[int(tall.focus.top) + 4 : int(tall.focus.bottom) - 4, int(tall.focus.center[0])] > 240).all()
    assert tall.rgb[: int(tall.focus.top) - 40].max() < 200


def framed(left: int, right: int) -> Study:
    """A photo of 400 x 500 whose white subject takes these columns, before soft green ground."""
    study = scene()
    rgb, mask = np.full((500, 400, 3), (90, 120, 60), np.uint8), np.zeros((500, 400), np.uint8)
    rgb[100:400, left:right] = 250
    mask[100:400, left:right] = 255
    box = Box(left, 100, right, 400)
    return replace(study, rgb=rgb, mask=mask, subject=box, focus=box, rough=box)


def test_lettering_is_not_repeated_below_itself() -> None:
    study = scene()
    rgb = np.full((400, 640, 3), (20, 90, 90), np.uint8)
    rgb[170:330:20, 60:580] = 240
    mask = np.full((400, 640), 255, np.uint8)
    part = replace(study, rgb=rgb, mask=mask, subject=Box(0, 0, 640, 400), focus=None, rough=Box(0, 0, 640, 400))
    tall = widened_to_words(part, Box(60, 170, 580, 331), TALL)
    assert tall.focus is not None
    below = tall.rgb[round(tall.focus.bottom) + 90 :]
    assert below.shape[0] > 80
    assert below.max() < 110


@pytest.mark.parametrize("uncertain", [False, True])
def test_no_copy_of_a_subject_near_the_border_is_seen_far_beside_it(uncertain: bool) -> None:
    study = framed(40, 400)
    if uncertain:
        study = replace(study, mask=None, subject=None, focus=None)
    wide = widened(study, WIDE)
    subject = wide.focus or wide.rough
    assert subject is not None
    added = wide.rgb[:, : int(subject.left) - 16]
    assert added.shape[1] > 200, "far more than the ground beside the subject"
    assert added.max() < 150


def test_a_subject_cut_at_both_sides_stands_before_a_copy_out_of_focus() -> None:
    study = framed(0, 400)
    wide = widened(study, WIDE)
    assert wide.focus is not None
    middle = (wide.rgb.shape[0] // 2, round(wide.focus.left))
    assert wide.rgb[middle[0], middle[1] + 40].min() > 240
    assert wide.rgb[middle[0], middle[1] - 8].max() < 220, "the photo ends where its pixels end"
