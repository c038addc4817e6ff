"""Reads the placements that ship with adreel, with the user's own file laid over them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import cast

from adreel.catalogue.fields import Entry
from adreel.domain.errors import InputError
from adreel.domain.films.formats import ASPECTS, ratio_of
from adreel.placements.measurements import FIELDS
from adreel.placements.placement import Level, Operator, Placement, Rule, RuleValue, SafeZone, Source

Placements = Mapping[str, Placement]

OWN_SOURCE = Source("your own file", "")
_LONGEST_REASON = 300
_LISTS = frozenset(
    {
        *(Operator.ONE_OF, Operator.COVERS_ONE_OF, Operator.PORTRAIT_ONE_OF, Operator.ASPECT_ONE_OF),
        *(Operator.BETWEEN, Operator.WITHIN, Operator.ASPECT_BETWEEN),
    }
)
_PAIRS = frozenset({Operator.BETWEEN, Operator.WITHIN, Operator.ASPECT_BETWEEN})
_NUMBERS = frozenset({Operator.AT_LEAST, Operator.AT_MOST, Operator.BELOW, Operator.BETWEEN, Operator.WITHIN})
_SIZES = frozenset({Operator.COVERS_ONE_OF, Operator.PORTRAIT_ONE_OF})
_ASPECTS = frozenset({Operator.ASPECT_ONE_OF, Operator.ASPECT_BETWEEN})


def load_placements(own: Path | None = None) -> Placements:
    """Returns all placements by name. A rule of `own` replaces the shipped rules about the same field of that placement; a
    placement that does not ship needs a title and an aspect.

    Raises InputError that names the file, the placement and the field at fault.
    """
    shipped = _shipped()
    return shipped if own is None else _laid_over(shipped, own)


def find_placements(known: Placements, names: tuple[str, ...]) -> tuple[Placement, ...]:
    """Returns the placements of these names, each once. Raises InputError for an unknown name."""
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"no placement is called {unknown[0]!r}; choose from {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names))


@cache
def _shipped() -> Placements:
    folder = resources.files("adreel.placements").joinpath("rules")
    found: dict[str, Placement] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        found |= _read(file.read_text(encoding="utf-8"), f"the rules in {file.name}", {})
    return MappingProxyType(found)


def _laid_over(shipped: Placements, own: Path) -> Placements:
    try:
        text = own.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the placements {own}: {error}") from error
    return MappingProxyType({**shipped, **_read(text, str(own), shipped)})


def _read(text: str, where: str, shipped: Placements) -> dict[str, Placement]:
    try:
        document = Entry(where, tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not valid TOML: {str(error)[:_LONGEST_REASON]}") from error
    sources = _sources(document)
    common = _rules(document, sources)
    tables = document.entry("placements")
    document.finish()
    return {name: _placement(name, tables.entry(name), sources, common, shipped.get(name)) for name in tables.names()}


def _sources(document: Entry) -> Mapping[str, Source]:
    if "sources" not in document:
        return {}
    tables = document.entry("sources")
    return {name: _source(tables.entry(name)) for name in tables.names()}


def _source(entry: Entry) -> Source:
    found = Source(entry.text("text"), entry.text("seen_on"))
    entry.finish()
    return found


def _placement(
    name: str, entry: Entry, sources: Mapping[str, Source], common: tuple[Rule, ...], shipped: Placement | None
) -> Placement:
    rules = (*common, *_rules(entry, sources))
    found = Placement(
        name=name,
        title=entry.text("title") if shipped is None or "title" in entry else shipped.title,
        aspect=_aspect(entry) if shipped is None or "aspect" in entry else shipped.aspect,
        rules=rules,
        seconds=_seconds(entry),
        safe_zone=_safe_zone(entry, sources),
        own=not _is_shipped(entry),
    )
    entry.finish()
    return found if shipped is None else _over(shipped, found)


def _is_shipped(entry: Entry) -> bool:
    return entry.where.startswith("the rules in ")


def _over(shipped: Placement, own: Placement) -> Placement:
    replaced = {rule.field for rule in own.rules}
    kept = tuple(rule for rule in shipped.rules if rule.field not in replaced)
    return replace(
        own,
        rules=(*kept, *own.rules),
        seconds=shipped.seconds if own.seconds is None else own.seconds,
        safe_zone=own.safe_zone or shipped.safe_zone,
    )


def _aspect(entry: Entry) -> str:
    return entry.one_of("aspect", list(ASPECTS))


def _seconds(entry: Entry) -> float | None:
    return entry.number("seconds") if "seconds" in entry else None


def _safe_zone(entry: Entry, sources: Mapping[str, Source]) -> SafeZone | None:
    if "safe_zone" not in entry:
        return None
    sides = entry.entry("safe_zone")
    top, bottom, left, right = (
        sides.whole(side) if side in sides else 0 for side in ("top", "bottom", "left", "right")
    )
    sides.finish()
    source = _named_source(entry, "safe_zone_source", sources)
    return SafeZone(top, bottom, left, right, source, entry.text_or_none("safe_zone_disputed_by") or "")


def _named_source(entry: Entry, field: str, sources: Mapping[str, Source]) -> Source:
    if field not in entry and not sources:
        return OWN_SOURCE
    return sources[entry.one_of(field, list(sources))]


def _rules(entry: Entry, sources: Mapping[str, Source]) -> tuple[Rule, ...]:
    if "rules" not in entry:
        return ()
    return tuple(_rule(each, sources) for each in entry.entries("rules"))


def _rule(entry: Entry, sources: Mapping[str, Source]) -> Rule:
    field = entry.one_of("field", list(FIELDS))
    operator = Operator(entry.one_of("operator", list(Operator)))
    found = Rule(
        field=field,
        operator=operator,
        value=_value(entry.named(field), operator),
        level=Level(entry.one_of("level", list(Level))),
        source=_named_source(entry, "source", sources),
        tolerance=entry.number("tolerance") if "tolerance" in entry else None,
        note=entry.text_or_none("note") or "",
        disputed_by=entry.text_or_none("disputed_by") or "",
    )
    entry.raw("value")
    entry.finish()
    return found


def _value(entry: Entry, operator: Operator) -> RuleValue:
    value = entry.raw("value")
    parts = tuple(cast("list[object]", value)) if isinstance(value, list) else (value,)
    if isinstance(value, list) is not (operator in _LISTS) or not parts or (operator in _PAIRS and len(parts) != 2):
        raise entry.complaint("value", f"what {operator} compares with: {_shape(operator)}")
    if not all(_fits(part, operator) for part in parts):
        raise entry.complaint("value", f"what {operator} compares with: {_shape(operator)}")
    return cast("RuleValue", parts if operator in _LISTS else value)


def _fits(part: object, operator: Operator) -> bool:
    if operator is Operator.IS:
        return isinstance(part, bool)
    if operator in _NUMBERS:
        return isinstance(part, int | float) and not isinstance(part, bool)
    if operator in _SIZES:
        width, _, height = str(part).partition("x")
        return width.isdecimal() and height.isdecimal()
    if operator in _ASPECTS:
        return _is_aspect(str(part))
    return isinstance(part, int | float | str) and not isinstance(part, bool)


def _is_aspect(text: str) -> bool:
    try:
        ratio_of(text)
    except InputError:
        return False
    return True


def _shape(operator: Operator) -> str:
    if operator is Operator.IS:
        return "true or false"
    if operator in _PAIRS:
        return "a list of two aspects" if operator in _ASPECTS else "a list of two numbers"
    if operator in _LISTS:
        kind = 'sizes such as "1080x1920"' if operator in _SIZES else "values"
        return f"a list of {'aspects' if operator in _ASPECTS else kind}"
    return "a number"
