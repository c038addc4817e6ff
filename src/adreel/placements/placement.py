"""Placements and their rules: where an ad is shown and what its file must be, each rule with its source and day. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What happens to a film that breaks a rule.

    REJECT: the platform refuses the file. INELIGIBLE: the page states a requirement without saying that the file is refused;
    the film may not be shown. ADVICE: a recommendation.
    """

    REJECT = "reject"
    INELIGIBLE = "ineligible"
    ADVICE = "advice"


class Operator(StrEnum):
    """How a measured value is compared with a rule's value; `judge` says what each one means."""

    IS = "is"
    ONE_OF = "one_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BELOW = "below"
    BETWEEN = "between"
    WITHIN = "within"
    COVERS_ONE_OF = "covers_one_of"
    PORTRAIT_ONE_OF = "portrait_one_of"
    ASPECT_ONE_OF = "aspect_one_of"
    ASPECT_BETWEEN = "aspect_between"


RuleValue = bool | float | str | tuple[float | str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule was read, and when: a day or a month, as ISO 8601 writes them."""

    text: str
    seen_on: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `field` names a value of `Measurements`, or `size`. `tolerance` is the share by which an aspect may differ.
    `disputed_by` says what other pages of the platform state instead, `note` to which films the rule applies."""

    field: str
    operator: Operator
    value: RuleValue
    level: Level
    source: Source
    tolerance: float | None = None
    note: str = ""
    disputed_by: str = ""


@dataclass(frozen=True, slots=True)
class SafeZone:
    """Pixels at each side of a frame of 1080x1920 that the platform covers with its own controls."""

    top: int
    bottom: int
    left: int
    right: int
    source: Source
    disputed_by: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """A place where ads are shown. `aspect` is the one in which adreel makes a film for it, `seconds` the length of such a film
    where the placement has a length of its own; None leaves the length to the film, within the rules."""

    name: str
    title: str
    aspect: str
    rules: tuple[Rule, ...]
    seconds: float | None = None
    safe_zone: SafeZone | None = None
    own: bool = False

    def rules_of(self, field: str) -> tuple[Rule, ...]:
        """Returns the rules about one field."""
        return tuple(rule for rule in self.rules if rule.field == field)
