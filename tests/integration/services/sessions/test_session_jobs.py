from __future__ import annotations

import asyncio

import pytest

from adreel.db.engine import Database
from adreel.domain.errors import StageError
from adreel.domain.sessions.session import Job, SessionRecord
from adreel.domain.sessions.stage import Action, Stage
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from adreel.services.sessions.records import EventDraft, SessionChanges
from adreel.services.sessions.service import SessionService
from support.sessions import Desk, clip, image


async def test_a_job_begins_with_all_that_it_needs_to_know(desk: Desk) -> None:
    session, _ = await desk.with_images()
    order = {"prompt": "steam", "seconds": 5.5, "models": ["m"], "nested": {"none": None, "yes": True}}
    asked = {"audio": {"enabled": True, "genre": None}, "aspects": ["16:9"]}
    changes = SessionChanges(video_prompt="steam", text_overlay={"cta": "Buy"}, film_options=asked)
    begun = await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", order, changes)
    assert (begun.stage, begun.return_stage) == (Stage.CLIP_GENERATION, Stage.IMAGE_SELECTION)
    assert (begun.video_prompt, begun.text_overlay, begun.product_prompt) == ("steam", {"cta": "Buy"}, "")
    assert begun.film_options == asked
    assert await desk.sessions.record(session.id) == begun
    assert begun.job is not None
    assert begun.job == Job("job", Action.GENERATE_CLIPS, order, begun.job.started_at)
    assert begun.job.started_at > session.updated_at
    assert await desk.sessions.jobs_under_way(10) == ((session.id, begun.job),)


async def test_of_two_jobs_at_once_exactly_one_is_let_in(desk: Desk) -> None:
    session, _ = await desk.with_images()
    other = Database(desk.database.url)
    services = (desk.sessions, SessionService(other))
    attempts = [
        services[number % 2].begin("ann", session.id, Action.GENERATE_CLIPS, f"job {number}", {"number": number})
        for number in range(8)
    ]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    await other.close()
    begun = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, StageError)]
    assert (len(begun), len(refused)) == (1, 7)
    assert (await desk.sessions.record(session.id)).job == begun[0].job
    assert "still working" in str(refused[0])


async def test_a_job_that_the_stage_does_not_allow_changes_nothing(desk: Desk) -> None:
    session = await desk.session()
    with pytest.raises(StageError, match="created"):
        await desk.sessions.begin("ann", session.id, Action.COMPOSE, "job", {}, SessionChanges(video_prompt="x"))
    assert await desk.sessions.record(session.id) == session


@pytest.mark.parametrize(
    ("stage", "ends"), [(None, Stage.CLIP_SELECTION), (Stage.IMAGE_SELECTION, Stage.IMAGE_SELECTION)]
)
async def test_a_finished_job_leaves_its_session_where_its_action_ends_or_is_told(
    desk: Desk, stage: Stage | None, ends: Stage
) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    finished = await desk.sessions.finish("job", stage)
    assert finished is not None
    assert (finished.stage, finished.return_stage, finished.job) == (ends, None, None)
    assert await desk.sessions.record(session.id) == finished
    assert await desk.sessions.jobs_under_way(10) == ()


async def test_a_composed_film_is_the_sessions(desk: Desk) -> None:
    session, [made, _] = await desk.with_clips()
    await desk.sessions.approve_clips("ann", session.id, [made.id])
    await desk.sessions.begin("ann", session.id, Action.COMPOSE, "film", {})
    finished = await desk.sessions.finish("film", final_video_id="final")
    assert finished is not None
    assert (finished.stage, finished.final_video_id) == (Stage.COMPLETE, "final")
    await desk.sessions.begin("ann", session.id, Action.REGENERATE_CLIP, "again", {})
    kept = await desk.sessions.finish("again")
    assert kept is not None
    assert kept.final_video_id == "final"


async def test_late_and_repeated_ends_of_a_job_change_nothing(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "first", {})
    await desk.sessions.cancelled("first")
    begun = await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "second", {})
    assert await desk.sessions.finish("first") is None
    assert await desk.sessions.fail("first", "too late") is None
    assert await desk.sessions.cancelled("first") is None
    assert await desk.sessions.finish("unknown") is None
    assert await desk.sessions.record(session.id) == begun


async def test_a_failed_session_says_why_and_goes_on_from_where_it_was(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    failed = await desk.sessions.fail("job", "the provider is away")
    assert failed is not None
    assert (failed.stage, failed.return_stage) == (Stage.FAILED, Stage.IMAGE_SELECTION)
    assert (failed.error, failed.job) == ("the provider is away", None)
    again = await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "again", {})
    assert (again.stage, again.return_stage, again.error) == (Stage.CLIP_GENERATION, Stage.IMAGE_SELECTION, None)
    await desk.sessions.fail("again", "still away")
    third = await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "third", {})
    assert third.return_stage is Stage.IMAGE_SELECTION


async def test_a_failed_session_goes_on_with_its_clips_when_some_were_made(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    made = await desk.sessions.add_made(session.id, clip("one"))
    failed = await desk.sessions.fail("job", "the provider is away")
    assert failed is not None
    assert (failed.stage, failed.return_stage) == (Stage.FAILED, Stage.CLIP_SELECTION)
    view = await desk.sessions.approve_clips("ann", session.id, [made.id])
    assert view.session.stage is Stage.FINAL_COMPOSITION


async def test_a_failed_session_can_also_be_changed_at_once(desk: Desk) -> None:
    session, [first, _] = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    await desk.sessions.fail("job", "no")
    approved = await desk.sessions.approve_images("ann", session.id, [first.id])
    assert (approved.stage, approved.return_stage, approved.error) == (Stage.IMAGE_SELECTION, None, None)


async def test_a_cancelled_session_goes_back_when_nothing_was_made(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    cancelled = await desk.sessions.cancelled("job")
    assert cancelled is not None
    assert (cancelled.stage, cancelled.return_stage, cancelled.job) == (Stage.IMAGE_SELECTION, None, None)


async def test_a_cancelled_session_goes_on_to_its_clips_when_some_were_made(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    await desk.sessions.add_made(session.id, clip("one"))
    cancelled = await desk.sessions.cancelled("job")
    assert cancelled is not None
    assert cancelled.stage is Stage.CLIP_SELECTION


async def test_a_cancelled_session_goes_on_to_its_images_when_some_were_made(desk: Desk) -> None:
    session = await desk.session()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_IMAGES, "nothing", {})
    back = await desk.sessions.cancelled("nothing")
    await desk.sessions.begin("ann", session.id, Action.GENERATE_IMAGES, "job", {})
    await desk.sessions.add_made(session.id, image("made"))
    cancelled = await desk.sessions.cancelled("job")
    assert back is not None
    assert cancelled is not None
    assert (back.stage, cancelled.stage) == (Stage.CREATED, Stage.IMAGE_SELECTION)


async def test_more_images_for_a_session_with_clips_take_nothing_from_it(desk: Desk) -> None:
    session, _ = await desk.with_clips()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_IMAGES, "job", {})
    cancelled = await desk.sessions.cancelled("job")
    assert cancelled is not None
    assert cancelled.stage is Stage.CLIP_SELECTION


async def test_cancelled_composing_goes_back_to_composing(desk: Desk) -> None:
    session, [made, _] = await desk.with_clips()
    await desk.sessions.approve_clips("ann", session.id, [made.id])
    await desk.sessions.begin("ann", session.id, Action.COMPOSE, "film", {})
    cancelled = await desk.sessions.cancelled("film")
    assert cancelled is not None
    assert cancelled.stage is Stage.FINAL_COMPOSITION


async def test_the_end_of_a_job_and_its_event_are_one(desk: Desk) -> None:
    """A reader of the new stage finds the event too, numbered after all before it; a repeated end publishes nothing."""
    session, _ = await desk.with_images()
    progress = ProgressService(desk.database, EventBus())
    await progress.append(session.id, Stage.CLIP_GENERATION, 55, "planning")
    for job, end in (("one", desk.sessions.fail), ("two", desk.sessions.cancelled)):
        await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, job, {})
        message = (job, "no") if job == "one" else (job,)
        await end(*message, make_event=_stage_of)
        await end(*message, make_event=_stage_of)
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "three", {})
    await desk.sessions.finish("three", make_event=_stage_of)
    await desk.sessions.finish("three", make_event=_stage_of)
    await progress.append(session.id, Stage.CLIP_SELECTION, 90, "and on")
    events = [(event.seq, event.message) for event in await progress.replay(session.id, 0)]
    assert events == [
        (1, "planning"),
        (2, "at failed, back to image_selection"),
        (3, "at image_selection, back to None"),
        (4, "at clip_selection, back to None"),
        (5, "and on"),
    ]


async def test_an_end_whose_event_cannot_be_kept_has_not_come(desk: Desk) -> None:
    session, _ = await desk.with_images()
    begun = await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})

    def no_event(_: SessionRecord) -> EventDraft:
        raise StageError("no")

    with pytest.raises(StageError):
        await desk.sessions.finish("job", make_event=no_event)
    assert await desk.sessions.record(session.id) == begun


def _stage_of(session: SessionRecord) -> EventDraft:
    return EventDraft(session.stage, 0, f"at {session.stage}, back to {session.return_stage}")
