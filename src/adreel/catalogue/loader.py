"""Reads models.toml into typed models, with the user's own file merged over it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import TypeVar, cast

from adreel.catalogue.fields import Entry
from adreel.catalogue.kinds import OWN_SOURCE, read_image, read_speech, read_text, read_video
from adreel.catalogue.models import Catalogue, Model
from adreel.domain.errors import InputError

Tables = dict[str, dict[str, object]]
M = TypeVar("M", bound=Model)

_KINDS = ("video", "image", "text", "speech")
_RETIRED = ("end_image_field",)
"""Fields of older own files that are ignored: they never had an effect."""

_PRICE_SOURCE = ("source", "seen_on", "price_is_estimate")

_LONGEST_REASON = 300


def load_catalogue(own: Path | None = None, providers: Collection[str] | None = None) -> Catalogue:
    """The catalogue that ships with adreel, with the models of the person's own file laid over it, field by field.

    `providers` are those that there are; None takes every name. Raises InputError when the file cannot be read, or that names the
    model and field at fault.
    """
    tables = _tables(resources.files("adreel.catalogue").joinpath("models.toml").read_text(encoding="utf-8"), "ours")
    for name, fields in (_own_tables(own) if own else {}).items():
        tables[name] = _laid_over(tables.get(name, {}), fields)
    found = _catalogue(tables)
    if providers is not None:
        _check_providers(found, providers)
    return found


def _laid_over(shipped: dict[str, object], own: dict[str, object]) -> dict[str, object]:
    """Merges an own entry over a shipped one. An own price without a source must not appear under the shipped source."""
    overrides = {name: value for name, value in own.items() if name not in _RETIRED}
    if shipped and not any(map(_is_price, overrides)):
        return {**shipped, **overrides}
    base = {name: value for name, value in shipped.items() if name not in _PRICE_SOURCE and not _is_price(name)}
    return {**base, "source": OWN_SOURCE, **overrides}


def _is_price(name: str) -> bool:
    return name.startswith("price_per_")


def own_names(own: Path | None) -> frozenset[str]:
    """Returns the names of the models that the user's own file adds or changes. Raises InputError when it cannot be read."""
    return frozenset(_own_tables(own)) if own else frozenset()


def parse_catalogue(text: str) -> Catalogue:
    """Parses catalogue TOML. Raises InputError that names the model and field at fault."""
    return _catalogue(_tables(text, "the catalogue"))


def _own_tables(path: Path) -> Tables:
    try:
        return _tables(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the catalogue {path}: {error}") from error


def _tables(text: str, source: str) -> Tables:
    try:
        models: object = tomllib.loads(text).get("models", {})
    except (ValueError, RecursionError) as error:
        # Also for numbers with thousands of digits, and lists nested thousands deep.
        raise InputError(f"{source} is not valid TOML: {str(error)[:_LONGEST_REASON]}") from error
    if not isinstance(models, dict):
        raise InputError(f"{source}: 'models' must be tables, as [models.NAME]")
    found: Tables = {}
    for name, fields in cast("dict[str, object]", models).items():
        if not isinstance(fields, dict):
            raise InputError(f"{source}: the model {name!r} must be a table, as [models.{name}]")
        found[name] = cast("dict[str, object]", fields)
    return found


def _catalogue(tables: Tables) -> Catalogue:
    by_kind: dict[str, Tables] = {kind: {} for kind in _KINDS}
    for name, fields in tables.items():
        kind = Entry(_where(name), fields).one_of("kind", _KINDS)
        by_kind[kind][name] = {key: value for key, value in fields.items() if key != "kind"}
    return Catalogue(
        videos=_read_all(by_kind["video"], read_video),
        images=_read_all(by_kind["image"], read_image),
        texts=_read_all(by_kind["text"], read_text),
        speeches=_read_all(by_kind["speech"], read_speech),
    )


def _check_providers(catalogue: Catalogue, known: Collection[str]) -> None:
    kinds = (catalogue.videos, catalogue.images, catalogue.texts, catalogue.speeches)
    models = (model for kind in kinds for model in kind.values())
    wrong = next((model.name for model in models if model.provider not in known), None)
    if wrong is not None:
        raise InputError(f"{_where(wrong)}: the field 'provider' must be one of {', '.join(known)}")


def _read_all(tables: Tables, read: Callable[[str, Entry], M]) -> Mapping[str, M]:
    found: dict[str, M] = {}
    for name, fields in tables.items():
        entry = Entry(_where(name), fields)
        found[name] = read(name, entry)
        entry.finish()
    return found


def _where(name: str) -> str:
    return f"the catalogue's model {name!r}"
