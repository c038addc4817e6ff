from __future__ import annotations

import asyncio
from decimal import Decimal

import av
import pytest

from adreel.domain.errors import BudgetError, InputError, NotFoundError, PhotoError, StageError, StorageError
from adreel.domain.sessions.session import Json
from adreel.domain.sessions.stage import Stage
from support.flows import HOSTED, SECONDS, Hall
from support.pictures import flat
from support.steps import MemoryEngine


async def test_clips_are_made_of_the_approved_images_in_their_order(hall: Hall) -> None:
    session = await hall.session(images=3)
    view = await hall.make_clips(session.id)
    clips = await hall.clips(session.id)
    assert view.session.stage is Stage.CLIP_SELECTION
    assert view.session.job is None
    assert [clip.source_image_id for clip in clips] == list(session.approved_image_ids)
    assert [clip.cost for clip in clips] == [Decimal(0)] * 3
    assert {clip.clip_details.duration for clip in clips} == {SECONDS}
    assert clips[0].clip_details.resolution == "320x180"


async def test_a_clip_is_stored_ready_for_players(hall: Hall) -> None:
    session = await hall.session(images=1)
    await hall.make_clips(session.id)
    (clip,) = await hall.clips(session.id)
    path = hall.storage.local_path(clip.storage_key)
    assert path is not None
    assert clip.storage_key == f"sessions/{session.id}/clips/{clip.id}.mp4"
    assert path.stat().st_size == clip.size_bytes
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 24


async def test_percentages_rise_from_planning_to_the_last_clip(hall: Hall) -> None:
    session = await hall.session(images=3)
    await hall.make_clips(session.id)
    events = await hall.events(session.id)
    told = [(event.progress, event.message) for event in events]
    assert told[0] == (55, "Accepted: generate clips")
    assert told[1] == (55, "Planning scenes…")
    assert [event.progress for event in events] == sorted(event.progress for event in events)
    ready = [event for event in events if "clip" in event.data]
    # The frames drawn of the other clips count as well, and which is ready first is not known.
    done = [event.progress for event in ready]
    assert all(least <= percent for least, percent in zip([66.7, 78.3, 90.0], done, strict=True))
    assert done[-1] == 90.0
    assert {event.data["clip"]["source_image_id"] for event in ready} == set(session.approved_image_ids)
    assert events[-1].stage is Stage.CLIP_SELECTION
    assert events[-1].message == "3 clips are ready"


async def test_a_failure_keeps_the_other_clips_and_says_what_is_missing(hall: Hall) -> None:
    session = await hall.session(images=3)
    hall.drawing.fails_on(session.approved_image_ids[1], PhotoError("photo1.jpg is broken"))
    view = await hall.make_clips(session.id)
    assert view.session.stage is Stage.CLIP_SELECTION
    assert len(await hall.clips(session.id)) == 2
    last = (await hall.events(session.id))[-1]
    assert last.message == "2 clips are ready, 1 could not be made: clip 2: photo1.jpg is broken"
    assert last.data["failures"] == ["clip 2: photo1.jpg is broken"]


async def test_a_drawn_clip_that_shows_nothing_is_refused_at_once(hall: Hall) -> None:
    session = await hall.session(images=1)
    hall.drawing.frames = lambda shot: flat(shot.size, shot.frames, 16)
    view = await hall.make_clips(session.id)
    assert view.session.stage is Stage.FAILED
    assert "the clip of this photo is black for 24 frames" in (view.session.error or "")
    assert hall.jobs.ran.count("draw") == 1


@pytest.mark.parametrize(
    ("luma", "fault"),
    [
        (16, "is black for 40 frames"),
        (235, "stands still for 39 frames"),
        (120, "stands still for 39 frames"),
    ],
    ids=["dark", "white on white", "plain chip"],
)
async def test_a_photo_whose_clip_shows_nothing_costs_that_clip_only(hall: Hall, luma: int, fault: str) -> None:
    session = await hall.session(images=3)
    draw, bad = hall.drawing.frames, session.approved_image_ids[1]
    hall.drawing.frames = lambda shot: flat(shot.size, shot.frames, luma) if shot.image.id == bad else draw(shot)
    view = await hall.make_clips(session.id, seconds=40 / 30)
    assert view.session.stage is Stage.CLIP_SELECTION
    assert bad not in {clip.source_image_id for clip in await hall.clips(session.id)}
    (failure,) = (await hall.events(session.id))[-1].data["failures"]
    assert failure == f"clip 2: the clip of this photo {fault}; choose another photo or camera move"


async def test_trying_again_makes_only_what_is_missing(hall: Hall) -> None:
    session = await hall.session(images=3)
    hall.drawing.fails_on(session.approved_image_ids[1], PhotoError("photo1.jpg is broken"))
    await hall.make_clips(session.id)
    before = await hall.clips(session.id)
    hall.drawing.fails_on(None)
    hall.drawing.drawn.clear()
    await hall.approve_images_again(session)
    await hall.make_clips(session.id)
    after = await hall.clips(session.id)
    assert hall.drawing.drawn == [session.approved_image_ids[1]]
    assert {clip.id for clip in before} < {clip.id for clip in after}
    assert len(after) == 3


async def test_no_clip_at_all_is_a_failure_in_the_words_of_the_first(hall: Hall) -> None:
    session = await hall.session(images=1)
    hall.drawing.fails_on(session.approved_image_ids[0], PhotoError("photo0.jpg is broken"))
    view = await hall.make_clips(session.id)
    assert view.session.stage is Stage.FAILED
    assert view.session.return_stage is Stage.IMAGE_SELECTION
    assert view.session.error == "photo0.jpg is broken"
    last = (await hall.events(session.id))[-1]
    assert (last.stage, last.message) == (Stage.FAILED, "photo0.jpg is broken")


@pytest.mark.parametrize("step", ["planning", "plan", "draw", "finish"])
async def test_a_worker_that_dies_in_a_step_loses_and_doubles_nothing(hall: Hall, step: str) -> None:
    session = await hall.session(images=2)
    hall.jobs.dies_after = [step]
    view = await hall.make_clips(session.id)
    assert hall.jobs.crashes == 1
    assert view.session.stage is Stage.CLIP_SELECTION
    assert [clip.source_image_id for clip in await hall.clips(session.id)] == list(session.approved_image_ids)
    events = await hall.events(session.id)
    assert [event.data["end"] for event in events if "end" in event.data] == ["ready"]
    assert sorted(event.message for event in events if "clip" in event.data) == [
        "Clip 1 of 2 is ready",
        "Clip 2 of 2 is ready",
    ]
    _, costs = await hall.sessions.costs("ann", session.id)
    assert len(costs) == 2


async def test_another_machine_goes_on_without_drawing_again(hall: Hall) -> None:
    session = await hall.session(images=2)
    await hall.make_clips(session.id)
    hall.worker("another machine")
    hall.drawing.drawn.clear()
    await hall.approve_images_again(session)
    await hall.make_clips(session.id)
    assert hall.drawing.drawn == []


async def test_a_new_take_keeps_the_old_clip_and_its_scene(hall: Hall) -> None:
    session = await hall.session(images=2)
    await hall.make_clips(session.id)
    first, second = await hall.clips(session.id)
    started = await hall.orchestrator.regenerate_clip("ann", second.id)
    await hall.jobs.work(started.job_id)
    *kept, take = await hall.clips(session.id)
    assert [clip.id for clip in kept] == [first.id, second.id]
    assert (take.source_image_id, take.take) == (second.source_image_id, 1)
    assert take.clip_details.scene == second.clip_details.scene
    assert take.content_hash != second.content_hash
    assert (await hall.sessions.record(session.id)).stage is Stage.CLIP_SELECTION


async def test_orders_that_cannot_be_are_refused_before_anything_is_recorded(hall: Hall) -> None:
    session = await hall.session()
    with pytest.raises(InputError, match=r"no model is called 'dream' here; choose one of local, "):
        await hall.orchestrator.generate_clips("ann", session.id, "calm", SECONDS, "dream")
    with pytest.raises(InputError, match="not possible with local"):
        await hall.orchestrator.generate_clips("ann", session.id, "calm", 100.0)
    with pytest.raises(InputError, match="aspect '2:1' is not made"):
        await hall.orchestrator.generate_clips("ann", session.id, "calm", SECONDS, aspect="2:1")
    with pytest.raises(NotFoundError):
        await hall.orchestrator.generate_clips("bob", session.id, "calm")
    fresh = await hall.sessions.create("ann")
    with pytest.raises(StageError, match="upload or generate images first"):
        await hall.orchestrator.generate_clips("ann", fresh.id, "calm")
    assert hall.jobs.waiting == {}
    assert await hall.events(session.id) == ()


async def test_clips_that_cannot_all_be_paid_for_are_not_begun(hall: Hall) -> None:
    session = await hall.session(images=2, cap="0.20")
    with pytest.raises(BudgetError) as caught:
        await hall.orchestrator.generate_clips("ann", session.id, "calm", 3.0, HOSTED)
    assert (caught.value.needed, caught.value.left) == (Decimal("0.22"), Decimal("0.20"))
    await hall.ledger.set_budget("ann", Decimal("0.10"))
    other = await hall.session(images=1)
    with pytest.raises(BudgetError, match="the account's budget"):
        await hall.orchestrator.generate_clips("ann", other.id, "calm", 3.0, HOSTED)
    assert (await hall.sessions.record(session.id)).stage is Stage.IMAGE_SELECTION


async def test_a_job_that_cannot_be_handed_over_stays_recorded(hall: Hall) -> None:
    class Away(MemoryEngine):
        async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
            raise StorageError("the engine's database is away")

    session = await hall.session(images=1)
    started = await hall.with_jobs(Away()).generate_clips("ann", session.id, "calm", SECONDS)
    record = await hall.sessions.record(session.id)
    assert started.status == "processing"
    assert record.job is not None
    assert record.job.id == started.job_id
    assert record.stage is Stage.CLIP_GENERATION


async def test_history_makes_the_estimate_better(hall: Hall) -> None:
    session = await hall.session(images=3)
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", SECONDS)
    assert started.estimated_duration == 180
    await hall.jobs.work(started.job_id)
    other = await hall.session(images=3)
    again = await hall.orchestrator.generate_clips("ann", other.id, "calm", SECONDS)
    assert again.estimated_duration < 60


async def test_two_workflows_at_once_draw_one_session_once(hall: Hall) -> None:
    session = await hall.session(images=2)
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", SECONDS)
    await asyncio.gather(hall.jobs.work(started.job_id), hall.jobs.work(started.job_id))
    assert len(await hall.clips(session.id)) == 2
