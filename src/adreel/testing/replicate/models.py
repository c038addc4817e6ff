"""The models that the stand-in knows: what they take, make and cost."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any

Json = dict[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}


_SINCE = "2025-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """`makes` is video, image, images, text or music. A `community` model runs by its version only."""

    name: str
    makes: str
    version: str
    community: bool
    prices: Mapping[str, Decimal]
    by_second: bool
    fields: Mapping[str, Json]

    def price(self, given: Json) -> Decimal:
        """What a run with this input costs."""
        price = self.prices.get("") or self.prices[str(self.value(given, "resolution"))]
        return price * self.value(given, "duration") if self.by_second else price

    def value(self, given: Json, field: str) -> Any:  # noqa: ANN401
        """What the input says, or the field's default."""
        return given.get(field, self.fields.get(field, {}).get("default"))

    def problems(self, given: Json) -> list[Json]:
        """Everything that is wrong with an input; a field that the model does not have counts as wrong, too."""
        missing = [name for name, field in self.fields.items() if field.get("required") and name not in given]
        found = [_problem("required", name, f"{name} is required") for name in missing]
        for name, value in given.items():
            field = self.fields.get(name)
            complaint = f"Additional property {name} is not allowed" if field is None else _complaint(field, value)
            if complaint:
                found.append(_problem("invalid", name, complaint))
        return found

    def describe(self) -> Json:
        """The answer to GET /models/{owner}/{name}."""
        owner, _, name = self.name.partition("/")
        properties = {field: _property(field, rules) for field, rules in self.fields.items()}
        required = [field for field, rules in self.fields.items() if rules.get("required")]
        enums = {field: {"enum": rules["enum"]} for field, rules in self.fields.items() if "enum" in rules}
        inner = {"type": "object", "title": "Input", "properties": properties, "required": required}
        document = {"openapi": "3.0.2", "components": {"schemas": {"Input": inner, **enums}}}
        version = {"id": self.version, "created_at": _SINCE, "cog_version": "0.16.0", "openapi_schema": document}
        about = {"owner": owner, "name": name, "url": f"https://replicate.com/{self.name}", "description": None}
        links: Json = {"github_url": None, "paper_url": None, "license_url": None, "cover_image_url": None}
        figures = {"visibility": "public", "is_official": not self.community, "run_count": 1, "default_example": None}
        return {**about, **links, **figures, "latest_version": version}


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
    if field.get("format") == "uri" and not str(value).startswith(("http://", "https://", "data:")):
        return "Does not match format 'uri'"
    return None


def _property(name: str, rules: Json) -> Json:
    shown = {key: value for key, value in rules.items() if key not in ("required", "enum", "type")}
    if "enum" in rules:
        return {**shown, "allOf": [{"$ref": f"#/components/schemas/{name}"}]}
    return {**shown, "type": rules["type"]}


def model_card(name: str, table: Json) -> ModelCard:
    """Reads one model. Raises KeyError for a part that is missing."""
    price = table.get("price_per_second", table.get("price"))
    prices = price if isinstance(price, dict) else {"": price}
    return ModelCard(
        name=name,
        makes=table["makes"],
        version=table.get("version", hashlib.sha256(name.encode()).hexdigest()),
        community=table.get("community", False),
        prices={resolution: Decimal(str(each)) for resolution, each in prices.items()},
        by_second="price_per_second" in table,
        fields=table["fields"],
    )


def known_models() -> dict[str, ModelCard]:
    """Those of models.toml, by name."""
    text = resources.files("adreel.testing.replicate").joinpath("models.toml").read_text(encoding="utf-8")
    return {name: model_card(name, table) for name, table in tomllib.loads(text)["models"].items()}
