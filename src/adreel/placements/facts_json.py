"""Facts of a film's container as JSON, between the process that reads it and its parent."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from typing import Any, cast

from adreel.placements.streams import FilmFacts, SoundFacts


def to_json(facts: FilmFacts) -> dict[str, Any]:
    """The facts as plain values."""
    return asdict(facts) | {"rate": None if facts.rate is None else str(facts.rate)}


def from_json(reply: dict[str, Any]) -> FilmFacts:
    """Reads what `to_json` wrote."""
    sound = cast("dict[str, Any] | None", reply["sound"])
    plain: dict[str, Any] = reply | {
        "rate": None if reply["rate"] is None else Fraction(reply["rate"]),
        "shown": tuple(reply["shown"]),
        "stored": tuple(reply["stored"]),
        "sound": None if sound is None else SoundFacts(**sound),
    }
    return FilmFacts(**plain)
