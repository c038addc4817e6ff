"""Holds what the catalogue says of a model's inputs against what the provider says of them today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from adreel.catalogue.fields import Value
from adreel.catalogue.models import Choice, ImageModel, Model, MusicModel, TextModel, VideoModel
from adreel.domain.errors import RefusedError

Schema = Mapping[str, object]
"""A part of a JSON schema."""


def check_schema(model: Model, openapi_schema: Schema) -> None:
    """Raises RefusedError when the model no longer has a field, or no longer takes a value, that adreel would send.

    `openapi_schema` is the model's live OpenAPI document, or its `Input` schema alone.
    """
    schemas = _table(_table(openapi_schema, "components"), "schemas")
    properties = _table(_table(schemas, "Input") or openapi_schema, "properties")
    if not properties:
        raise RefusedError(f"{model.name}: the provider tells no input fields for {model.reference}; check its page")
    for field, values in used_fields(model).items():
        if field not in properties:
            raise RefusedError(
                f"{model.name}: {model.reference} has no input field {field!r} any more; "
                f"correct it in a catalogue of your own (its fields: {', '.join(sorted(properties))})"
            )
        _check_values(model, field, values, _table(properties, field), schemas)
    required = _table(schemas, "Input").get("required", openapi_schema.get("required", []))
    missing = sorted(set(cast("list[str]", required)) - set(used_fields(model)))
    if missing:
        raise RefusedError(
            f"{model.name}: {model.reference} now needs the input field {missing[0]!r}; update the catalogue"
        )


def used_fields(model: Model) -> Mapping[str, tuple[Value, ...]]:
    """The input fields that adreel may send, with the values it may give to each; none listed means any."""
    used: dict[str, tuple[Value, ...]] = {name: (value,) for name, value in model.inputs.items()}
    used.update((name, ()) for name in _named(model) if name)
    if isinstance(model, VideoModel):
        used.update(model.length.fields)
    for choice in _choices(model):
        used[choice.field] = choice.values
    return used


def _named(model: Model) -> tuple[str | None, ...]:
    match model:
        case VideoModel():
            motion = model.motion.field if model.motion else None
            return (model.image_field, model.end_image_field, model.prompt_field, model.seed_field, motion)
        case ImageModel():
            return (model.prompt_field, model.image_field, model.seed_field)
        case TextModel():
            return (model.prompt_field, model.system_field, model.tokens_field, model.temperature_field)
        case MusicModel():
            return (model.prompt_field, model.duration_field, model.seed_field)
        case _:
            return ()


def _choices(model: Model) -> Iterator[Choice]:
    if isinstance(model, VideoModel) and model.resolution:
        yield model.resolution
    if isinstance(model, (VideoModel, ImageModel)) and model.aspect:
        yield model.aspect


def _check_values(model: Model, field: str, values: tuple[Value, ...], schema: Schema, schemas: Schema) -> None:
    allowed = _enum(schema, schemas)
    wrong = [value for value in values if value not in allowed] if allowed else []
    if wrong:
        raise RefusedError(
            f"{model.name}: the input field {field!r} of {model.reference} no longer takes {wrong[0]!r}; "
            f"it takes {', '.join(map(str, allowed))}: correct it in a catalogue of your own"
        )


def _enum(schema: Schema, schemas: Schema) -> list[Value]:
    """The values that a field is limited to; a choice stands in a schema of its own that the field points to."""
    if "enum" in schema:
        return cast("list[Value]", schema["enum"])
    for part in cast("list[Schema]", schema.get("allOf", [])):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if "enum" in _table(schemas, name):
            return cast("list[Value]", _table(schemas, name)["enum"])
    return []


def _table(schema: Schema, name: str) -> Schema:
    found = schema.get(name)
    return cast("Schema", found) if isinstance(found, dict) else {}
