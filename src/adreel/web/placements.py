"""View models of the film screen: placements to make the film for, its passport, the verdict on its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adreel.domain.sessions.session import Asset
from adreel.placements.judge import asked_words
from adreel.placements.loader import Placements
from adreel.placements.measurements import FIELDS
from adreel.placements.placement import Level, Placement

_NEEDS = ("seconds", "frame_rate", "video_kbps", "bytes", "has_audio", "loudness", "audio_kbps")
"""Fields whose rules say what a placement needs, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class PlacementChoice:
    """A placement that a film can be made for; `needs` says what its file must be."""

    name: str
    title: str
    aspect: str
    needs: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule and how a film keeps it. `cited` is its source with the month in which that was read."""

    name: str
    measured: str
    asked: str
    outcome: str
    level: str
    cited: str


@dataclass(frozen=True, slots=True)
class PassportView:
    """What the screen shows of a passport. `title` and `result` are those of its placement, "" for none; broken rules come
    first."""

    statement: tuple[str, ...]
    attestations: tuple[Mapping[str, Any], ...]
    title: str
    result: str
    rules: tuple[RuleView, ...]
    left: tuple[str, ...]


def placement_choices(placements: Placements) -> tuple[PlacementChoice, ...]:
    """All placements, in the order of their data."""
    return tuple(
        PlacementChoice(each.name, each.title, each.aspect, ", ".join(_needs(each))) for each in placements.values()
    )


def _needs(placement: Placement) -> Iterator[str]:
    if placement.seconds is not None:
        yield f"{placement.seconds:g} s"
    for field in _NEEDS:
        rules = [rule for rule in placement.rules_of(field) if rule.level is not Level.ADVICE]
        if rules and not (field == "seconds" and placement.seconds is not None):
            yield f"{FIELDS[field][0]} {asked_words(rules[0])}"
    if placement.safe_zone is not None:
        yield "words clear of its buttons"


_RESULTS: Mapping[str | None, str] = {
    None: "fits",
    "advice": "fits, with advice",
    "ineligible": "not eligible",
    "reject": "would be rejected",
}


def passport_view(film: Asset | None) -> PassportView | None:
    """The passport of a film; None for a draft and for a film of an older version."""
    stored = None if film is None else film.film_details.passport
    if stored is None:
        return None
    verdict: Mapping[str, Any] = stored["verdict"] or {}
    return PassportView(
        statement=tuple(stored["credentials"]["statement"]),
        attestations=tuple(stored["attestations"]),
        title=str(verdict.get("title", "")),
        result=_RESULTS[verdict["level"]] if verdict else "",
        rules=tuple(sorted(_rules(verdict), key=lambda rule: rule.outcome != "failed")),
        left=tuple(verdict.get("left", ())),
    )


def _rules(verdict: Mapping[str, Any]) -> Iterator[RuleView]:
    for rule in verdict.get("rules", ()):
        name = FIELDS.get(rule["field"], (rule["field"], ""))[0]
        yield RuleView(name, rule["measured"], rule["asked"], rule["outcome"], rule["level"], _cited(rule))
    zone = verdict.get("safe_zone")
    if zone is not None:
        asked = f"clear of {zone['top']} top, {zone['bottom']} bottom, {zone['left']} left, {zone['right']} right"
        yield RuleView("words", zone["measured"], f"{asked} of 1080 × 1920", zone["outcome"], "advice", _cited(zone))


def _cited(rule: Mapping[str, Any]) -> str:
    seen = f", seen {rule['seen_on']}" if rule["seen_on"] else ""
    disputed = f"; disputed: {rule['disputed_by']}" if rule["disputed_by"] else ""
    return f"{rule['source']}{seen}{disputed}"
