"""Compares a reading with the rules of a placement, read from their files: a second implementation of what rules mean."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.placements_check.reading import Reading
from benchmarks.report import ROOT

Json = dict[str, Any]

FOLDER = ROOT / "src" / "adreel" / "placements" / "rules"
NOT_READ = frozenset({"text_pixels", "text_points"})
"""Fields that need the places of words: only adreel knows them."""
_SOUND = ("audio_", "sound_", "loudness", "true_peak", "silent")


@dataclass(frozen=True, slots=True)
class Placed:
    """A placement: the aspect and the length of its films, and its rules."""

    name: str
    aspect: str
    seconds: float | None
    rules: tuple[Json, ...]


def placements(folder: Path = FOLDER) -> dict[str, Placed]:
    """All placements that ship."""
    found: dict[str, Placed] = {}
    for file in sorted(folder.glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        common = document.get("rules", [])
        for name, table in document["placements"].items():
            rules = (*common, *table.get("rules", []))
            found[name] = Placed(name, table["aspect"], table.get("seconds"), rules)
    return found


def broken(reading: Reading, placed: Placed) -> list[str]:
    """The rules that a film breaks, as ``level: field is value, asked operator value``."""
    return [_words(reading, rule) for rule in placed.rules if not _holds(reading, rule)]


def read_rules(placed: Placed) -> int:
    """How many of its rules were compared."""
    return sum(rule["field"] not in NOT_READ for rule in placed.rules)


def _words(reading: Reading, rule: Json) -> str:
    value = reading.values[rule["field"]]
    shown = f"{value:.6g}" if isinstance(value, float) else value
    return f"{rule['level']}: {rule['field']} is {shown}, asked {rule['operator']} {rule['value']}"


def _holds(reading: Reading, rule: Json) -> bool:
    field = rule["field"]
    if field in NOT_READ or (field.startswith(_SOUND) and not reading.values["has_audio"]):
        return True
    compare = _COMPARE.get(rule["operator"])
    if compare is None:
        return _shape_holds(reading, rule["operator"], rule["value"], rule.get("tolerance"))
    return compare(reading.values[field], rule["value"], _slack(reading, field))


_COMPARE: dict[str, Callable[[Any, Any, float], bool]] = {
    "is": lambda value, asked, _slack: value is asked,
    "one_of": lambda value, asked, slack: any(_equal(value, each, slack) for each in asked),
    "at_least": lambda value, asked, slack: value >= asked - slack,
    "at_most": lambda value, asked, slack: value <= asked + min(slack, _MOST),
    "below": lambda value, asked, slack: value < asked - slack,
    "between": lambda value, asked, slack: asked[0] - slack <= value <= asked[1] + slack,
    "within": lambda value, asked, _slack: abs(value - asked[0]) <= asked[1] + _LU,
}
_MOST = 0.005
"""Seconds, and frames per second, by which a limit may be passed."""
_LU = 0.1
"""Loudness units by which two meters may differ."""


def _shape_holds(reading: Reading, operator: str, asked: list[str], tolerance: float | None) -> bool:
    width, height = reading.sizes
    if operator == "covers_one_of":
        return any(width >= wide and height >= high for wide, high in map(_size, asked))
    if operator == "portrait_one_of":
        return width >= height or (width, height) in map(_size, asked)
    ratios = [Fraction(*map(Fraction, text.split(":"))) for text in asked]
    if operator == "aspect_between":
        return ratios[0] * Fraction(999, 1000) <= Fraction(width, height) <= ratios[1] * Fraction(1001, 1000)
    return any(abs(float(Fraction(width, height) / ratio) - 1) <= (tolerance or 0.002) for ratio in ratios)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _slack(reading: Reading, field: str) -> float:
    """A frame for lengths, 0.005 for rates."""
    return {"seconds": 1 / reading.values["frame_rate"] + 0.001, "frame_rate": 0.005}.get(field, 0.0)


def _equal(value: object, asked: object, slack: float) -> bool:
    if isinstance(value, float) and isinstance(asked, int | float):
        return abs(value - asked) <= slack
    return value == asked
