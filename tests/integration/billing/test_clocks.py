"""Clocks that differ and clocks that are set: nothing is bought twice, nothing paid is stopped, nothing waits for hours.

The provider of a Hall lives in another year: code that compared its times with ours would find nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from adreel.billing.crash_points import CrashPoint
from adreel.db.tables import PaidCallRow
from adreel.domain.costs.ledger import CallState, PaidCall
from adreel.domain.errors import AmbiguousSubmitError, UnauthorizedError, UnavailableError
from adreel.domain.providers import JobStatus, Search
from adreel.domain.sessions.session import SessionView
from adreel.domain.sessions.stage import Stage
from adreel.orchestrator.flows.build import build_flows
from support.flows import HOSTED, PRICE, Hall
from support.hosted import Shop, hooked
from support.images import Darkroom, total
from support.replicate import StandIn
from support.sessions import check_books
from support.steps import Crash

HOURS = 7200.0
SKEWS = (-7200, -600, -420, 420, 600, 7200)
MODEL = "seedance-1-pro-fast"
SCENES = json.dumps(
    {
        "scenes": [
            {"image_view": "front", "scene_prompt": "Light.", "camera_movement": "arc_left", "motion_intensity": 0.4}
        ]
    }
)


async def buy(hall: Hall, images: int = 1) -> SessionView:
    session = await hall.session(images)
    return await hall.make_clips(session.id, HOSTED)


async def calls(hall: Hall) -> list[PaidCall]:
    async with hall.database.reading() as transaction:
        keys = (await transaction.scalars(select(PaidCallRow.key).order_by(PaidCallRow.key))).all()
    found = [await hall.ledger.get(key) for key in keys]
    return [call for call in found if call is not None]


def states(found: list[PaidCall]) -> list[CallState]:
    return [call.state for call in found]


async def sweep(hall: Hall, minutes: float = 10) -> int:
    hall.clock.now += timedelta(minutes=minutes)
    return await hall.flows.ledger_sweep.sweep_ledger(hall.clock())


def stepping(hall: Hall, where: CrashPoint, *seconds: float) -> None:
    """The clock is set each time the flow comes to this point."""
    steps = list(seconds)

    def step(point: CrashPoint) -> None:
        if point is where and steps:
            hall.provider.stuck = len(steps) > 1
            hall.clock.step(steps.pop(0))

    hall.checkpoint = step


@pytest.mark.parametrize("seconds", [HOURS, -HOURS])
async def test_a_clock_that_is_set_while_a_clip_is_made_stops_nothing(hall: Hall, seconds: float) -> None:
    hall.provider.stuck = True
    stepping(hall, CrashPoint.WAITING, seconds, 0, 0, -seconds, seconds)
    began = hall.clock.monotonic()
    view = await buy(hall)
    assert (len(hall.provider.orders), view.session.total_cost) == (1, PRICE)
    assert states(await calls(hall)) == [CallState.PAID]
    # Nor is what happens measured by it: estimates of waits are made of these seconds.
    _, (line,) = await hall.sessions.costs("ann", view.session.id)
    assert 0 <= line.duration <= hall.clock.monotonic() - began < 60
    await check_books(hall.database)


@pytest.mark.parametrize("seconds", [HOURS, -HOURS])
async def test_a_clock_that_is_set_while_an_order_is_looked_for_buys_nothing_twice(hall: Hall, seconds: float) -> None:
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    hall.provider.list_lag = 20
    sleep = hall.clock.sleep

    step = seconds

    async def set_and_sleep(seconds: float) -> None:
        hall.clock.step(step if hall.clock.steps == 0 else 0)
        await sleep(seconds)

    hall.clock.sleep = set_and_sleep
    hall.worker("machine whose clock is set")
    view = await buy(hall)
    assert hall.clock.steps == seconds
    assert (len(hall.provider.orders), view.session.total_cost) == (1, PRICE)


@pytest.mark.parametrize("seconds", [HOURS, -HOURS])
async def test_an_order_that_never_arrived_waits_no_longer_for_a_clock_that_is_set(hall: Hall, seconds: float) -> None:
    hall.provider.submit_errors = [AmbiguousSubmitError("timed out")]
    stepping(hall, CrashPoint.BEFORE_POST, seconds)
    began = hall.clock.monotonic()
    view = await buy(hall)
    assert len(hall.provider.orders) == 1
    assert view.session.total_cost == PRICE
    assert 33 < hall.clock.monotonic() - began < 100


@pytest.mark.parametrize("seconds", [0.0, HOURS, -HOURS])
async def test_what_was_ordered_before_a_crash_is_looked_for_by_the_providers_clock(hall: Hall, seconds: float) -> None:
    died: list[CrashPoint] = []

    def die(reached: CrashPoint) -> None:
        if reached is CrashPoint.POST_ANSWERED and not died:
            died.append(reached)
            hall.clock.step(seconds)
            raise Crash

    hall.checkpoint = die
    view = await buy(hall)
    assert died
    assert (len(hall.provider.orders), view.session.total_cost) == (1, PRICE)
    (call,) = await calls(hall)
    assert call.provider_posted_at is not None
    assert call.provider_posted_at.year == 2031
    assert hall.provider.searches == [call.provider_posted_at - timedelta(minutes=5)]
    assert call.provider_created_at == hall.provider.jobs["job1"].created_at


async def test_the_limit_on_a_job_counts_over_a_restart_by_the_providers_clock(hall: Hall) -> None:
    hall.provider.stuck = True
    died: list[CrashPoint] = []

    def die(reached: CrashPoint) -> None:
        if reached is CrashPoint.WAITING and len(died) < 2:
            died.append(reached)
            # The process is away for some minutes, and comes back with a clock that is hours behind.
            hall.clock.now += timedelta(minutes=6)
            hall.clock.step(-HOURS)
            raise Crash

    hall.checkpoint = die
    began = hall.clock.monotonic()
    view = await buy(hall)
    assert "was not made within 10 minutes" in (view.session.error or "")
    assert hall.provider.jobs["job1"].status is JobStatus.CANCELED
    assert hall.clock.monotonic() - began < 30 * 60


async def test_a_provider_without_a_clock_is_searched_from_the_beginning(hall: Hall) -> None:
    hall.provider.clock = None
    hall.provider.submit_errors = [AmbiguousSubmitError("timed out")]
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    began = hall.clock.monotonic()
    view = await buy(hall)
    assert (len(hall.provider.orders), view.session.total_cost) == (1, PRICE)
    assert set(hall.provider.searches) == {None}
    assert hall.clock.monotonic() - began > 33


async def test_an_order_that_cannot_be_looked_for_is_reported_and_kept_reserved(hall: Hall) -> None:
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    hall.provider.search_errors = [UnavailableError("Replicate is not available")] * 100
    view = await buy(hall)
    assert view.session.stage is Stage.FAILED
    words = view.session.error or ""
    assert "an order for this clip may have been placed at replicate and cannot be found" in words
    assert f"its ${PRICE} stay reserved" in words
    assert "try again later" in words
    assert states(await calls(hall)) == [CallState.INTENT]
    assert (len(hall.provider.orders), view.session.reserved) == (1, PRICE)
    # Nor does the sweep settle what it cannot know.
    assert await sweep(hall) == 0
    assert (await hall.sessions.record(view.session.id)).reserved == PRICE
    hall.provider.search_errors.clear()
    again = await hall.make_clips(view.session.id, HOSTED)
    assert (len(hall.provider.orders), again.session.total_cost) == (1, PRICE)
    await check_books(hall.database)


async def test_an_account_that_is_refused_is_reported_with_the_order_that_may_be_there(hall: Hall) -> None:
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    hall.provider.search_errors = [UnauthorizedError("check the token")]
    view = await buy(hall)
    assert "check the token" in (view.session.error or "")
    assert "may have been placed" in (view.session.error or "")
    assert states(await calls(hall)) == [CallState.INTENT]


async def test_a_list_that_lags_is_waited_for(hall: Hall) -> None:
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    hall.provider.list_lag = 31
    view = await buy(hall)
    assert (len(hall.provider.orders), view.session.total_cost) == (1, PRICE)


async def test_a_list_that_lacks_orders_that_were_accepted_proves_nothing(hall: Hall) -> None:
    first = await buy(hall)
    hall.provider.list_lag = 10_000
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    await hall.approve_images_again(first.session)
    view = await hall.make_clips(first.session.id, HOSTED, prompt="neon night")
    # The first one's id is known, so it is seen that the list is behind.
    assert "does not list all orders that it accepted" in (view.session.error or "")
    assert len(hall.provider.orders) == 2
    assert sorted(states(await calls(hall))) == [CallState.INTENT, CallState.PAID]
    assert await sweep(hall, minutes=1) == 0
    hall.provider.list_lag = 0
    again = await hall.make_clips(view.session.id, HOSTED, prompt="neon night")
    assert (len(hall.provider.orders), again.session.total_cost) == (2, 2 * PRICE)
    await check_books(hall.database)


async def test_what_was_never_accepted_is_released_by_the_sweep_once_that_is_known(hall: Hall) -> None:
    hall.provider.submit_errors = [AmbiguousSubmitError("timed out")]
    hall.provider.search_errors = [UnavailableError("Replicate is not available")] * 100
    view = await buy(hall)
    assert states(await calls(hall)) == [CallState.INTENT]
    hall.provider.search_errors.clear()
    assert await sweep(hall) == 1
    assert states(await calls(hall)) == [CallState.RELEASED]
    assert (await hall.sessions.record(view.session.id)).reserved == 0


async def test_an_order_that_may_be_among_removed_ones_is_reported_and_counted_as_bought(hall: Hall) -> None:
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    search = hall.provider.search

    async def removed(marker: int, since: object) -> Search:
        return replace(await search(marker, None), job=None, unreadable=frozenset(hall.provider.jobs))

    hall.provider.search = removed
    view = await buy(hall)
    assert "has removed the inputs of jobs that may include this order" in (view.session.error or "")
    assert (len(hall.provider.orders), view.session.reserved) == (1, PRICE)
    assert await sweep(hall) == 1
    (call,) = await calls(hall)
    assert (call.state, call.amount) == (CallState.LOST, PRICE)
    # Who asks again after that orders anew, and knows why.
    hall.provider.search = search
    again = await hall.make_clips(view.session.id, HOSTED)
    assert again.session.total_cost == 2 * PRICE


async def test_removed_inputs_of_other_orders_hide_nothing(hall: Hall) -> None:
    first = await buy(hall)
    search = hall.provider.search

    async def removed(marker: int, since: object) -> Search:
        return replace(await search(marker, None), unreadable=frozenset({"job1"}))

    hall.provider.search = removed
    hall.provider.submit_errors = [AmbiguousSubmitError("timed out")]
    await hall.approve_images_again(first.session)
    view = await hall.make_clips(first.session.id, HOSTED, prompt="neon night")
    assert (len(hall.provider.orders), view.session.total_cost) == (2, 2 * PRICE)


@pytest.mark.parametrize("seconds", [HOURS, -HOURS])
async def test_the_sweep_waits_for_no_clock(hall: Hall, seconds: float) -> None:
    hall.provider.stuck = True

    def die(point: CrashPoint) -> None:
        if point is CrashPoint.WAITING:
            raise Crash

    hall.checkpoint = die
    session = await hall.session(1)
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", 0.8, HOSTED)
    with pytest.raises(Crash):
        await hall.jobs.run_once(started.job_id)
    await hall.orchestrator.cancel("ann", session.id)
    hall.clock.step(seconds)
    assert await sweep(hall, minutes=0) == 1
    assert states(await calls(hall)) == [CallState.LOST]


@pytest.mark.parametrize("seconds", SKEWS)
async def test_a_clip_whose_answer_was_lost_is_bought_once_whatever_the_time_there(
    shop: Shop, stand_in: StandIn, seconds: int
) -> None:
    stand_in.skew(seconds)
    stand_in.fault("drop_accepted", model=f"bytedance/{MODEL}")
    session = await shop.session(1)
    started = await shop.orchestrator.generate_clips("ann", session.id, "calm", 2.0, MODEL)
    await shop.jobs.work(started.job_id)
    view = await shop.sessions.view(session.id)
    assert view.session.stage is Stage.CLIP_SELECTION, view.session.error
    assert view.session.total_cost == total(stand_in) == Decimal("0.12")
    assert 0 <= view.assets[-1].generation_time < 60


@pytest.mark.parametrize("seconds", [-420, 420])
@pytest.mark.parametrize("model", ["black-forest-labs/flux-pro", "meta/meta-llama-3-70b-instruct"])
async def test_so_are_images_and_texts(darkroom: Darkroom, stand_in: StandIn, model: str, seconds: int) -> None:
    stand_in.skew(seconds)
    stand_in.rules(texts=[SCENES] * 4)
    stand_in.fault("drop_accepted", model=model)
    darkroom.hire_writers()
    session = (await darkroom.sessions.create("ann", seed=7)).id
    view = await darkroom.make_images(session, count=1)
    assert len(await darkroom.images(session)) == 1
    entries = stand_in.billing()["entries"]
    # Every question and every picture is there once; the second question is the one that follows an answer of no use.
    assert len([entry for entry in entries if entry["model"].startswith("black")]) == 1
    assert len({entry["input"].get("prompt") for entry in entries}) == len(entries)
    assert view.session.total_cost == total(stand_in)
    await check_books(darkroom.database)


@pytest.mark.parametrize("seconds", [-420, 420])
async def test_webhooks_are_taken_by_the_time_of_who_sends_them(shop: Shop, stand_in: StandIn, seconds: int) -> None:
    stand_in.skew(seconds)
    stand_in.rules(processing=0.5)
    shop.patience = replace(shop.patience, poll_first=30.0, poll_most=30.0)
    shop.jobs.flows = dict(build_flows(shop.kit("patient machine")).by_name)
    async with hooked(shop, stand_in.webhook_secret):
        session = await shop.session(1)
        started = await shop.orchestrator.generate_clips("ann", session.id, "calm", 2.0, MODEL)
        await shop.jobs.work(started.job_id)
    assert [delivery["result"] for delivery in stand_in.deliveries()] == ["200"]
    view = await shop.sessions.view(session.id)
    assert view.session.stage is Stage.CLIP_SELECTION


async def test_no_other_language_model_is_asked_where_an_answer_may_be_on_its_way(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    stand_in.fault("drop_accepted", model="meta/llama-4-maverick-instruct")
    stand_in.fault("server_error", on="list", times=10_000)
    darkroom.hire_writers()
    session = (await darkroom.sessions.create("ann", seed=7)).id
    view = await darkroom.make_images(session, count=1)
    assert len(await darkroom.images(session)) == 1
    models = sorted(entry["model"] for entry in stand_in.billing()["entries"])
    assert models == ["black-forest-labs/flux-pro", "meta/llama-4-maverick-instruct"]
    (call,) = await darkroom.open_calls(session)
    assert (call.state, view.session.reserved) == (CallState.INTENT, call.estimate)
    warnings = [str(event.data.get("warning")) for event in await darkroom.events(session)]
    assert any("may have been placed" in words for words in warnings)


async def test_no_other_image_model_is_asked_where_a_picture_may_be_on_its_way(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    stand_in.fault("drop_accepted", model="black-forest-labs/flux-pro")
    stand_in.fault("server_error", on="list", times=10_000)
    session = (await darkroom.sessions.create("ann", seed=7)).id
    view = await darkroom.make_images(session, count=1)
    assert view.session.stage is Stage.FAILED
    assert "an order for this image may have been placed" in (view.session.error or "")
    stand_in.reset_faults()
    again = await darkroom.make_images(session, count=1)
    assert again.session.total_cost == total(stand_in) == Decimal("0.05")
