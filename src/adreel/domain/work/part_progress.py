"""The progress of a job's parts (clips or images) in the data of events. Fractions are 0–1, by the index of the part."""

from __future__ import annotations

from collections.abc import Mapping

from adreel.domain.sessions.session import Json


def one_part(noun: str, index: int, fraction: float) -> Json:
    """The progress of one part. `noun` is clip or image."""
    return {f"{noun}_index": index, f"{noun}_fraction": round(fraction, 4)}


def all_parts(noun: str, fractions: Mapping[int, float]) -> Json:
    """The progress of all parts so far; JSON has no integers as keys."""
    return {f"{noun}_fractions": {str(index): round(fraction, 4) for index, fraction in sorted(fractions.items())}}


def read_parts(data: Json, noun: str) -> dict[int, float]:
    """What an event says of parts; empty for one that says nothing of them."""
    found = {int(index): float(fraction) for index, fraction in data.get(f"{noun}_fractions", {}).items()}
    if f"{noun}_index" in data:
        found[int(data[f"{noun}_index"])] = float(data[f"{noun}_fraction"])
    return found
