"""Pictures made of words, bought over HTTP at the stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from adreel.billing.crash_points import CrashPoint
from adreel.db.engine import sqlite_url
from adreel.domain.errors import BudgetError, InputError, NotFoundError, StageError
from adreel.domain.sessions.session import Asset, SessionEvent
from adreel.domain.sessions.stage import Stage
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import WorkflowCancelled
from adreel.orchestrator.flows.progress import PLANNED_BY_RULES
from adreel.orchestrator.queues import queue_limits
from support.durable import until_over
from support.flows import Hall
from support.images import MUG, Darkroom, total
from support.replicate import StandIn
from support.sessions import check_books, until
from support.steps import Crash

FLUX = "black-forest-labs/flux-pro"
VIEWS = ("front", "detail", "angle", "lifestyle")


def prompts_of(images: Iterable[Asset]) -> list[str]:
    """The prompts of generated images."""
    return [image.image_details.generated.prompt for image in images if image.image_details.generated is not None]


async def new_session(room: Hall, cap: str | None = None) -> str:
    return (await room.sessions.create("ann", seed=7, budget_cap=None if cap is None else Decimal(cap))).id


def told(events: tuple[SessionEvent, ...]) -> list[tuple[float, Stage]]:
    return [(event.progress, event.stage) for event in events]


def scene_answer(*views: str) -> str:
    scenes = [
        {
            "image_view": view,
            "scene_prompt": f"Light on {view}.",
            "camera_movement": "arc_left",
            "motion_intensity": 0.4,
        }
        for view in views
    ]
    return f"```json\n{json.dumps({'scenes': scenes})}\n```"


def prompt_answer(count: int) -> str:
    prompts = [{"view_type": view, "prompt": f"Mug, {view}.", "negative_prompt": "text"} for view in VIEWS[:count]]
    return json.dumps({"category": "mug", "style_keywords": ["rustic"], "image_prompts": prompts})


async def test_the_local_engine_makes_no_images_they_are_uploaded(hall: Hall) -> None:
    session = await hall.sessions.create("ann")
    with pytest.raises(InputError, match=r"the local engine needs photos: upload them.*flux-pro"):
        await hall.orchestrator.generate_images("ann", session.id, "a mug", 4, "local")
    with pytest.raises(NotFoundError):
        await hall.orchestrator.generate_images("bob", session.id, "a mug")


async def test_pictures_are_bought_once_each_recorded_and_reported_as_they_come(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=4)
    images = await darkroom.images(session)
    assert view.session.stage is Stage.IMAGE_SELECTION
    assert view.session.product_prompt == MUG
    assert [image.view_type for image in images] == list(VIEWS)
    assert {(image.model, image.cost, image.content_type) for image in images} == {
        ("flux-pro", Decimal("0.05"), "image/png")
    }
    path = darkroom.storage.local_path(images[0].storage_key)
    assert path is not None
    with Image.open(path) as picture:
        assert picture.size == (images[0].image_details.width, images[0].image_details.height)
    assert view.session.total_cost == total(stand_in) == Decimal("0.20")
    assert sorted(entry["seed"] for entry in stand_in.billing()["entries"]) == [7, 8, 9, 10]
    events = await darkroom.events(session)
    assert told(events[1:]) == [
        (0, Stage.IMAGE_GENERATION),
        (10, Stage.IMAGE_GENERATION),
        (20, Stage.IMAGE_GENERATION),
        (30, Stage.IMAGE_GENERATION),
        (40, Stage.IMAGE_GENERATION),
        (50, Stage.IMAGE_GENERATION),
        (50, Stage.IMAGE_SELECTION),
    ]
    await check_books(darkroom.database)


async def test_a_picture_that_fails_comes_from_the_next_model_and_both_are_in_the_books(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    stand_in.fault("failed", model=FLUX, seed=8)
    session = await new_session(darkroom)
    view = await darkroom.make_images(session)
    assert [image.model for image in await darkroom.images(session)] == ["flux-pro", "flux-1.1-pro"]
    assert view.session.total_cost == total(stand_in) == Decimal("0.14")
    await check_books(darkroom.database)


async def test_what_could_be_made_is_kept_and_asking_again_makes_the_rest(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    for model in (FLUX, "black-forest-labs/flux-1.1-pro", "stability-ai/sdxl"):
        stand_in.fault("failed", model=model, seed=8)
    session = await new_session(darkroom)
    view = await darkroom.make_images(session)
    assert view.session.stage is Stage.IMAGE_SELECTION
    assert len(await darkroom.images(session)) == 1
    last = (await darkroom.events(session))[-1]
    assert "1 could not be made" in last.message
    assert "rejects its content" in last.message
    assert "change the prompt or the model" in last.message
    before = len(stand_in.billing()["entries"])
    await darkroom.make_images(session)
    assert len(await darkroom.images(session)) == 2
    assert len(stand_in.billing()["entries"]) == before + 1
    await check_books(darkroom.database)


async def test_asking_again_when_all_is_there_makes_new_pictures(darkroom: Darkroom, stand_in: StandIn) -> None:
    session = await new_session(darkroom)
    await darkroom.make_images(session)
    await darkroom.make_images(session)
    images = await darkroom.images(session)
    assert len(images) == 4
    assert len({image.content_hash for image in images}) == 4


async def test_when_nothing_could_be_made_the_session_says_why_and_can_try_again(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    stand_in.fault("no_credit", times=2)
    session = await new_session(darkroom)
    view = await darkroom.make_images(session)
    assert (view.session.stage, view.session.return_stage) == (Stage.FAILED, Stage.CREATED)
    assert "credit" in (view.session.error or "")
    assert view.session.total_cost == 0
    view = await darkroom.make_images(session)
    assert view.session.stage is Stage.IMAGE_SELECTION
    await check_books(darkroom.database)


@pytest.mark.parametrize("step", ["parse", "reserve:1", "order:1", "wait:1", "keep:1", "tell", "finish"])
async def test_a_worker_that_dies_after_any_step_pays_once(darkroom: Darkroom, stand_in: StandIn, step: str) -> None:
    darkroom.jobs.dies_after = [step]
    session = await new_session(darkroom)
    view = await darkroom.make_images(session)
    assert darkroom.jobs.crashes == 1
    assert len(await darkroom.images(session)) == 2
    assert view.session.total_cost == total(stand_in) == Decimal("0.10")
    await check_books(darkroom.database)


@pytest.mark.parametrize(
    "point",
    [
        CrashPoint.INTENT_WRITTEN,
        CrashPoint.BEFORE_POST,
        CrashPoint.POST_ANSWERED,
        CrashPoint.OUTPUT_FETCHED,
        CrashPoint.CLIP_STORED,
        CrashPoint.ASSET_RECORDED,
    ],
)
async def test_a_worker_that_dies_within_a_step_pays_once(
    darkroom: Darkroom, stand_in: StandIn, point: CrashPoint
) -> None:
    died: list[CrashPoint] = []

    def die(reached: CrashPoint) -> None:
        if reached is point and not died:
            died.append(point)
            raise Crash

    darkroom.checkpoint = die
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert died == [point]
    assert len(await darkroom.images(session)) == 1
    assert view.session.total_cost == total(stand_in) == Decimal("0.05")
    await check_books(darkroom.database)


@pytest.mark.parametrize("fault", ["drop_accepted", "server_error_accepted", "drop", "throttled"])
async def test_orders_that_go_astray_are_paid_for_once(darkroom: Darkroom, stand_in: StandIn, fault: str) -> None:
    stand_in.fault(fault, retry_after=0)
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert len(await darkroom.images(session)) == 1
    assert view.session.total_cost == total(stand_in) == Decimal("0.05")


async def test_a_model_that_takes_pictures_gets_the_own_photos(darkroom: Darkroom, stand_in: StandIn) -> None:
    session = await new_session(darkroom)
    await darkroom.make_images(session, count=1)
    # Pictures that were made are no photos of the product: nothing goes along.
    await darkroom.make_images(session, count=1, model="nano-banana")
    assert "image_input" not in stand_in.billing()["entries"][-1]["input"]
    await darkroom.add_photo(session, (200, 40, 40))
    await darkroom.make_images(session, count=1, model="nano-banana", prompt="the mug in the snow")
    last = stand_in.billing()["entries"][-1]
    assert (last["model"], last["colours"][0]) == ("google/nano-banana", [200, 40, 40])


async def test_more_than_the_budget_has_is_refused_before_anything_is_bought(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    session = await new_session(darkroom, cap="0.19")
    with pytest.raises(BudgetError, match="nothing was bought"):
        await darkroom.orchestrator.generate_images("ann", session, MUG, 4, "flux-pro")
    assert stand_in.billing()["count"] == 0


async def test_a_stand_in_that_cannot_be_paid_for_is_not_bought(darkroom: Darkroom, stand_in: StandIn) -> None:
    stand_in.fault("failed", model=FLUX)
    session = await new_session(darkroom, cap="0.06")
    view = await darkroom.make_images(session, count=1)
    assert view.session.stage is Stage.FAILED
    assert "rejects its content" in (view.session.error or "")
    assert view.session.total_cost == total(stand_in) == Decimal("0.05")


@pytest.mark.parametrize(
    ("prompt", "count", "model", "words"),
    [(" ", 4, "flux-pro", "empty"), (MUG, 9, "flux-pro", "between 1 and 8"), (MUG, 4, "dall-e", "no image model")],
)
async def test_impossible_orders_are_refused(
    darkroom: Darkroom, prompt: str, count: int, model: str, words: str
) -> None:
    session = await new_session(darkroom)
    with pytest.raises(InputError, match=words):
        await darkroom.orchestrator.generate_images("ann", session, prompt, count, model)


async def test_cancelled_work_is_stopped_at_the_provider_and_what_is_there_can_be_chosen(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    session = await new_session(darkroom)
    stand_in.fault("stuck", model=FLUX, seed=8)
    started = await darkroom.orchestrator.generate_images("ann", session, MUG, 2, "flux-pro")
    with pytest.raises(StageError):
        await darkroom.orchestrator.generate_images("ann", session, MUG, 2, "flux-pro")
    work = asyncio.create_task(darkroom.jobs.run_once(started.job_id))
    await until(lambda: any(entry["seed"] == 8 for entry in stand_in.billing()["entries"]))
    async with asyncio.timeout(30):
        while not any(call.provider_id for call in await darkroom.open_calls(session)):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)
        while not await darkroom.images(session):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)
    await darkroom.orchestrator.cancel("ann", session)
    with pytest.raises(WorkflowCancelled):
        await work
    record = await darkroom.sessions.record(session)
    assert (record.stage, record.reserved) == (Stage.IMAGE_SELECTION, 0)
    assert sorted(entry["status"] for entry in stand_in.billing()["entries"]) == ["canceled", "succeeded"]
    await check_books(darkroom.database)


async def test_a_language_model_writes_the_prompts_within_the_books(darkroom: Darkroom, stand_in: StandIn) -> None:
    darkroom.hire_writers()
    stand_in.rules(texts=[f"Sure: {prompt_answer(2)}"])
    session = await new_session(darkroom)
    view = await darkroom.make_images(session)
    prompts = prompts_of(await darkroom.images(session))
    assert prompts == ["Mug, front.", "Mug, detail."]
    assert view.session.total_cost == total(stand_in) == Decimal("0.11")
    parsed = next(event for event in await darkroom.events(session) if "planner" in event.data)
    assert (parsed.data["planner"], parsed.data["warning"]) == ("llama-4-maverick", None)
    await check_books(darkroom.database)


async def test_a_worker_that_dies_after_the_answer_does_not_pay_for_it_again(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    darkroom.hire_writers()
    stand_in.rules(texts=[prompt_answer(1), prompt_answer(1)])
    died: list[CrashPoint] = []

    def die(reached: CrashPoint) -> None:
        if reached is CrashPoint.ID_STORED and not died:
            died.append(reached)
            raise Crash

    darkroom.checkpoint = die
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert died
    assert view.session.total_cost == total(stand_in) == Decimal("0.06")
    await check_books(darkroom.database)


@pytest.mark.parametrize(("fault", "cost"), [(None, "0.06"), ("expired", "0.07")])
async def test_an_answer_that_a_version_with_other_models_has_bought_is_used_while_it_can_be(
    darkroom: Darkroom, stand_in: StandIn, fault: str | None, cost: str
) -> None:
    darkroom.hire_writers("llama-3-70b")
    stand_in.rules(texts=[prompt_answer(1), prompt_answer(1)])
    if fault is not None:
        stand_in.fault(fault)
    upgraded: list[CrashPoint] = []

    def upgrade(reached: CrashPoint) -> None:
        if reached is CrashPoint.ID_STORED and not upgraded:
            upgraded.append(reached)
            darkroom.hire_writers()
            raise Crash

    darkroom.checkpoint = upgrade
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert upgraded
    assert prompts_of(await darkroom.images(session)) == ["Mug, front."]
    assert view.session.total_cost == total(stand_in) == Decimal(cost)
    await check_books(darkroom.database)


async def test_a_retry_uses_the_plan_of_a_version_with_other_models(darkroom: Darkroom, stand_in: StandIn) -> None:
    darkroom.hire_writers("llama-3-70b")
    stand_in.rules(texts=[scene_answer("front", "detail")])
    session = await darkroom.session()
    made = await darkroom.make_clips(session.id)
    darkroom.hire_writers()
    await darkroom.approve_images_again(session)
    assert (await darkroom.make_clips(session.id)).assets == made.assets
    assert total(stand_in) == Decimal("0.01")


async def test_when_no_model_answers_the_rules_write_and_listeners_are_notified(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    darkroom.hire_writers()
    stand_in.rules(plans=False)
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    parsed = next(event for event in await darkroom.events(session) if "planner" in event.data)
    assert parsed.data["planner"] == "rules"
    assert "no JSON object" in parsed.data["warning"]
    assert view.session.total_cost == total(stand_in) == Decimal("0.07")


async def test_a_language_model_directs_the_clips_within_the_books(darkroom: Darkroom, stand_in: StandIn) -> None:
    darkroom.hire_writers()
    stand_in.rules(texts=[scene_answer("front", "detail")])
    session = await darkroom.session()
    view = await darkroom.make_clips(session.id)
    scenes = [clip.clip_details.scene for clip in await darkroom.clips(session.id)]
    assert [scene.scene_prompt for scene in scenes] == ["Light on front.", "Light on detail."]
    assert view.session.total_cost == total(stand_in) == Decimal("0.01")
    await check_books(darkroom.database)


async def test_free_clips_stay_free_unless_ideas_are_asked_for(darkroom: Darkroom, stand_in: StandIn) -> None:
    darkroom.hire_writers()
    session = await darkroom.session()
    view = await darkroom.make_clips(session.id, ideas=None)
    assert len(await darkroom.clips(session.id)) == 2
    assert view.session.total_cost == total(stand_in) == Decimal(0)


async def test_clips_are_planned_by_rules_with_a_warning_when_the_answer_cannot_be_paid_for(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    darkroom.hire_writers()
    session = await darkroom.session(cap="0.001")
    await darkroom.make_clips(session.id)
    assert len(await darkroom.clips(session.id)) == 2
    warned = [event for event in await darkroom.events(session.id) if event.data.get("warning")]
    assert len(warned) == 1
    assert "planned by rules" in warned[0].data["warning"]
    assert warned[0].message == PLANNED_BY_RULES
    assert stand_in.billing()["count"] == 0


async def test_pictures_are_made_on_the_durable_engine(darkroom: Darkroom, stand_in: StandIn, tmp_path: Path) -> None:
    darkroom.hire_writers()
    stand_in.rules(texts=[prompt_answer(3)])
    engine = DurableEngine(
        sqlite_url(tmp_path / "engine.db"), darkroom.flows.by_name, "test", queue_limits(), poll_seconds=0.05
    )
    await engine.launch()
    try:
        session = await new_session(darkroom)
        started = await darkroom.with_jobs(engine).generate_images("ann", session, MUG, 3, "flux-pro")
        await until_over(engine, started.job_id)
    finally:
        await engine.close(patience=1)
    view = await darkroom.sessions.view(session)
    assert view.session.stage is Stage.IMAGE_SELECTION
    assert sorted(prompts_of(view.assets)) == ["Mug, angle.", "Mug, detail.", "Mug, front."]
    assert view.session.total_cost == total(stand_in) == Decimal("0.16")
    events = await darkroom.events(session)
    assert [event.progress for event in events] == sorted(event.progress for event in events)
    await check_books(darkroom.database)


@pytest.mark.parametrize("fault", ["drop_accepted", "server_error_accepted"])
async def test_a_question_whose_answer_was_lost_is_found_again(
    darkroom: Darkroom, stand_in: StandIn, fault: str
) -> None:
    darkroom.hire_writers()
    stand_in.rules(texts=[prompt_answer(1)])
    stand_in.fault(fault, model="meta/llama-4-maverick-instruct")
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert prompts_of(await darkroom.images(session)) == ["Mug, front."]
    assert view.session.total_cost == total(stand_in) == Decimal("0.06")


async def test_a_language_model_that_fails_is_in_the_books_and_the_next_is_asked(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    darkroom.hire_writers()
    stand_in.fault("failed", model="meta/llama-4-maverick-instruct", text="out of memory")
    stand_in.rules(texts=["not read", prompt_answer(1)])
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert prompts_of(await darkroom.images(session)) == ["Mug, front."]
    assert view.session.total_cost == total(stand_in) == Decimal("0.07")
    await check_books(darkroom.database)


async def test_purchases_of_all_kinds_that_nobody_waits_for_are_settled_by_the_sweep(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    darkroom.hire_writers()
    stand_in.fault("stuck", model="meta/llama-4-maverick-instruct")
    session = await new_session(darkroom)
    started = await darkroom.orchestrator.generate_images("ann", session, MUG, 1, "flux-pro")
    work = asyncio.create_task(darkroom.jobs.run_once(started.job_id))
    async with asyncio.timeout(30):
        while not any(call.provider_id for call in await darkroom.open_calls(session)):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)
    await darkroom.orchestrator.cancel("ann", session)
    with pytest.raises(WorkflowCancelled):
        await work
    await darkroom.clock.sleep(60)
    await darkroom.flows.ledger_sweep.sweep()
    assert await darkroom.open_calls(session) == ()
    (entry,) = stand_in.billing()["entries"]
    assert entry["status"] == "canceled"
    await check_books(darkroom.database)


async def test_a_picture_that_cannot_be_fetched_stays_bought_and_is_collected_by_the_next_try(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    trusted, darkroom.output_host = darkroom.output_host, "elsewhere.example"
    darkroom.flows = darkroom.worker("wary machine")
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert view.session.stage is Stage.FAILED
    assert "Allow the host" in (view.session.error or "")
    assert [call.model for call in await darkroom.open_calls(session)] == ["flux-pro"]
    darkroom.output_host = trusted
    darkroom.flows = darkroom.worker("machine")
    view = await darkroom.make_images(session, count=1)
    assert len(await darkroom.images(session)) == 1
    assert view.session.total_cost == total(stand_in) == Decimal("0.05")


async def test_what_a_second_model_has_made_is_collected_before_the_first_is_asked_again(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    stand_in.fault("failed", model=FLUX)
    stand_in.fault("missing", model="black-forest-labs/flux-1.1-pro", times=4)
    session = await new_session(darkroom)
    view = await darkroom.make_images(session, count=1)
    assert "it is made, but cannot be fetched just now; try again" in (view.session.error or "")
    stand_in.reset_faults()
    await darkroom.make_images(session, count=1)
    (image,) = await darkroom.images(session)
    assert image.model == "flux-1.1-pro"
    assert stand_in.billing()["count"] == 2
    assert await darkroom.open_calls(session) == ()
    await check_books(darkroom.database)


async def test_a_picture_that_is_cut_short_is_of_no_use(darkroom: Darkroom, stand_in: StandIn) -> None:
    stand_in.fault("truncated", model=FLUX)
    session = await new_session(darkroom)
    await darkroom.make_images(session, count=1)
    (image,) = await darkroom.images(session)
    assert image.model == "flux-1.1-pro"
    await check_books(darkroom.database)
