"""The four steps of a film, and which of them a session calls for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adreel.domain.session import AssetKind, SessionRecord, SessionView
from adreel.domain.stage import ALLOWED, Action, Stage


class Step(StrEnum):
    IMAGES = "images"
    CLIPS = "clips"
    FINISH = "finish"
    RESULT = "result"


_OF: Mapping[Stage, Step] = {
    Stage.CREATED: Step.IMAGES,
    Stage.IMAGE_GENERATION: Step.IMAGES,
    Stage.IMAGE_SELECTION: Step.IMAGES,
    Stage.CLIP_GENERATION: Step.CLIPS,
    Stage.CLIP_SELECTION: Step.CLIPS,
    Stage.FINAL_COMPOSITION: Step.FINISH,
    Stage.COMPLETE: Step.RESULT,
}
_TITLES: Mapping[Step, str] = {Step.IMAGES: "Images", Step.CLIPS: "Clips", Step.FINISH: "Finish", Step.RESULT: "Film"}


@dataclass(frozen=True, slots=True)
class StepLink:
    """A step as it is shown: `is_open` when there is something to do or to see."""

    name: Step
    title: str
    is_open: bool


def step_of(session: SessionRecord) -> Step:
    """Where a person goes on."""
    return _OF.get(_acting(session), Step.IMAGES)


def may(session: SessionRecord, action: Action) -> bool:
    """Whether an action may begin, as far as the stage is concerned."""
    return _acting(session) in ALLOWED[action]


def step_links(view: SessionView) -> tuple[StepLink, ...]:
    session = view.session
    is_open = {
        Step.IMAGES: True,
        Step.CLIPS: bool(session.approved_image_ids or view.of_kind(AssetKind.CLIP)),
        Step.FINISH: bool(session.approved_clip_ids),
        Step.RESULT: bool(view.of_kind(AssetKind.FINAL)),
    }
    return tuple(StepLink(step, _TITLES[step], is_open[step]) for step in Step)


def _acting(session: SessionRecord) -> Stage:
    """A session that failed acts as before."""
    return session.return_stage if session.stage is Stage.FAILED and session.return_stage else session.stage
