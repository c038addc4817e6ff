"""Bodies of the check of films against placements."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Level = Literal["reject", "ineligible", "advice"]
Outcome = Literal["passed", "failed", "not applicable", "not checked"]


class CheckedRule(BaseModel):
    """A rule, how the film keeps it, and where the rule was read and when."""

    field: str
    outcome: Outcome
    level: Level = Field(description="What breaking the rule means")
    measured: str
    asked: str
    source: str
    seen_on: str | None = Field(description="The month or day on which the source was read")
    note: str | None
    disputed_by: str | None = Field(description="What other pages of the platform say")


class CheckedZone(BaseModel):
    """Pixels of a frame of 1080x1920 that the platform covers, and how the words of the film keep clear of them."""

    top: int
    bottom: int
    left: int
    right: int
    outcome: Outcome
    measured: str
    covered: list[dict[str, Any]] = Field(description="The words under the platform's own controls, with their boxes")
    source: str
    seen_on: str | None
    disputed_by: str | None


class CheckedPlacement(BaseModel):
    """The verdicts for one placement; `level` is the worst of the broken rules."""

    placement: str
    title: str
    level: Level | None
    rules: list[CheckedRule]
    safe_zone: CheckedZone | None


class CheckedFilm(BaseModel):
    """A checked film. `error` says why it cannot be read; then nothing was measured."""

    film: str
    grade: Literal["fit", "advice", "refused", "unreadable"]
    error: str | None
    measured: dict[str, Any] | None = Field(description="Everything that was measured, by name")
    placements: list[CheckedPlacement]


class PlacementListed(BaseModel):
    """A placement that films can be checked for. `seconds` is its length, where it has one of its own."""

    name: str
    title: str
    aspect: str = Field(description="The aspect in which adreel makes films for it")
    seconds: float | None
    rules: int
