"""Request and response bodies of film options, generated from the fields of `FilmOptions`."""

from __future__ import annotations

from dataclasses import Field as DataField
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, create_model

from adreel.domain.films.film_options import Control, FilmOption, FilmOptions, film_option_fields
from adreel.routers.schemas.common import Answer, Body, ColorText, Name

Model = TypeVar("Model", bound=BaseModel)

Genre = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]

_GROUPS = {"text_overlay": "TextOverlay", "audio": "Audio"}
_DOCS = {
    "text_overlay": "Texts and style of the title cards; a card without text is left out. `font` is a family's name.",
    "audio": "Background music. Without `genre` one is chosen by the prompt.",
}
_ENABLED = {"enabled": (bool, True)}
"""Music is one option that bodies represent as two fields."""

_TYPES: dict[Control, object] = {Control.TEXT: Name, Control.COLOR: ColorText, Control.SWITCH: bool}


def request_body(name: str, kind: type[FilmOptions] = FilmOptions) -> type[Body]:
    """A request body with every public option of `kind`; each has its default."""
    groups = {group: group_body(group, kind) for group in _GROUPS}
    nested = {group: (model, Field(default_factory=model)) for group, model in groups.items()}
    return _model(name, Body, {**nested, **_flat(kind)})


def group_body(group: str, kind: type[FilmOptions] = FilmOptions) -> type[Body]:
    """The nested request object of `group`: text_overlay or audio."""
    return _model(f"{_GROUPS[group]}Body", Body, _members(group, kind), _DOCS[group])


def answer_body(
    name: str, groups: tuple[str, ...], kind: type[FilmOptions] = FilmOptions, **more: object
) -> type[Answer]:
    """A response body with every option as requested, in `groups` and beside them; null was left to adreel to choose."""
    nested = {group: (group_answer(group, kind), ...) for group in groups}
    return _model(name, Answer, {**nested, **_required(_flat(kind)), **more})


def group_answer(group: str, kind: type[FilmOptions] = FilmOptions) -> type[Answer]:
    """The nested response object of `group`."""
    return _model(f"{_GROUPS[group]}Answer", Answer, _required(_members(group, kind)), _DOCS[group])


def _model(name: str, base: type[Model], members: dict[str, Any], doc: str | None = None) -> type[Model]:
    return create_model(name, __base__=base, __doc__=doc, __module__=__name__, **members)


def _members(group: str, kind: type[FilmOptions]) -> dict[str, Any]:
    inside = {
        option.path[-1]: _typed(each, option)
        for each, option in film_option_fields(kind)
        if option.path[:-1] == (group,)
    }
    return {**_ENABLED, **inside} if group == "audio" else inside


def _flat(kind: type[FilmOptions]) -> dict[str, Any]:
    return {option.path[0]: _typed(each, option) for each, option in film_option_fields(kind) if len(option.path) == 1}


def _required(members: dict[str, Any]) -> dict[str, Any]:
    return {name: (each[0], ...) for name, each in members.items()}


def _typed(each: DataField[Any], option: FilmOption) -> tuple[object, object]:
    """Returns an option's type in a body and its default."""
    if isinstance(each.default, Enum):
        return type(each.default), each.default
    if option.control in (Control.SECONDS, Control.NUMBER):
        return Annotated[type(each.default), Field(ge=option.minimum, le=option.maximum)], each.default
    base: Any = Genre if each.name == "music" else _TYPES[option.control]
    return (base | None if each.default is None else base), each.default
