"""Scenes in two layers: the subject goes a longer way than what is behind it, stands where it stands, and leaves no hole."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import CameraMovement, Mood, ViewType
from adreel.providers.local.drawing.camera import Pose, camera_path
from adreel.providers.local.drawing.geometry import camera_matrix
from adreel.providers.local.photo.cutouts import no_cutout
from adreel.providers.local.photo.palette import Palette
from adreel.providers.local.photo.proof import odd_rim
from adreel.providers.local.photo.route import Measures
from adreel.providers.local.photo.study import Study
from adreel.providers.local.shot.parallax import ParallaxStage
from adreel.providers.local.shot.picture import picture_stage
from adreel.providers.local.shot.sheets import SheetStage

Picture = npt.NDArray[np.uint8]
SIZE = FrameSize(640, 360)
LONG, FRAMES = 900, 60
SUBJECT = Box(360, 120, 540, 420)


def scene() -> Study:
    """A white block on a dark ground with a bright dot at each side of its upper part and one before its foot."""
    rows, columns = np.mgrid[0:506, 0:LONG]
    rgb = np.dstack([40 + rows * 0.05, 50 + columns * 0.02, 60 + rows * 0.03]).astype(np.uint8)
    for x, y in ((300, 160), (600, 160), (300, 415)):
        cv2.circle(rgb, (x, y), 12, (220, 220, 220), -1, cv2.LINE_AA)
    mask = np.zeros((506, LONG), np.uint8)
    mask[120:420, 360:540] = 255
    rgb[mask > 0] = 250
    measures = Measures(0.5, 60, 0.12, 0.97, 1.0, has_alpha=False, cut_sides=0)
    palette, point = Palette(0, 0, 50), (450.0, 250.0)
    made = Study(rgb, measures, palette, mask, SUBJECT, point, no_cutout, no_cutout, focus=SUBJECT, rough=SUBJECT)
    return replace(made, stands_out=lambda: True)


def poses_of(movement: CameraMovement) -> list[Pose]:
    return camera_path(movement, 0.8, Mood.NEUTRAL, 1, FRAMES)


def stage_of(study: Study, movement: CameraMovement) -> object:
    return picture_stage(study, ViewType.FRONT, poses_of(movement), SIZE, 1, travels=False)


@pytest.fixture(scope="module")
def frames() -> list[Picture]:
    stage = stage_of(scene(), CameraMovement.PAN_RIGHT)
    assert isinstance(stage, ParallaxStage)
    return [stage.draw(index)[: SIZE.height] for index in range(FRAMES)]


def spots(frame: Picture) -> dict[str, float]:
    """Where the middles of the block and of the dots are, from the left."""
    light = np.clip(frame.astype(np.float64) - 100, 0, None)
    count, marks, stats, centres = cv2.connectedComponentsWithStats((light > 0).astype(np.uint8))
    block = int(stats[1:, cv2.CC_STAT_AREA].argmax()) + 1
    dots = sorted(
        (each for each in range(1, count) if each != block), key=lambda each: (centres[each][1] > 250, *centres[each])
    )
    assert len(dots) == 3
    return {
        name: _middle(light * (marks == each))
        for name, each in zip(("block", "far", "beyond", "foot"), (block, *dots), strict=True)
    }


def _middle(light: npt.NDArray[np.float64]) -> float:
    return float((light.sum(axis=0) * np.arange(light.shape[1])).sum() / light.sum())


def way_with_the_camera(x: float) -> float:
    """The way of a point at x in the first frame that follows the camera in full."""
    first, last = (camera_matrix(poses_of(CameraMovement.PAN_RIGHT)[index], SIZE) for index in (0, -1))
    return float((last @ np.linalg.inv(first) @ np.array([x, SIZE.height / 2, 1.0]))[0]) - x


def test_what_is_behind_goes_a_shorter_way_and_the_foot_stands(frames: list[Picture]) -> None:
    first, last = spots(frames[0]), spots(frames[-1])
    lag = {name: abs(last[name] - first[name] - way_with_the_camera(first[name])) for name in first}
    assert abs(last["block"] - first["block"]) > 12
    assert max(lag["block"], lag["foot"]) < 0.5
    for far in ("far", "beyond"):
        assert 1.0 < lag[far] <= 2 * 0.016 * SIZE.height + 0.5


def test_no_hole_and_no_jitter(frames: list[Picture]) -> None:
    # What was hidden by the block looks like its surroundings, not like the block.
    for frame in (frames[0], frames[-1]):
        row = frame[SIZE.height // 2]
        edges = np.flatnonzero(np.diff((row > 140).astype(int)))
        assert len(edges) == 2
        beside = np.concatenate([row[edges[0] - 14 : edges[0] - 3], row[edges[1] + 4 : edges[1] + 15]])
        assert int(beside.max()) < 90
    for name in ("block", "far"):
        way = np.array([spots(frame)[name] for frame in frames])
        assert np.abs(np.diff(way, 2)).max() < 0.25


def test_a_subject_that_does_not_stand_out_is_bent_with_its_photo() -> None:
    assert isinstance(stage_of(replace(scene(), stands_out=lambda: False), CameraMovement.PUSH_IN), SheetStage)
    floating = scene()
    high = replace(floating, subject=Box(360, 10, 540, 150), focus=Box(360, 10, 540, 150))
    assert isinstance(stage_of(high, CameraMovement.PUSH_IN), SheetStage)


def test_a_rim_of_the_product_that_the_mask_misses_is_found() -> None:
    study = scene()
    assert study.mask is not None
    whole = cv2.resize(study.rgb, (320, 180), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(study.mask, (320, 180), interpolation=cv2.INTER_AREA)
    missing = mask.copy()
    missing[:, 186:] = 0
    assert odd_rim(np.asarray(whole, np.uint8), np.asarray(mask, np.uint8)) < 0.01
    assert odd_rim(np.asarray(whole, np.uint8), np.asarray(missing, np.uint8)) > 0.1
