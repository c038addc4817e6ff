"""The stages of a session, the transitions between them, and the actions allowed at each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from adreel.domain.errors import StageError


class Stage(StrEnum):
    """The stage of a session. A `FAILED` session also stores the stage to return to, so that nothing paid is bought again."""

    CREATED = "created"
    IMAGE_GENERATION = "image_generation"
    IMAGE_SELECTION = "image_selection"
    CLIP_GENERATION = "clip_generation"
    CLIP_SELECTION = "clip_selection"
    FINAL_COMPOSITION = "final_composition"
    COMPLETE = "complete"
    FAILED = "failed"


class Action(StrEnum):
    """The actions that a user can request in a session."""

    UPLOAD_IMAGES = "upload images"
    GENERATE_IMAGES = "generate images"
    APPROVE_IMAGES = "approve images"
    GENERATE_CLIPS = "generate clips"
    REGENERATE_CLIP = "make a new take of a clip"
    APPROVE_CLIPS = "approve clips"
    COMPOSE = "compose the final video"
    WRITE_SCRIPT = "write the script"


_SELECTING = frozenset({Stage.IMAGE_SELECTION, Stage.CLIP_SELECTION, Stage.FINAL_COMPOSITION, Stage.COMPLETE})
_HAVE_CLIPS = frozenset({Stage.CLIP_SELECTION, Stage.FINAL_COMPOSITION, Stage.COMPLETE})

ALLOWED: Mapping[Action, frozenset[Stage]] = {
    Action.UPLOAD_IMAGES: _SELECTING | {Stage.CREATED},
    Action.GENERATE_IMAGES: _SELECTING | {Stage.CREATED},
    Action.APPROVE_IMAGES: _SELECTING,
    Action.GENERATE_CLIPS: _SELECTING,
    Action.REGENERATE_CLIP: _HAVE_CLIPS,
    Action.APPROVE_CLIPS: _HAVE_CLIPS,
    Action.COMPOSE: frozenset({Stage.FINAL_COMPOSITION, Stage.COMPLETE}),
    Action.WRITE_SCRIPT: _SELECTING,
}
"""Stages at which an action may begin, provided that the session has no running job."""

LEADS_TO: Mapping[Action, Stage] = {
    Action.UPLOAD_IMAGES: Stage.IMAGE_SELECTION,
    Action.GENERATE_IMAGES: Stage.IMAGE_GENERATION,
    Action.APPROVE_IMAGES: Stage.IMAGE_SELECTION,
    Action.GENERATE_CLIPS: Stage.CLIP_GENERATION,
    Action.REGENERATE_CLIP: Stage.CLIP_GENERATION,
    Action.APPROVE_CLIPS: Stage.FINAL_COMPOSITION,
    Action.COMPOSE: Stage.FINAL_COMPOSITION,
}
"""The stage of the session once the action is accepted; with an action that is not listed it stays where it is."""

ENDS_IN: Mapping[Action, Stage] = {
    Action.GENERATE_IMAGES: Stage.IMAGE_SELECTION,
    Action.GENERATE_CLIPS: Stage.CLIP_SELECTION,
    Action.REGENERATE_CLIP: Stage.CLIP_SELECTION,
    Action.COMPOSE: Stage.COMPLETE,
}
"""The stage after an action's job has succeeded. Of the others, WRITE_SCRIPT has a job and leaves the stage as it is."""

_NEXT: Mapping[Stage, str] = {
    Stage.CREATED: "upload or generate images first",
    Stage.IMAGE_GENERATION: "wait for the images, or cancel",
    Stage.IMAGE_SELECTION: "approve images and generate clips first",
    Stage.CLIP_GENERATION: "wait for the clips, or cancel",
    Stage.CLIP_SELECTION: "approve clips first",
    Stage.FINAL_COMPOSITION: "wait for the film, or cancel",
    Stage.COMPLETE: "the film is complete",
    Stage.FAILED: "try the failed step again",
}


def acting_stage(stage: Stage, return_stage: Stage | None) -> Stage:
    """The stage that determines what a session allows: of a failed one that in which it was before."""
    return return_stage if stage is Stage.FAILED and return_stage is not None else stage


def check_action(action: Action, stage: Stage, return_stage: Stage | None, *, busy: bool) -> Stage:
    """Returns the stage that `action` leads to. A failed session acts as in its `return_stage`.

    Raises StageError, which names the session's stage and what to do, when the action is not allowed there or a job is running.
    """
    acting = acting_stage(stage, return_stage)
    if busy:
        raise StageError(f"cannot {action}: the session is at {stage} and still working; wait for it, or cancel", stage)
    if acting not in ALLOWED[action]:
        raise StageError(f"cannot {action}: the session is at {stage}; {_NEXT[acting]}", stage)
    return LEADS_TO.get(action, acting)
