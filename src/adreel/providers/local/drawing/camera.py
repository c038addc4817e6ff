"""Camera moves: one pose per frame, from a movement, its intensity, the mood and a seed. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from adreel.domain.films.scene import CameraMovement, Mood

MAX_YAW = math.radians(6)
"""Largest yaw in radians: beyond it a still visibly looks flat."""

_MOOD_POWER = {Mood.ENERGETIC: 1.2, Mood.PLAYFUL: 1.1, Mood.CALM: 1.1}
_GROWTH = 1.15
"""Exponent by which a move's distance grows with its intensity: the strong moves of the planner and of brisk recipes then go at
least three times as far as the weak ones of calm films and slow recipes (decision 0116)."""

_DIRECTIONS = {
    CameraMovement.PUSH_IN: (1, 0, 0, 0),
    CameraMovement.PULL_OUT: (-1, 0, 0, 0),
    CameraMovement.PAN_LEFT: (0, 1, 0, 0),
    CameraMovement.PAN_RIGHT: (0, -1, 0, 0),
    CameraMovement.TILT_UP: (0, 0, 1, 0),
    CameraMovement.TILT_DOWN: (0, 0, -1, 0),
    CameraMovement.ARC_LEFT: (0, 0.25, 0, 1),
    CameraMovement.ARC_RIGHT: (0, -0.25, 0, -1),
}
"""Zoom, shift right, shift down, yaw of the picture: the camera moves the opposite way."""

_RAMP = 26
"""Frames in which a move accelerates and decelerates."""

_USUAL = 90
"""Frames of a typical shot."""

_QUICK = frozenset({Mood.ENERGETIC, Mood.PLAYFUL})


@dataclass(frozen=True, slots=True)
class Pose:
    """The picture's transformation by the camera: `zoom` about the frame's centre, shift right and down as fractions of the
    frame's shorter side, `roll` and `yaw` in radians. The default is the composed framing."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0


def camera_path(movement: CameraMovement, intensity: float, mood: Mood, seed: int, frames: int) -> list[Pose]:
    """One pose for each of `frames` frames. Zoom stays within 0.85 to 1.2, shifts within 0.105, yaw within `MAX_YAW`."""
    strength = min(max(intensity, 0.0), 1.0)
    power = _MOOD_POWER.get(mood, 1.0) * strength**_GROWTH
    if movement is CameraMovement.HANDHELD:
        return _handheld(power, seed, frames)
    # Longer shots travel farther, so that their slowest moves stay visible.
    reach = min(max(frames / _USUAL, 1.0) ** 0.6, 1.65)
    times = [_ease(_progress(index, frames), mood, _RAMP / frames) for index in range(frames)]
    return [_pose(movement, power, reach, time) for time in times]


def middle_step(poses: Sequence[Pose]) -> float:
    """Source pixels per screen pixel in the middle of a move, when they are 1:1 at its tightest framing."""
    zooms = [pose.zoom for pose in poses]
    return 2 * max(zooms) / (min(zooms) + max(zooms))


def _progress(index: int, frames: int) -> float:
    return index / (frames - 1) if frames > 1 else 0.5


def _ease(t: float, mood: Mood, ramp: float) -> float:
    """Constant speed with softened ends; quick moods travel most of the way early and then glide."""
    if mood in _QUICK:
        return 0.65 * (1 - (1 - t) ** 3) + 0.35 * t
    return _soft_ends(t, min(ramp, 0.3))


def _soft_ends(t: float, ramp: float) -> float:
    """Constant speed between an acceleration and a deceleration ramp of length `ramp`."""
    speed = 1 / (1 - ramp)
    if t < ramp:
        return speed * t * t / (2 * ramp)
    if t > 1 - ramp:
        return 1 - speed * (1 - t) ** 2 / (2 * ramp)
    return speed * (t - ramp / 2)


def _pose(movement: CameraMovement, power: float, reach: float, t: float) -> Pose:
    """The pose at time `t`, 0 to 1. `power` is the intensity as the mood takes it, `reach` what the slowest moves are multiplied
    by."""
    if movement is CameraMovement.STATIC:
        # Not quite still: a frozen film looks like a fault.
        return Pose(zoom=1.006 + 0.014 * reach * t, x=0.006 * reach * (t - 0.5), y=0.003 * math.sin(math.pi * t))
    zoom, x, y, yaw = _DIRECTIONS[movement]
    swing = t - 0.5
    travel = max(0.03 * reach, 0.14 * power)
    depth = max(0.035 * reach, 0.21 * power)
    dolly = depth * (zoom * swing - 0.1 * abs(zoom) + 0.08 * (1 - abs(zoom)) * swing)
    return Pose(
        zoom=math.exp(dolly + 0.015 * abs(yaw)),
        x=travel * x * swing,
        y=travel * y * swing,
        yaw=2 * yaw * swing * min(max(math.radians(1.2), math.radians(7.0) * power), MAX_YAW),
    )


def _handheld(power: float, seed: int, frames: int) -> list[Pose]:
    """Slow sums of sines, like a camera in a steady hand, while moving in slightly."""
    rng = random.Random(seed)  # noqa: S311  (film, not secrets)
    phases = [rng.uniform(0, 2 * math.pi) for _ in range(6)]
    size = max(0.002, 0.012 * power)

    def sway(seconds: float, rate: float, first: int) -> float:
        slow = math.sin(2 * math.pi * rate * seconds + phases[first])
        return 0.75 * slow + 0.25 * math.sin(2 * math.pi * 2.3 * rate * seconds + phases[first + 1])

    def pose(index: int) -> Pose:
        seconds = index / 30
        lean = _soft_ends(_progress(index, frames), 0.3) - 0.5
        return Pose(
            zoom=1 + max(0.02, 0.075 * power) * lean,
            x=size * sway(seconds, 0.31, 0),
            y=0.8 * size * sway(seconds, 0.43, 2),
            roll=0.5 * size * sway(seconds, 0.27, 4),
        )

    return [pose(index) for index in range(frames)]
