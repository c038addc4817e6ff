"""Compares a model's inputs in the catalogue with the provider's live schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from adreel.catalogue.aspects import nearest
from adreel.catalogue.fields import Value
from adreel.catalogue.models import ImageModel, Model, SpeechModel, TextModel, VideoModel
from adreel.domain.errors import RefusedError
from adreel.domain.films.formats import ASPECTS

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
    """Raises RefusedError when the model lacks a field that adreel sends, rejects a value of it, or requires a field that adreel
    does not always send.

    `openapi_schema` is the model's live OpenAPI document, or its `Input` schema alone.
    """
    schemas = _table(_table(openapi_schema, "components"), "schemas")
    inner = _table(schemas, "Input") or openapi_schema
    properties = _table(inner, "properties")
    if not properties:
        raise RefusedError(f"{model.name}: the provider reports no input fields for {model.reference}; check its page")
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
    """Returns the input fields that adreel may send, with the values of each (the ends of a range); no values means any."""
    used: dict[str, tuple[Value, ...]] = {name: (value,) for name, value in model.inputs.items()}
    used.update((name, ()) for name in _named(model) if name)
    if isinstance(model, VideoModel):
        used.update(model.length.fields)
        if model.motion:
            used[model.motion.field] = (model.motion.least, model.motion.most)
    if isinstance(model, SpeechModel) and model.language_field:
        used[model.language_field] = (model.language_value(None), *model.languages.values())
    used.update(_shapes(model))
    return used


def optional_fields(model: Model) -> frozenset[str]:
    """Returns the fields among `used_fields` that not every order has."""
    field = model.image_field if isinstance(model, ImageModel) else None
    return frozenset() if field is None else frozenset({field})


def _named(model: Model) -> tuple[str | None, ...]:
    match model:
        case VideoModel():
            return (model.image_field, model.prompt_field, model.seed_field)
        case ImageModel():
            return (model.prompt_field, model.image_field, model.seed_field)
        case TextModel():
            return (model.prompt_field, model.system_field, model.tokens_field, model.temperature_field)
        case SpeechModel():
            return (model.text_field, model.voice_field)
        case _:
            return ()


def _shapes(model: Model) -> Mapping[str, tuple[Value, ...]]:
    """Returns the fields for aspect and resolution. Of the aspects only those of adreel's films."""
    used: dict[str, tuple[Value, ...]] = {}
    if isinstance(model, VideoModel) and model.resolution and model.resolution.field:
        used[model.resolution.field] = (model.resolution.value,)
    if isinstance(model, (VideoModel, ImageModel)) and model.aspect:
        values = (nearest(model.aspect.values, aspect) for aspect in model.aspects_of(ASPECTS))
        used[model.aspect.field] = tuple(dict.fromkeys(values))
    if isinstance(model, ImageModel) and model.sizes:
        used[model.sizes.width_field] = tuple(width for width, _ in model.sizes.by_aspect.values())
        used[model.sizes.height_field] = tuple(height for _, height in model.sizes.by_aspect.values())
    return used


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
    """Describes the values that a field accepts, for error messages."""
    if "enum" in schema:
        return ", ".join(map(str, cast("list[Value]", schema["enum"])))
    limits = [f"{name} {schema[name]}" for name in ("minimum", "maximum") if name in schema]
    return ", ".join([str(schema.get("type", "other values")), *limits])


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    """Returns a field's schema with its references resolved: an enumeration is a schema of its own."""
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
