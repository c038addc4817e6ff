from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adreel.billing.crash_points import CrashPoint
from adreel.domain.costs.ledger import CallState
from adreel.domain.errors import KilledError, StageError
from adreel.domain.providers import JobStatus
from adreel.domain.sessions.session import SessionRecord
from adreel.domain.sessions.stage import Action, Stage
from adreel.orchestrator.engine.client import Outcome
from adreel.orchestrator.engine.engine import MAX_RECOVERIES
from adreel.orchestrator.engine.steps import JobState, WorkflowCancelled
from support.durable import until
from support.flows import HOSTED, PRICE, SECONDS, Hall
from support.sessions import check_books
from support.steps import Crash


async def begun(hall: Hall) -> tuple[SessionRecord, str]:
    session = await hall.session(images=1)
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", SECONDS, HOSTED)
    return session, started.job_id


async def sweep(hall: Hall, minutes: float = 10) -> int:
    hall.clock.now += timedelta(minutes=minutes)
    return await hall.flows.ledger_sweep.sweep_ledger(hall.clock())


async def test_cancelling_reaches_the_provider_and_settles(hall: Hall) -> None:
    hall.provider.stuck = True
    session, job = await begun(hall)
    work = asyncio.create_task(hall.jobs.work(job))
    await until(lambda: bool(hall.provider.orders), "an order")
    record = await hall.orchestrator.cancel("ann", session.id)
    with pytest.raises(WorkflowCancelled):
        await work
    assert record.stage is Stage.IMAGE_SELECTION
    assert record.job is None
    assert [remote.status for remote in hall.provider.jobs.values()] == [JobStatus.CANCELED]
    assert await hall.ledger.open_calls() == ()
    assert (await hall.sessions.record(session.id)).total_cost == PRICE
    assert (await hall.events(session.id))[-1].message == "Cancelled"
    await check_books(hall.database)


async def test_what_was_cancelled_before_it_began_costs_nothing(hall: Hall) -> None:
    session, job = await begun(hall)
    await hall.orchestrator.cancel("ann", session.id)
    with pytest.raises(WorkflowCancelled):
        await hall.jobs.work(job)
    assert hall.provider.orders == []
    assert (await hall.sessions.record(session.id)).stage is Stage.IMAGE_SELECTION


async def test_nothing_is_ordered_for_a_cancelled_job_even_when_the_engine_goes_on(hall: Hall) -> None:
    session, job = await begun(hall)
    record = await hall.sessions.record(session.id)
    assert record.job is not None
    await hall.sessions.cancelled(record.job.id)
    await hall.jobs.work(job)
    assert hall.provider.orders == []
    assert await sweep(hall) == 1
    assert (await hall.sessions.record(session.id)).reserved == 0


async def test_a_purchase_left_by_a_dead_worker_is_stopped_by_the_sweep(hall: Hall) -> None:
    hall.provider.stuck = True

    def die(point: CrashPoint) -> None:
        if point is CrashPoint.WAITING:
            raise Crash

    hall.checkpoint = die
    session, job = await begun(hall)
    with pytest.raises(Crash):
        await hall.jobs.run_once(job)
    assert await sweep(hall) == 0, "the job is still wanted"
    await hall.orchestrator.cancel("ann", session.id)
    assert await sweep(hall) == 1
    assert [remote.status for remote in hall.provider.jobs.values()] == [JobStatus.CANCELED]
    assert (await hall.sessions.record(session.id)).reserved == 0
    await check_books(hall.database)


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_intent_left_by_a_dead_worker_is_looked_for(hall: Hall, arrived: bool) -> None:
    def die(point: CrashPoint) -> None:
        if point is (CrashPoint.POST_ANSWERED if arrived else CrashPoint.BEFORE_POST):
            raise Crash

    hall.checkpoint = die
    session, job = await begun(hall)
    with pytest.raises(Crash):
        await hall.jobs.run_once(job)
    (call,) = await hall.ledger.open_calls()
    assert call.state is CallState.INTENT
    await hall.orchestrator.cancel("ann", session.id)
    assert await sweep(hall) == 1
    settled = await hall.ledger.get(call.key)
    assert settled is not None
    expected = (CallState.LOST, PRICE) if arrived else (CallState.RELEASED, Decimal(0))
    assert (settled.state, settled.amount) == expected
    assert len(hall.provider.jobs) == int(arrived)


async def test_an_order_that_may_still_arrive_is_left_to_a_later_sweep(hall: Hall) -> None:
    def die(point: CrashPoint) -> None:
        if point is CrashPoint.BEFORE_POST:
            raise Crash

    hall.checkpoint = die
    session, job = await begun(hall)
    with pytest.raises(Crash):
        await hall.jobs.run_once(job)
    await hall.orchestrator.cancel("ann", session.id)
    hall.clock.now += timedelta(seconds=10)
    assert await hall.flows.ledger_sweep.sweep_ledger(hall.clock() + timedelta(seconds=60)) == 0
    assert await sweep(hall) == 1


async def died_with_a_clip_ready(hall: Hall) -> SessionRecord:
    died: list[CrashPoint] = []

    def die(point: CrashPoint) -> None:
        if point is CrashPoint.OUTPUT_FETCHED and not died:
            died.append(point)
            raise Crash

    hall.checkpoint = die
    session, job = await begun(hall)
    with pytest.raises(Crash):
        await hall.jobs.run_once(job)
    return session


async def test_a_clip_that_was_ready_when_cancelled_is_collected_by_the_next_try(hall: Hall) -> None:
    session = await died_with_a_clip_ready(hall)
    await hall.orchestrator.cancel("ann", session.id)
    assert await sweep(hall) == 0
    await hall.make_clips(session.id, HOSTED)
    assert len(hall.provider.orders) == 1
    assert len(await hall.clips(session.id)) == 1


async def test_a_clip_that_nobody_collected_counts_once_the_provider_has_removed_it(hall: Hall) -> None:
    session = await died_with_a_clip_ready(hall)
    await hall.orchestrator.cancel("ann", session.id)
    hall.provider.jobs = {key: replace(remote, expired=True) for key, remote in hall.provider.jobs.items()}
    assert await sweep(hall) == 1
    assert (await hall.sessions.record(session.id)).total_cost == PRICE


async def test_the_purchases_of_a_deleted_session_are_settled(hall: Hall) -> None:
    session = await died_with_a_clip_ready(hall)
    await hall.orchestrator.cancel("ann", session.id)
    await hall.sessions.delete("ann", session.id)
    assert await sweep(hall) == 1
    budget = await hall.ledger.budget("ann")
    assert (budget.spent, budget.reserved) == (PRICE, Decimal(0))


async def test_drawing_stops_when_it_is_cancelled(hall: Hall) -> None:
    session = await hall.session(images=1)
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", 20.0)
    work = asyncio.create_task(hall.jobs.work(started.job_id))
    await until(lambda: bool(hall.drawing.drawn), "drawing to begin")
    await hall.orchestrator.cancel("ann", session.id)
    with pytest.raises(WorkflowCancelled):
        await work
    assert await hall.clips(session.id) == ()


async def test_only_work_can_be_cancelled(hall: Hall) -> None:
    session = await hall.session()
    with pytest.raises(StageError, match="nothing is under way"):
        await hall.orchestrator.cancel("ann", session.id)


async def test_the_sweep_publishes_an_end_that_its_flow_could_not(hall: Hall) -> None:
    session, _ = await begun(hall)
    job = (await hall.sessions.record(session.id)).job
    assert job is not None
    assert job.action is Action.GENERATE_CLIPS
    outcome = Outcome(JobState.FAILED, None, None)
    await hall.orchestrator.job_ended(session.id, job, outcome)
    await hall.orchestrator.job_ended(session.id, job, outcome)
    record = await hall.sessions.record(session.id)
    assert (record.stage, record.error) == (Stage.FAILED, str(KilledError(MAX_RECOVERIES)))
    assert [event.data.get("end") for event in await hall.events(session.id)] == [None, "failed"]


async def test_a_cancellation_that_was_not_published_is_published_by_the_sweep(hall: Hall) -> None:
    session, _ = await begun(hall)
    job = (await hall.sessions.record(session.id)).job
    assert job is not None
    await hall.orchestrator.job_ended(session.id, job, Outcome(JobState.CANCELLED, None, None))
    assert (await hall.sessions.record(session.id)).stage is Stage.IMAGE_SELECTION
