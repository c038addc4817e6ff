"""From an order to the fields of a model's input, by the catalogue; and back from an input to the order's seed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from adreel.catalogue.fields import Value
from adreel.catalogue.models import Choice, VideoModel
from adreel.domain.errors import InputError
from adreel.domain.remote import VideoOrder
from adreel.domain.scene import CameraMovement
from adreel.providers.replicate.predictions import Json

_BITS = 32
_MARK = re.compile(rf"\n([ \t]{{{_BITS}}})\n")
_ONE, _ZERO = "\t", " "
_NEAR_ENOUGH = 0.1
"""Share by which a model's aspect may differ from the film's: as much is cropped away unseen."""

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
    if not 0 <= order.seed < 2**_BITS:
        raise InputError(f"the seed {order.seed} is not a whole number from 0 to {2**_BITS - 1}")
    given: dict[str, Value] = {**model.inputs, **model.length.ask(order.seconds).inputs}
    if model.image_field:
        given[model.image_field] = image_url
    if model.prompt_field:
        given[model.prompt_field] = prompt_text(model, order)
    if model.seed_field:
        given[model.seed_field] = order.seed
    if model.motion:
        given[model.motion.field] = model.motion.level(order.motion_intensity)
    if model.resolution:
        given[model.resolution.field] = model.resolution.values[0]
    if model.aspect:
        given[model.aspect.field] = nearest_aspect(model, model.aspect, order.aspect)
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


def mark(seed: int) -> str:
    """A seed written as 32 spaces and tabs on a line of their own: the model sees an empty line, we see the order."""
    bits = f"{seed:0{_BITS}b}"
    return "\n" + bits.replace("1", _ONE).replace("0", _ZERO) + "\n"


def marked_seed(text: str) -> int | None:
    """The seed that `mark` wrote into a text."""
    found = _MARK.search(text)
    return int(found[1].replace(_ONE, "1").replace(_ZERO, "0"), 2) if found else None


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


def nearest_aspect(model: VideoModel, choice: Choice, aspect: str) -> str:
    """The model's value for a film's aspect. Raises InputError when none is near enough."""
    wanted = _ratio(aspect)
    best = min(choice.values, key=lambda value: abs(_ratio(value) / wanted - 1))
    if abs(_ratio(best) / wanted - 1) > _NEAR_ENOUGH:
        raise InputError(f"{model.name} makes no clips of {aspect}; choose one of {', '.join(choice.values)}")
    return best


def _ratio(aspect: str) -> float:
    width, _, height = aspect.partition(":")
    return int(width) / int(height)
