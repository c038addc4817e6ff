"""Progress is a numbered log: an event is a row first and a message then, so that a listener can come back."""

from __future__ import annotations

from adreel.domain.sessions.stage import Stage
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from support.sessions import Desk


async def test_events_are_numbered_without_gaps(desk: Desk) -> None:
    """The number is given by the statement that updates the session. `after` replays what came later."""
    session = await desk.session()
    progress = ProgressService(desk.database, EventBus(), desk.clock)
    for message in ("planning", "drawing", "done"):
        await progress.append(session.id, Stage.CLIP_GENERATION, 50, message)
    assert [event.seq for event in await progress.replay(session.id, after=0)] == [1, 2, 3]
    assert [event.message for event in await progress.replay(session.id, after=2)] == ["done"]
