"""From an order to the fields of a model's input, by the catalogue; and back from an input to the order's seed."""

from __future__ import annotations

from collections.abc import Mapping

from adreel.catalogue.fields import Value
from adreel.catalogue.models import VideoModel
from adreel.domain.errors import InputError
from adreel.domain.films.scene import CameraMovement
from adreel.domain.providers import VideoOrder
from adreel.providers.common.prompt_marker import BITS, mark, marked_seed
from adreel.providers.replicate.responses import Json

_CAMERA: Mapping[CameraMovement, str] = {
    CameraMovement.PUSH_IN: "moves in toward the product",
    CameraMovement.PULL_OUT: "moves back from the product",
    CameraMovement.PAN_LEFT: "slides to the left",
    CameraMovement.PAN_RIGHT: "slides to the right",
    CameraMovement.TILT_UP: "rises along the product",
    CameraMovement.TILT_DOWN: "comes down along the product",
    CameraMovement.ARC_LEFT: "circles the product to the left",
    CameraMovement.ARC_RIGHT: "circles the product to the right",
    CameraMovement.HANDHELD: "is held by hand",
    CameraMovement.STATIC: "does not move",
}
_PACES = ((0.34, "slowly"), (0.67, "steadily"), (1.0, "fast"))


def model_input(model: VideoModel, order: VideoOrder, image_url: str) -> dict[str, Value]:
    """The input of one order. Raises InputError for a seed, an aspect or a length that is not possible."""
    if not 0 <= order.seed < 2**BITS:
        raise InputError(f"the seed {order.seed} is not a whole number from 0 to {2**BITS - 1}")
    given: dict[str, Value] = {**model.inputs, **model.length.ask(order.seconds).inputs}
    if model.image_field:
        given[model.image_field] = image_url
    if model.prompt_field:
        given[model.prompt_field] = prompt_text(model, order)
    if model.seed_field:
        given[model.seed_field] = order.seed
    if model.motion:
        given[model.motion.field] = model.motion.level(order.motion_intensity)
    if model.resolution and model.resolution.field:
        given[model.resolution.field] = model.resolution.value
    asked = model.asked_aspect(order.aspect)
    if model.aspect and asked is not None:
        given[model.aspect.field] = asked
    return given


def prompt_text(model: VideoModel, order: VideoOrder) -> str:
    """The scene and the camera in words. A model without a seed gets the mark of the order between the two."""
    camera = f"The camera {_CAMERA[order.camera_movement]}{_pace(order)}."
    between = "\n" if model.seed_field else mark(order.seed)
    return f"{order.prompt.strip()}{between}{camera}"


def _pace(order: VideoOrder) -> str:
    if order.camera_movement in (CameraMovement.STATIC, CameraMovement.HANDHELD):
        return ""
    return " " + next((word for most, word in _PACES if order.motion_intensity <= most), _PACES[-1][1])


def seed_of(given: Json, models: Mapping[str, VideoModel]) -> int | None:
    """The seed in a prediction's input, whichever model of the catalogue it was for."""
    for model in models.values():
        seed = given.get(model.seed_field or "")
        if isinstance(seed, int) and not isinstance(seed, bool):
            return seed
    for model in models.values():
        prompt = given.get(model.prompt_field or "")
        found = marked_seed(prompt) if isinstance(prompt, str) else None
        if found is not None:
            return found
    return None
