from __future__ import annotations

import itertools
import math

import pytest

from adreel.domain.films.scene import CameraMovement, Mood
from adreel.providers.local.drawing.camera import MAX_YAW, Pose, camera_path

ALL = list(itertools.product(CameraMovement, Mood, (0.0, 0.5, 1.0)))


@pytest.mark.parametrize("movement", CameraMovement)
def test_one_pose_per_frame_for_any_length(movement: CameraMovement) -> None:
    for frames in (1, 2, 30, 91):
        assert len(camera_path(movement, 0.5, Mood.NEUTRAL, 3, frames)) == frames


def test_every_move_stays_within_what_layers_are_built_for() -> None:
    for movement, mood, intensity in ALL:
        for pose in camera_path(movement, intensity, mood, 5, 90) + camera_path(movement, intensity, mood, 5, 300):
            assert 0.85 <= pose.zoom <= 1.2
            assert abs(pose.x) <= 0.105
            assert abs(pose.y) <= 0.105
            assert abs(pose.roll) <= math.radians(1)
            assert abs(pose.yaw) <= MAX_YAW + 1e-9


def test_every_move_moves_and_none_jumps() -> None:
    for movement, mood, intensity in ALL:
        path = camera_path(movement, intensity, mood, 5, 90)
        assert path[0] != path[-1]
        steps = [_distance(a, b) for a, b in itertools.pairwise(path)]
        assert max(steps) < 0.008, (movement, mood, intensity)


def _distance(a: Pose, b: Pose) -> float:
    return abs(a.zoom - b.zoom) + abs(a.x - b.x) + abs(a.y - b.y) + abs(a.yaw - b.yaw)


@pytest.mark.parametrize("movement", [move for move in CameraMovement if move is not CameraMovement.STATIC])
def test_more_intensity_is_more_movement(movement: CameraMovement) -> None:
    weak, strong = (camera_path(movement, intensity, Mood.NEUTRAL, 5, 90) for intensity in (0.1, 0.9))
    assert _span(strong) > 1.3 * _span(weak)


def _span(path: list[Pose]) -> float:
    return max(_distance(path[0], pose) for pose in path)


def test_ends_are_soft() -> None:
    path = camera_path(CameraMovement.PAN_LEFT, 1.0, Mood.NEUTRAL, 0, 90)
    steps = [b.x - a.x for a, b in itertools.pairwise(path)]
    assert steps[0] < 0.15 * max(steps)
    assert steps[-1] < 0.15 * max(steps)
    changes = [abs(b - a) for a, b in itertools.pairwise(steps)]
    assert max(changes) < 0.08 * max(steps)


def test_the_same_seed_gives_the_same_hand() -> None:
    first, again, other = (camera_path(CameraMovement.HANDHELD, 0.6, Mood.CALM, seed, 60) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_directions() -> None:
    def ends(movement: CameraMovement) -> tuple[Pose, Pose]:
        path = camera_path(movement, 0.5, Mood.NEUTRAL, 0, 90)
        return path[0], path[-1]

    first, last = ends(CameraMovement.PUSH_IN)
    assert last.zoom > first.zoom
    first, last = ends(CameraMovement.PULL_OUT)
    assert last.zoom < first.zoom
    first, last = ends(CameraMovement.PAN_LEFT)  # the camera looks left: the picture goes right
    assert last.x > first.x
    first, last = ends(CameraMovement.TILT_DOWN)
    assert last.y < first.y
