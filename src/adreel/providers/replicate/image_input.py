"""From an image order to the fields of a model's input, by the catalogue; and back from an input to the order's marker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adreel.catalogue.fields import Value
from adreel.catalogue.models import Choice, ImageModel
from adreel.domain.errors import InputError
from adreel.domain.images import ImageOrder
from adreel.providers.replicate.mapping import mark, marked_seed
from adreel.providers.replicate.predictions import Json

MOST_ANCHORS = 3
"""Pictures of the real product that are sent along: more say nothing new and make the order slow."""

_SEEDS = 2**31
_MARKERS = 2**32


def image_input(model: ImageModel, order: ImageOrder, anchors: Sequence[str]) -> dict[str, Value | list[str]]:
    """The input of one order; `anchors` are addresses. Raises InputError for what is not possible."""
    _check_range("seed", order.seed, _SEEDS)
    _check_range("marker", order.marker, _MARKERS)
    given: dict[str, Value | list[str]] = {**model.inputs, model.prompt_field: prompt_text(order)}
    if model.seed_field:
        given[model.seed_field] = order.seed
    if model.aspect:
        given[model.aspect.field] = _aspect(model, model.aspect, order.aspect)
    if model.image_field and anchors:
        given[model.image_field] = list(anchors) if model.image_is_list else anchors[0]
    return given


def prompt_text(order: ImageOrder) -> str:
    """The wish, then the mark of the purchase, then what must not be seen.

    The mark is white space on a line of its own: the models' tokenizers fold it away, so the picture depends on the seed alone.
    White space within the wish is folded beforehand, so no wish can carry a mark.
    """
    avoided = _folded(order.negative_prompt)
    after = f"Without: {avoided}." if avoided else "Photograph."
    return f"{_folded(order.prompt)}{mark(order.marker)}{after}"


def marker_in(given: Json, models: Mapping[str, ImageModel]) -> int | None:
    """The marker in a prediction's input, whichever image model of the catalogue it was for."""
    for field in {model.prompt_field for model in models.values()}:
        text = given.get(field)
        found = marked_seed(text) if isinstance(text, str) else None
        if found is not None:
            return found
    return None


def _aspect(model: ImageModel, choice: Choice, aspect: str) -> str:
    """The model's value for a film's aspect; the nearest one when it has not this one, as the film is cut from the picture."""
    wanted = _ratio(model, aspect)
    return min(choice.values, key=lambda value: abs(_ratio(model, value) / wanted - 1))


def _ratio(model: ImageModel, aspect: str) -> float:
    width, _, height = aspect.partition(":")
    try:
        return int(width) / int(height)
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(f"{model.name} makes no pictures of {aspect!r}; give an aspect as 16:9") from error


def _check_range(what: str, value: int, end: int) -> None:
    if not 0 <= value < end:
        raise InputError(f"the {what} {value} of an image is not a whole number from 0 to {end - 1}")


def _folded(text: str) -> str:
    return " ".join(text.split())
