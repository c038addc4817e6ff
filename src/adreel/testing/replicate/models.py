"""The models that the stand-in knows: what they take, make and cost."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from importlib import resources
from typing import Any, cast

Json = dict[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}


_MILL = Decimal("0.001")
_SINCE = "2025-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """`makes` is video, image, images, text or speech, which is priced for each 1000 characters of its `text`.
    A `community` model runs by its version only.

    `follows` is the input field of the image that decides the size, None where `aspect_ratio` does. `on_top` are prices of
    inputs that are true, `only` lengths that a resolution has; `priced_frames` are those that a price for a run is for.
    """

    name: str
    makes: str
    version: str
    community: bool
    prices: Mapping[str, Decimal]
    by_second: bool
    fields: Mapping[str, Json]
    follows: str | None = None
    on_top: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict[str, Mapping[str, Decimal]])
    only: Mapping[str, list[int]] = field(default_factory=dict[str, list[int]])
    priced_frames: int | None = None

    def price(self, given: Json) -> Decimal:
        """What a run with this input costs; to a tenth of a cent, upward."""
        if self.makes == "speech":
            spoken = len(str(given.get("text", "")))
            return (self.prices[""] * spoken / 1000).quantize(_MILL, ROUND_UP)
        resolution = str(self.value(given, "resolution"))
        price = _of(self.prices, resolution)
        price += sum(_of(more, resolution) for name, more in self.on_top.items() if self.value(given, name))
        if self.by_second:
            return price * self.value(given, "duration")
        if self.priced_frames and self.value(given, "num_frames") > self.priced_frames:
            price = price * self.value(given, "num_frames") / self.priced_frames
            return price.quantize(_MILL, ROUND_UP)
        return price

    def shape(self, given: Json) -> str | None:
        """The aspect that the input decides by a field, its default included; None when an image decides it, if anything."""
        if "width" in self.fields and "height" in self.fields:
            return f"{self.value(given, 'width')}:{self.value(given, 'height')}"
        if self.follows is not None and self.follows in given:
            return None
        shape = self.value(given, "aspect_ratio")
        return None if shape == "match_input_image" else shape

    def value(self, given: Json, field: str) -> Any:  # noqa: ANN401
        """What the input says, or the field's default."""
        return given.get(field, self.fields.get(field, {}).get("default"))

    def problems(self, given: Json) -> list[Json]:
        """Everything that is wrong with an input; a field that the model does not have counts as wrong, too."""
        missing = [name for name, rules in self.fields.items() if rules.get("required") and name not in given]
        found = [_problem("required", name, f"{name} is required") for name in missing]
        for name, value in given.items():
            rules = self.fields.get(name)
            complaint = f"Additional property {name} is not allowed" if rules is None else _complaint(rules, value)
            if complaint:
                found.append(_problem("invalid", name, complaint))
        return found or self._together(given)

    def _together(self, given: Json) -> list[Json]:
        """Finds values that are valid alone but not together."""
        resolution, seconds = str(self.value(given, "resolution")), self.value(given, "duration")
        if resolution not in self.only or seconds in self.only[resolution]:
            return []
        lengths = ", ".join(map(str, self.only[resolution]))
        return [_problem("invalid", "duration", f"must be one of {lengths} for {resolution}")]

    def describe(self) -> Json:
        """The answer to GET /models/{owner}/{name}."""
        owner, _, short = self.name.partition("/")
        properties = {name: _property(name, rules) for name, rules in self.fields.items()}
        required = [name for name, rules in self.fields.items() if rules.get("required")]
        enums = {name: {"enum": rules["enum"]} for name, rules in self.fields.items() if "enum" in rules}
        inner = {"type": "object", "title": "Input", "properties": properties, "required": required}
        document = {"openapi": "3.0.2", "components": {"schemas": {"Input": inner, **enums}}}
        version = {"id": self.version, "created_at": _SINCE, "cog_version": "0.16.0", "openapi_schema": document}
        about = {"owner": owner, "name": short, "url": f"https://replicate.com/{self.name}", "description": None}
        links: Json = {"github_url": None, "paper_url": None, "license_url": None, "cover_image_url": None}
        figures = {"visibility": "public", "is_official": not self.community, "run_count": 1, "default_example": None}
        return {**about, **links, **figures, "latest_version": version}


def _of(prices: Mapping[str, Decimal], resolution: str) -> Decimal:
    return prices[""] if "" in prices else prices[resolution]


def _prices(price: object) -> Mapping[str, Decimal]:
    table = cast("Json", price) if isinstance(price, dict) else {"": price}
    return {resolution: Decimal(str(each)) for resolution, each in table.items()}


def _problem(kind: str, field: str, description: str) -> Json:
    return {"type": kind, "field": f"input.{field}", "description": description}


def _complaint(field: Json, value: object) -> str | None:
    kinds = _TYPES[field["type"]]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return f"must be of type {field['type']}"
    if "enum" in field and value not in field["enum"]:
        return f"must be one of {', '.join(map(str, field['enum']))}"
    return _out_of_range(field, value)


def _out_of_range(field: Json, value: object) -> str | None:
    if isinstance(value, (int, float)):
        if value < field.get("minimum", value):
            return f"must be at least {field['minimum']}"
        if value > field.get("maximum", value):
            return f"must be at most {field['maximum']}"
    if isinstance(value, str) and len(value) > field.get("longest", len(value)):
        return f"must have at most {field['longest']} characters"
    if field.get("format") == "uri" and not str(value).startswith(("http://", "https://", "data:")):
        return "Does not match format 'uri'"
    return None


def _property(name: str, rules: Json) -> Json:
    shown = {key: value for key, value in rules.items() if key not in ("required", "enum", "type", "longest")}
    if "enum" in rules:
        return {**shown, "allOf": [{"$ref": f"#/components/schemas/{name}"}]}
    return {**shown, "type": rules["type"]}


def model_card(name: str, table: Json) -> ModelCard:
    """Reads one model. Raises KeyError for a part that is missing."""
    return ModelCard(
        name=name,
        makes=table["makes"],
        version=table.get("version", hashlib.sha256(name.encode()).hexdigest()),
        community=table.get("community", False),
        prices=_prices(
            table.get("price_per_1000_characters", table.get("price_per_second", table.get("price"))),
        ),
        by_second="price_per_second" in table,
        fields=table["fields"],
        follows=table.get("follows"),
        on_top={name: _prices(more) for name, more in table.get("on_top", {}).items()},
        only=table.get("only", {}),
        priced_frames=table.get("priced_frames"),
    )


def known_models() -> dict[str, ModelCard]:
    """Those of models.toml, by name."""
    text = resources.files("adreel.testing.replicate").joinpath("models.toml").read_text(encoding="utf-8")
    return {name: model_card(name, table) for name, table in tomllib.loads(text)["models"].items()}
