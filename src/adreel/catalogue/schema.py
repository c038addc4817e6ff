"""Holds what the catalogue says of a model's inputs against what the provider says of them today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from adreel.catalogue.fields import Value
from adreel.catalogue.models import Choice, ImageModel, Model, MusicModel, TextModel, VideoModel
from adreel.domain.errors import RefusedError

Schema = Mapping[str, object]
"""A part of a JSON schema."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (),
}


def check_schema(model: Model, openapi_schema: Schema) -> None:
    """Raises RefusedError when the model no longer has a field, or no longer takes a value, that adreel would send, or needs one
    that adreel does not always send.

    `openapi_schema` is the model's live OpenAPI document, or its `Input` schema alone.
    """
    schemas = _table(_table(openapi_schema, "components"), "schemas")
    inner = _table(schemas, "Input") or openapi_schema
    properties = _table(inner, "properties")
    if not properties:
        raise RefusedError(f"{model.name}: the provider tells no input fields for {model.reference}; check its page")
    for field, values in used_fields(model).items():
        if field not in properties:
            raise RefusedError(
                f"{model.name}: {model.reference} has no input field {field!r} any more, so nothing was bought; "
                f"correct it in a catalogue of your own (its fields: {', '.join(sorted(properties))})"
            )
        _check_values(model, field, values, _resolved(_table(properties, field), schemas))
    required = cast("list[str]", inner.get("required", []))
    missing = sorted(set(required) - set(used_fields(model)) | set(required) & optional_fields(model))
    if missing:
        raise RefusedError(
            f"{model.name}: {model.reference} now needs the input field {missing[0]!r}, so nothing was bought; "
            f"give it under 'inputs' in a catalogue of your own, or choose another model"
        )


def used_fields(model: Model) -> Mapping[str, tuple[Value, ...]]:
    """The input fields that adreel may send, with values that it gives to each (the ends of a range); none listed means any."""
    used: dict[str, tuple[Value, ...]] = {name: (value,) for name, value in model.inputs.items()}
    used.update((name, ()) for name in _named(model) if name)
    if isinstance(model, VideoModel):
        used.update(model.length.fields)
        if model.motion:
            used[model.motion.field] = (model.motion.least, model.motion.most)
    for choice in _choices(model):
        used[choice.field] = choice.values
    return used


def optional_fields(model: Model) -> frozenset[str]:
    """Those among them that not every order has."""
    match model:
        case VideoModel():
            named = (model.end_image_field,)
        case ImageModel():
            named = (model.image_field,)
        case _:
            named = ()
    return frozenset(field for field in named if field is not None)


def _named(model: Model) -> tuple[str | None, ...]:
    match model:
        case VideoModel():
            return (model.image_field, model.end_image_field, model.prompt_field, model.seed_field)
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


def _check_values(model: Model, field: str, values: tuple[Value, ...], schema: Schema) -> None:
    wrong = [value for value in values if not _takes(schema, value)]
    if wrong:
        raise RefusedError(
            f"{model.name}: the input field {field!r} of {model.reference} no longer takes {wrong[0]!r}, so nothing was "
            f"bought; it takes {_taken(schema)}: correct it in a catalogue of your own"
        )


def _takes(schema: Schema, value: Value) -> bool:
    others = cast("list[Schema]", schema.get("anyOf") or schema.get("oneOf") or [])
    if others:
        return any(_takes(other, value) for other in others)
    if "enum" in schema:
        return value in cast("list[Value]", schema["enum"])
    kinds = _TYPES.get(str(schema.get("type")))
    if kinds is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        return False
    return isinstance(value, (str, bool)) or _is_within(schema, value)


def _is_within(schema: Schema, value: float) -> bool:
    least, most = schema.get("minimum"), schema.get("maximum")
    above = not isinstance(least, (int, float)) or value >= least
    return above and (not isinstance(most, (int, float)) or value <= most)


def _taken(schema: Schema) -> str:
    """In words, what a field takes."""
    if "enum" in schema:
        return ", ".join(map(str, cast("list[Value]", schema["enum"])))
    limits = [f"{name} {schema[name]}" for name in ("minimum", "maximum") if name in schema]
    return ", ".join([str(schema.get("type", "other values")), *limits])


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    """A field with what it points to put in its place: a choice stands in a schema of its own."""
    found = dict(schema)
    for part in (schema, *cast("list[Schema]", schema.get("allOf", []))):
        found |= _table(schemas, str(part.get("$ref", "")).rpartition("/")[2])
    for kind in ("anyOf", "oneOf"):
        if kind in schema:
            found[kind] = [_resolved(other, schemas) for other in cast("list[Schema]", schema[kind])]
    return found


def _table(schema: Schema, name: str) -> Schema:
    found = schema.get(name)
    return cast("Schema", found) if isinstance(found, dict) else {}
