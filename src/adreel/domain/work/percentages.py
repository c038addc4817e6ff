"""All percentages of progress, as data, and the functions that compute with them.

No other module has such figures: `tests/unit/test_house_percentages.py` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp
from typing import NamedTuple

from adreel.domain.sessions.stage import Action, Stage


class ProgressSpan(NamedTuple):
    """A part of the whole: where it begins and ends, in percent, or as shares (0–1) of a piece of work."""

    start: float
    end: float

    def at(self, fraction: float) -> float:
        """The place at `fraction` (0–1, clamped) of this part."""
        return self.start + (self.end - self.start) * _within(fraction)

    def fraction(self, place: float) -> float:
        """The inverse of `at`: 0–1, clamped. 0 for an empty part."""
        length = self.end - self.start
        return _within((place - self.start) / length) if length else 0.0


def _within(fraction: float) -> float:
    return min(1.0, max(0.0, fraction))


WHOLE = ProgressSpan(0, 100)


def percent_of(fraction: float) -> float:
    """A fraction as percent, clamped to 0–100, with one decimal."""
    return round(WHOLE.at(fraction), 1)


class ProgressStage(StrEnum):
    """The stages of a film that is made in one go, in order."""

    READING = "reading"
    IMAGES = "making images"
    PLANNING = "planning scenes"
    CLIPS = "making clips"
    COMPOSING = "composing"
    COMPLETE = "complete"


Spans = Mapping[ProgressStage, ProgressSpan]
"""Percent of the whole job at which each stage begins and ends."""

MAKE_SPANS: Spans = {
    ProgressStage.READING: ProgressSpan(0, 2),
    ProgressStage.PLANNING: ProgressSpan(2, 4),
    ProgressStage.CLIPS: ProgressSpan(4, 92),
    ProgressStage.COMPOSING: ProgressSpan(92, 100),
    ProgressStage.COMPLETE: ProgressSpan(100, 100),
}
"""Photos to film: rendering clips takes nearly all of the time."""

HOSTED_SPANS: Spans = {
    ProgressStage.READING: ProgressSpan(0, 2),
    ProgressStage.IMAGES: ProgressSpan(2, 20),
    ProgressStage.PLANNING: ProgressSpan(20, 22),
    ProgressStage.CLIPS: ProgressSpan(22, 90),
    ProgressStage.COMPOSING: ProgressSpan(90, 100),
    ProgressStage.COMPLETE: ProgressSpan(100, 100),
}
"""Prompt or photos to film with hosted models: waiting for clips takes nearly all of the time."""

COMPOSE_SPANS: Spans = {
    ProgressStage.READING: ProgressSpan(0, 10),
    ProgressStage.COMPOSING: ProgressSpan(10, 100),
    ProgressStage.COMPLETE: ProgressSpan(100, 100),
}
"""Clips to film: examines the clips, then conforms and joins them."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a session's work: the session's stage, and the percentages at which it begins and ends."""

    stage: Stage
    span: ProgressSpan

    def percent(self, fraction: float) -> float:
        """The session's percentage at `fraction` (0–1, clamped), with one decimal."""
        return round(self.span.at(fraction), 1)


PARSING = Phase(Stage.IMAGE_GENERATION, ProgressSpan(0, 10))
IMAGES = Phase(Stage.IMAGE_GENERATION, ProgressSpan(10, 50))
IMAGES_READY = Phase(Stage.IMAGE_SELECTION, ProgressSpan(50, 50))
PLANNING = Phase(Stage.CLIP_GENERATION, ProgressSpan(55, 55))
CLIPS = Phase(Stage.CLIP_GENERATION, ProgressSpan(55, 90))
CLIPS_READY = Phase(Stage.CLIP_SELECTION, ProgressSpan(90, 90))
COMPOSING = Phase(Stage.FINAL_COMPOSITION, ProgressSpan(92, 98))
COMPLETE = Phase(Stage.COMPLETE, ProgressSpan(100, 100))

RESTING: Mapping[Stage, float] = {
    Stage.CREATED: PARSING.span.start,
    Stage.IMAGE_GENERATION: PARSING.span.start,
    Stage.IMAGE_SELECTION: IMAGES_READY.span.end,
    Stage.CLIP_GENERATION: CLIPS.span.start,
    Stage.CLIP_SELECTION: CLIPS_READY.span.end,
    Stage.FINAL_COMPOSITION: COMPOSING.span.start,
    Stage.COMPLETE: COMPLETE.span.end,
}
"""The percentage of a session without a running job; a job that failed or was cancelled returns to it."""


def writing_phase(stage: Stage) -> Phase:
    """The phase in which a script is written, which leaves the session at its stage and its percentage."""
    return Phase(stage, ProgressSpan(RESTING[stage], RESTING[stage]))


JOB_SPANS: Mapping[Action, ProgressSpan] = {
    Action.GENERATE_IMAGES: ProgressSpan(PARSING.span.start, IMAGES.span.end),
    Action.GENERATE_CLIPS: CLIPS.span,
    Action.REGENERATE_CLIP: CLIPS.span,
    Action.COMPOSE: COMPOSING.span,
    Action.WRITE_SCRIPT: IMAGES_READY.span,
}
"""Percent of the session at which each kind of job begins and ends."""

_WORKING: Mapping[Stage, ProgressSpan] = {
    Stage.IMAGE_GENERATION: JOB_SPANS[Action.GENERATE_IMAGES],
    Stage.CLIP_GENERATION: JOB_SPANS[Action.GENERATE_CLIPS],
    Stage.FINAL_COMPOSITION: JOB_SPANS[Action.COMPOSE],
}


def job_percent(stage: Stage, percent: float) -> float | None:
    """The job's own progress (0–100) at a session's stage and percentage; None for a stage without a job."""
    span = _WORKING.get(stage)
    return None if span is None else percent_of(span.fraction(percent))


JOB_DONE = WHOLE.end
"""The progress of a job that has completed."""

_IN_FILM: Mapping[Stage, tuple[ProgressStage, ProgressSpan]] = {
    Stage.IMAGE_GENERATION: (ProgressStage.IMAGES, JOB_SPANS[Action.GENERATE_IMAGES]),
    Stage.IMAGE_SELECTION: (ProgressStage.IMAGES, JOB_SPANS[Action.GENERATE_IMAGES]),
    Stage.CLIP_GENERATION: (ProgressStage.CLIPS, CLIPS.span),
    Stage.CLIP_SELECTION: (ProgressStage.CLIPS, CLIPS.span),
}


def film_progress(stage: Stage, percent: float) -> tuple[ProgressStage, float] | None:
    """A session's stage and percentage as those of a film with hosted models; None for a stage that the film does not have."""
    if stage not in _IN_FILM:
        return None
    film_stage, span = _IN_FILM[stage]
    return film_stage, HOSTED_SPANS[film_stage].at(span.fraction(percent))


CLIP_DRAWN = 0.95
"""Share of a drawn clip's work that is drawing; the rest is storing."""

CLIPS_REDRAWN = 0.6
"""Share of a film's work that is drawing when clips must be drawn again in another size."""

CLIPS_CONFORMED, SOUND_MADE = 0.75, 0.95
"""Shares of a film's work that are done then, for films whose clips must be conformed."""


class PartState(StrEnum):
    """The states of a hosted clip or image: being ordered, waiting for a machine, being made, being fetched and stored."""

    ORDERING = "ordering"
    WAITING = "waiting"
    MAKING = "making"
    RECEIVING = "receiving"


_PARTS: Mapping[PartState, ProgressSpan] = {
    PartState.ORDERING: ProgressSpan(0, 0),
    PartState.WAITING: ProgressSpan(0.02, 0.02),
    PartState.MAKING: ProgressSpan(0.05, 0.9),
    PartState.RECEIVING: ProgressSpan(0.9, 0.9),
}
"""Shares of the work of a hosted clip or image."""

_AT_TYPICAL = 0.8
"""The estimate when the typical time is over; beyond it, the estimate approaches 1 and never reaches it."""


def part_fraction(state: PartState, done: float) -> float:
    """The fraction (0–1) of a hosted clip or image; `done` (0–1) counts while it is made."""
    return _PARTS[state].at(done)


def fraction_by_time(seconds: float, typical: float) -> float:
    """An estimate (0–1) of the work done after `seconds`, from the typical seconds (more than 0) of such work."""
    share = max(0.0, seconds) / typical
    if share <= 1:
        return _AT_TYPICAL * share
    return 1 - (1 - _AT_TYPICAL) * exp(1 - share)
