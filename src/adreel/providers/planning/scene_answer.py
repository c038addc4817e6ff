"""Reads a scene director's answer: its valid scenes, and the faults of the others in words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from adreel.domain.films.scene import ApprovedImage, CameraMovement, Scene, ViewType
from adreel.providers.planning.json_text import Object, folded, json_values, objects_in

Move = CameraMovement

_LONGEST_PROMPT = 600
_MOST_FAULTS = 8

_VIEWS: Mapping[str, ViewType] = {
    "closeup": ViewType.DETAIL,
    "macro": ViewType.DETAIL,
    "detail": ViewType.DETAIL,
    "lifestyle": ViewType.LIFESTYLE,
    "threequarter": ViewType.ANGLE,
    "angle": ViewType.ANGLE,
    "front": ViewType.FRONT,
}
_MOVES: Mapping[str, Move] = {
    "zoom_in": Move.PUSH_IN,
    "dolly_in": Move.PUSH_IN,
    "zoom_out": Move.PULL_OUT,
    "dolly_out": Move.PULL_OUT,
    "pull_back": Move.PULL_OUT,
    "pan": Move.PAN_RIGHT,
    "slide_left": Move.PAN_LEFT,
    "slide_right": Move.PAN_RIGHT,
    "tilt": Move.TILT_UP,
    "crane_up": Move.TILT_UP,
    "crane_down": Move.TILT_DOWN,
    "orbit": Move.ARC_RIGHT,
    "arc": Move.ARC_RIGHT,
    "orbit_left": Move.ARC_LEFT,
    "orbit_right": Move.ARC_RIGHT,
    "hand_held": Move.HANDHELD,
    "none": Move.STATIC,
    "still": Move.STATIC,
}
"""Names that models use for moves of ours."""


def view_named(value: object) -> object:
    """A view by any name that contains one of ours, as "Front view"."""
    letters = re.sub(r"[^a-z]", "", value.casefold()) if isinstance(value, str) else ""
    return next((view for name, view in _VIEWS.items() if name in letters), value)


def _move(value: object) -> object:
    if not isinstance(value, str):
        return value
    name = re.sub(r"[^a-z]+", "_", value.casefold()).strip("_")
    return _MOVES.get(name, name)


def _text(value: object) -> object:
    return folded(value, _LONGEST_PROMPT) if isinstance(value, str) else value


def _clamped(value: object) -> object:
    """Clamps a number to 0–1; anything else stays and is reported as a fault."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return value
    return value if math.isnan(number) else min(1.0, max(0.0, number))


class SceneAnswer(BaseModel):
    """One scene as the model gives it; other fields are passed over."""

    image_view: Annotated[ViewType, BeforeValidator(view_named)]
    scene_prompt: Annotated[str, BeforeValidator(_text), Field(min_length=1)]
    camera_movement: Annotated[Move, BeforeValidator(_move)]
    motion_intensity: Annotated[float, BeforeValidator(_clamped), Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class ReadScenes:
    """`faults` say in words what keeps the answer from being whole; none when there is a valid scene for each image."""

    scenes: tuple[SceneAnswer, ...]
    faults: tuple[str, ...]


def read_scenes(text: str, images: Sequence[ApprovedImage]) -> ReadScenes:
    """The scenes in an answer, in any wrapping. Never raises: an answer without any has none, and faults.

    The last list of scenes counts, as models correct themselves; scenes that lie around count when there is no list.
    """
    entries = _entries(json_values(text))
    if not entries:
        return ReadScenes((), ('there is no JSON object with a list "scenes" in the answer',))
    scenes: list[SceneAnswer] = []
    faults: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            scenes.append(SceneAnswer.model_validate(entry))
        except ValidationError as error:
            faults.extend(f"scene {number}: {_told(each)}" for each in error.errors(include_url=False))
    missing = [image.view_type for image, scene in zip(images, matched(images, scenes), strict=True) if scene is None]
    if missing:
        faults.append(f"there is no scene for the image views {', '.join(missing)}")
    return ReadScenes(tuple(scenes), tuple(faults[:_MOST_FAULTS]) if missing else ())


def matched(images: Sequence[ApprovedImage], scenes: Sequence[SceneAnswer]) -> list[SceneAnswer | None]:
    """For each image its scene: the first of its view that no image before it has."""
    left = list(scenes)
    found: list[SceneAnswer | None] = []
    for image in images:
        scene = next((scene for scene in left if scene.image_view is image.view_type), None)
        if scene is not None:
            left.remove(scene)
        found.append(scene)
    return found


def completed(images: Sequence[ApprovedImage], scenes: Sequence[SceneAnswer], spare: Sequence[Scene]) -> list[Scene]:
    """Exactly one scene for each image, in order; where the answer has none, that of `spare`, which also gives the mood."""
    return [
        other
        if scene is None
        else Scene(image.view_type, scene.scene_prompt, scene.camera_movement, scene.motion_intensity, other.mood)
        for image, scene, other in zip(images, matched(images, scenes), spare, strict=True)
    ]


def _entries(values: Sequence[object]) -> list[Object]:
    """Finds the part of an answer that lists scenes."""
    tables = [table for value in values for table in objects_in(value)]
    lists = [table["scenes"] for table in tables if isinstance(table.get("scenes"), list)]
    for scenes in reversed(cast("list[list[object]]", lists)):
        entries = [cast("Object", entry) for entry in scenes if isinstance(entry, dict)]
        if entries:
            return entries
    return [table for table in tables if "scene_prompt" in table]


def _told(error: Mapping[str, object]) -> str:
    place = ".".join(str(part) for part in cast("Sequence[object]", error["loc"]))
    return f"{place}: {error['msg']}"
