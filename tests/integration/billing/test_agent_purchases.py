"""Agents that are called outside of a job buy through the ledger, from the stand-in over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adreel.agents.agent import AgentInput, AgentOutput
from adreel.agents.video_generator import ClipsMade, ClipsOrder, VideoGeneratorAgent
from adreel.billing.crash_points import CrashPoint
from adreel.domain.costs.ledger import CallState, PaidCall, PurchaseKind
from adreel.domain.errors import BudgetError, GenerationError, InputError, NotFoundError
from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.providers import JobStatus
from adreel.orchestrator.flows.build import let_agents_buy
from support.flows import HOSTED, PRICE, Hall
from support.hosted import Shop
from support.pictures import SMALL
from support.replicate import StandIn
from support.sessions import check_books
from support.steps import Crash

SVD = "stable-video-diffusion"
SVD_PRICE = Decimal("0.80")
FRAMES = 24


def buying(hall: Hall) -> VideoGeneratorAgent:
    """An agent of a program that buys through the hall's ledger."""
    kit = hall.kit("a program")
    let_agents_buy(kit)
    return kit.agent


async def order(hall: Hall, model: str = SVD, cap: str | None = None) -> AgentInput[ClipsOrder]:
    """One clip for a session that runs no job."""
    session = await hall.session(1, cap)
    path = hall.storage.local_path(f"sessions/{session.id}/images/photo0.{'png' if isinstance(hall, Shop) else 'jpg'}")
    assert path is not None
    image = ApprovedImage("photo", path, ViewType.FRONT)
    return AgentInput(session.id, ClipsOrder((image,), "calm", FRAMES, SMALL, 7, model))


async def calls(hall: Hall, session_id: str) -> list[PaidCall]:
    found = await hall.ledger.calls_at("replicate", hall.clock() - timedelta(days=3650))
    return [call for call in found if call.session_id == session_id]


def made(output: AgentOutput[ClipsMade]) -> ClipsMade:
    assert output.data is not None, output.errors
    return output.data


async def test_the_specified_model_is_bought_through_the_ledger_and_once(shop: Shop, stand_in: StandIn) -> None:
    wanted = await order(shop)
    first = await buying(shop).process(wanted)
    (clip,) = made(first).clips
    assert (clip.model, clip.cost, first.cost, clip.segment and clip.segment.size) == (SVD, SVD_PRICE, SVD_PRICE, SMALL)
    (call,) = await calls(shop, wanted.session_id)
    assert (call.kind, call.model, call.state, call.amount) == (PurchaseKind.CLIP, SVD, CallState.PAID, SVD_PRICE)
    total, [line] = await shop.sessions.costs("ann", wanted.session_id)
    assert (total, line.agent, line.success) == (SVD_PRICE, "video_generator", True)
    # The provider removes its files after an hour: what was bought does not depend on it.
    stand_in.advance(7200)
    again = await buying(shop).process(wanted)
    assert made(again).clips[0].segment == clip.segment
    assert Decimal(stand_in.billing()["total"]) == SVD_PRICE
    assert await calls(shop, wanted.session_id) == [call]
    await check_books(shop.database)


async def test_a_budget_that_does_not_cover_it_buys_nothing(shop: Shop, stand_in: StandIn) -> None:
    wanted = await order(shop, cap="0.79")
    output = await buying(shop).process(wanted)
    assert (output.success, output.cost) == (False, Decimal(0))
    assert isinstance(output.errors[0], BudgetError)
    assert stand_in.billing()["count"] == 0
    assert await calls(shop, wanted.session_id) == []


@pytest.mark.parametrize("point", [CrashPoint.INTENT_WRITTEN, CrashPoint.POST_ANSWERED, CrashPoint.ID_STORED])
async def test_a_program_that_dies_over_a_purchase_resumes_it(hall: Hall, point: CrashPoint) -> None:
    def die(reached: CrashPoint) -> None:
        if reached is point:
            raise Crash

    wanted = await order(hall, HOSTED)
    hall.checkpoint = die
    assert not (await buying(hall).process(wanted)).success
    hall.checkpoint = lambda _point: None
    assert made(await buying(hall).process(wanted)).clips[0].cost == PRICE
    assert len(hall.provider.orders) == 1
    assert [call.state for call in await calls(hall, wanted.session_id)] == [CallState.PAID]


async def test_a_clip_that_fails_is_lost_and_bought_again_by_the_next_call(hall: Hall) -> None:
    hall.provider.endings = [JobStatus.FAILED]
    wanted = await order(hall, HOSTED)
    output = await buying(hall).process(wanted)
    assert (output.success, output.cost) == (False, PRICE)
    assert isinstance(output.errors[0], GenerationError)
    assert "gave no clip (failed)" in str(output.errors[0])
    assert (await buying(hall).process(wanted)).success
    assert [call.state for call in await calls(hall, wanted.session_id)] == [CallState.LOST, CallState.PAID]
    await check_books(hall.database)


async def test_another_seed_is_another_purchase(hall: Hall) -> None:
    wanted = await order(hall, HOSTED)
    agent = buying(hall)
    for seed in (7, 8, 7):
        assert (await agent.process(replace(wanted, data=replace(wanted.data, seed=seed)))).success
    assert len(hall.provider.orders) == 2


async def test_the_sweep_leaves_a_living_program_its_purchase(hall: Hall) -> None:
    """No job of the session says that the program still waits: only the time limit of a purchase ends it."""

    def die(reached: CrashPoint) -> None:
        if reached is CrashPoint.WAITING:
            raise Crash

    wanted = await order(hall, HOSTED)
    hall.provider.stuck, hall.checkpoint = True, die
    await buying(hall).process(wanted)
    sweep, now = hall.flows.ledger_sweep, hall.clock()
    assert await sweep.sweep_ledger(now + timedelta(minutes=10)) == 0
    (call,) = await calls(hall, wanted.session_id)
    assert (call.state, call.outside_job) == (CallState.SUBMITTED, True)
    assert await sweep.sweep_ledger(now + timedelta(minutes=12)) == 1
    assert hall.provider.jobs["job1"].status is JobStatus.CANCELED


async def test_what_cannot_be_bought_says_why(hall: Hall) -> None:
    wanted = await order(hall, HOSTED)
    without_ledger = await hall.kit("a program").agent.process(wanted)
    assert isinstance(without_ledger.errors[0], InputError)
    assert f"{HOSTED} cannot be used here" in str(without_ledger.errors[0])
    unknown = await buying(hall).process(replace(wanted, session_id="nowhere"))
    assert isinstance(unknown.errors[0], NotFoundError)
    too_long = await buying(hall).process(replace(wanted, data=replace(wanted.data, clip_frames=3000)))
    assert "choose between" in str(too_long.errors[0])
    assert hall.provider.orders == []
