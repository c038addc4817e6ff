"""A session leads from images to a film in stages, and does one job at a time."""

from __future__ import annotations

import pytest

from adreel.domain.errors import StageError
from adreel.domain.sessions.stage import Action, Stage
from support.sessions import Desk, clip


async def test_a_stage_allows_some_actions_and_refuses_the_others(desk: Desk) -> None:
    """Clips are made of approved images. An action out of turn is refused with the stage and what to do first."""
    session = await desk.session()
    with pytest.raises(StageError, match="created"):
        await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})


async def test_work_done_twice_is_recorded_once(desk: Desk) -> None:
    """A worker may die after storing a clip and do it again: an asset has a request digest, unique in its session."""
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    first = await desk.sessions.add_made(session.id, clip("the same request"))
    again = await desk.sessions.add_made(session.id, clip("the same request"))
    assert again.id == first.id
    assert (await desk.sessions.record(session.id)).stage is Stage.CLIP_GENERATION
