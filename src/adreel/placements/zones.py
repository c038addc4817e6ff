"""Compares where the words of a film stand with what a platform covers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from adreel.domain.films.box import Box
from adreel.domain.films.shown_words import ShownWords
from adreel.placements.measurements import Measurements
from adreel.placements.placement import SafeZone

_WIDTH, _HEIGHT = 1080, 1920
"""The frame in which zones are given."""

_TOLERANCE = 0.02
"""Share by which a frame may differ from 9:16 and be shown as one."""

_SOFT = 1.0
"""Pixels by which a box may reach into a zone: letters end in soft edges."""


class Outcome(StrEnum):
    """NOT_APPLICABLE: the film has no such stream or shape. NOT_CHECKED: the value cannot be measured in this file."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class ZoneVerdict:
    """How the words of a film keep clear of a zone; `covered` are those that do not."""

    zone: SafeZone
    outcome: Outcome
    covered: tuple[ShownWords, ...] = ()

    @property
    def measured(self) -> str:
        """The outcome for people."""
        if self.outcome is Outcome.NOT_CHECKED:
            return "not checked: where the words of this film stand is not known"
        if self.outcome is Outcome.NOT_APPLICABLE:
            return "not applicable: the film is not 9:16"
        return "all words are clear of it" if not self.covered else f"covered: {_listed(self.covered)}"


def judge_zone(found: Measurements, zone: SafeZone | None) -> ZoneVerdict | None:
    """Compares all words of a film with a zone; None for a placement without one."""
    if zone is None:
        return None
    if abs(float(found.aspect) * _HEIGHT / _WIDTH - 1) > _TOLERANCE:
        return ZoneVerdict(zone, Outcome.NOT_APPLICABLE)
    if found.words is None:
        return ZoneVerdict(zone, Outcome.NOT_CHECKED)
    clear = clear_area(zone, found.width, found.height).grown(_SOFT)
    covered = tuple(each for each in found.words if not clear.holds(each.box))
    return ZoneVerdict(zone, Outcome.FAILED if covered else Outcome.PASSED, covered)


def clear_area(zone: SafeZone, width: int, height: int) -> Box:
    """The part of a frame that a platform does not cover, in pixels."""
    across, down = width / _WIDTH, height / _HEIGHT
    return Box(zone.left * across, zone.top * down, width - zone.right * across, height - zone.bottom * down)


def _listed(words: Sequence[ShownWords]) -> str:
    return ", ".join(_named(each) for each in words)


def _named(words: ShownWords) -> str:
    """Words of any file: only what can be printed of them."""
    text = "".join(character for character in words.text if character.isprintable())[:60]
    kind = "".join(character for character in words.kind if character.isprintable())[:20]
    return f"{kind} {text!r}" if text else kind
