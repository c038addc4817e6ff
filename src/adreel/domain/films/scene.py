"""Views, camera movements, moods and scenes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class ViewType(StrEnum):
    """Framing of the product in an image."""

    FRONT = "front"
    DETAIL = "detail"
    LIFESTYLE = "lifestyle"
    ANGLE = "angle"


FRAMINGS = (ViewType.FRONT, ViewType.DETAIL, ViewType.ANGLE, ViewType.LIFESTYLE)
"""Views assigned to photos in rotation, one photo or many: no two neighbours have the same view."""


class CameraMovement(StrEnum):
    """Camera moves that every engine supports; hosted models get them as text, the local engine as geometry."""

    PUSH_IN = "push_in"
    PULL_OUT = "pull_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    ARC_LEFT = "arc_left"
    ARC_RIGHT = "arc_right"
    HANDHELD = "handheld"
    STATIC = "static"


class Mood(StrEnum):
    """Light and pace of a film, read from the prompt; chooses the local engine's set and how fast the camera moves."""

    NEUTRAL = "neutral"
    CALM = "calm"
    ENERGETIC = "energetic"
    LUXURY = "luxury"
    NIGHT = "night"
    PLAYFUL = "playful"


@dataclass(frozen=True, slots=True)
class ApprovedImage:
    """A photo or generated image that the user approved. `path` is a local file."""

    id: str
    path: Path
    view_type: ViewType


@dataclass(frozen=True, slots=True)
class Scene:
    """One planned shot. `motion_intensity` is 0 (barely moving) to 1 (as strong as still looks good)."""

    image_view: ViewType
    scene_prompt: str
    camera_movement: CameraMovement
    motion_intensity: float
    mood: Mood = Mood.NEUTRAL


def read_scene(stored: Mapping[str, Any]) -> Scene:
    """Reads a scene from JSON, the inverse of `dataclasses.asdict`."""
    return Scene(
        image_view=ViewType(stored["image_view"]),
        scene_prompt=str(stored["scene_prompt"]),
        camera_movement=CameraMovement(stored["camera_movement"]),
        motion_intensity=float(stored["motion_intensity"]),
        mood=Mood(stored["mood"]),
    )
