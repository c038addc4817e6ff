"""Reads models.toml into typed records. Facts live in the file, not in code."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import TypeVar, cast

from adreel.catalogue.fields import Entry
from adreel.catalogue.kinds import read_image, read_music, read_text, read_video
from adreel.catalogue.models import Catalogue, Model
from adreel.domain.errors import InputError

Tables = dict[str, dict[str, object]]
M = TypeVar("M", bound=Model)

_KINDS = ("video", "image", "text", "music")


def load_catalogue(own: Path | None = None) -> Catalogue:
    """The catalogue that ships with adreel, with the models of the person's own file laid over it, field by field.

    Raises InputError when the file cannot be read, or that names the model and field at fault.
    """
    tables = _tables(resources.files("adreel.catalogue").joinpath("models.toml").read_text(encoding="utf-8"), "ours")
    for name, fields in (_own_tables(own) if own else {}).items():
        tables[name] = {**tables.get(name, {}), **fields}
    return _catalogue(tables)


def own_names(own: Path | None) -> frozenset[str]:
    """Names of the models that the person's own file adds or changes. Raises InputError when it cannot be read."""
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
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source} is not valid TOML: {error}") from error
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
        musics=_read_all(by_kind["music"], read_music),
    )


def _read_all(tables: Tables, read: Callable[[str, Entry], M]) -> Mapping[str, M]:
    found: dict[str, M] = {}
    for name, fields in tables.items():
        entry = Entry(_where(name), fields)
        found[name] = read(name, entry)
        entry.finish()
    return found


def _where(name: str) -> str:
    return f"the catalogue's model {name!r}"
