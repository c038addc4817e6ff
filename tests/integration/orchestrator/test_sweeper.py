from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adreel.db.engine import Database, sqlite_url
from adreel.domain.errors import StorageError
from adreel.domain.sessions.session import Job, Json
from adreel.domain.sessions.stage import Action
from adreel.orchestrator.engine.client import Outcome
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import JobState, QueueLimits, Steps
from adreel.orchestrator.sweeper import Route, Sweeper, Swept
from support.durable import until_over

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ROUTES = {Action.GENERATE_CLIPS: Route("clips", "jobs")}


def job(name: str, age: float = 60) -> Job:
    return Job(name, Action.GENERATE_CLIPS, {"of": name}, NOW - timedelta(seconds=age))


class Sessions:
    def __init__(self, *jobs: Job) -> None:
        self.jobs = jobs

    async def jobs_under_way(self, limit: int) -> tuple[tuple[str, Job], ...]:
        return tuple((f"session of {one.id}", one) for one in self.jobs[:limit])


class Engine:
    def __init__(self, **states: JobState) -> None:
        self.known = states
        self.enqueued: list[tuple[str, str, Json, str]] = []
        self.forgotten: list[datetime] = []

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        self.enqueued.append((flow, workflow_id, order, queue))

    async def states(self, workflow_ids: Collection[str]) -> Mapping[str, JobState]:
        return {one: self.known[one] for one in workflow_ids if one in self.known}

    async def outcomes(self, workflow_ids: Collection[str]) -> Mapping[str, Outcome]:
        return {one: Outcome(self.known[one], None, None) for one in workflow_ids if self.known[one].is_over}

    async def forget(self, before: datetime, limit: int = 200) -> int:
        self.forgotten.append(before)
        return 7


class Reported:
    def __init__(self) -> None:
        self.ends: list[tuple[str, str, JobState]] = []

    async def __call__(self, session_id: str, job: Job, outcome: Outcome) -> None:
        self.ends.append((session_id, job.id, outcome.state))


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(sqlite_url(tmp_path / "app.db"))
    yield db
    await db.close()


async def test_a_job_that_the_engine_does_not_know_begins_again_as_it_was_ordered(db: Database) -> None:
    engine, reported = Engine(known=JobState.RUNNING, queued=JobState.ENQUEUED), Reported()
    sessions = Sessions(job("known"), job("queued"), job("unknown"))
    swept = await Sweeper(db, sessions, engine, ROUTES, reported, clock=lambda: NOW).sweep()
    assert engine.enqueued == [("clips", "unknown", {"of": "unknown"}, "jobs")]
    assert swept == Swept(restarted=1, reported=0, forgotten=7)
    assert reported.ends == []


async def test_a_job_that_has_just_begun_is_left_to_the_process_that_began_it(db: Database) -> None:
    engine = Engine()
    await Sweeper(db, Sessions(job("young", age=2)), engine, ROUTES, Reported(), clock=lambda: NOW).sweep()
    assert engine.enqueued == []


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_job_is_not_left_alone_for_hours_when_the_clock_was_set(db: Database, hours: int) -> None:
    engine, reported = Engine(over=JobState.DONE), Reported()
    sessions = Sessions(job("over", age=hours * 3600), job("lost", age=hours * 3600))
    await Sweeper(db, sessions, engine, ROUTES, reported, clock=lambda: NOW).sweep()
    assert [end[1] for end in reported.ends] == ["over"]
    assert [one[1] for one in engine.enqueued] == ["lost"]


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.DONE])
async def test_a_session_gets_the_outcome_that_it_missed(db: Database, state: JobState) -> None:
    reported = Reported()
    swept = await Sweeper(db, Sessions(job("over")), Engine(over=state), ROUTES, reported, clock=lambda: NOW).sweep()
    assert reported.ends == [("session of over", "over", state)]
    assert swept is not None
    assert swept.reported == 1


async def test_what_ended_long_ago_is_forgotten_and_hooks_are_swept_along_whatever_becomes_of_one(db: Database) -> None:
    engine, swept = Engine(), list[str]()

    async def broken() -> None:
        raise StorageError("away")

    async def ledger() -> None:
        swept.append("ledger")

    sweeper = Sweeper(
        db, Sessions(), engine, ROUTES, Reported(), clock=lambda: NOW, keep=timedelta(days=3), hooks=[broken, ledger]
    )
    await sweeper.sweep()
    assert swept == ["ledger"]
    assert engine.forgotten == [NOW - timedelta(days=3)]


async def test_of_two_processes_one_sweeps(pg_database: str) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go.wait()

    dbs = [Database(pg_database) for _ in range(2)]
    first, second = (
        Sweeper(db, Sessions(), Engine(), ROUTES, Reported(), clock=lambda: NOW, hooks=[slow]) for db in dbs
    )
    sweeping = asyncio.create_task(first.sweep())
    await begun.wait()
    assert await second.sweep() is None
    go.set()
    assert await sweeping is not None
    assert await second.sweep() is not None
    for db in dbs:
        await db.close()


async def test_with_the_real_engine_a_lost_job_is_done_once_and_a_failed_one_gets_its_reason(
    db: Database, tmp_path: Path
) -> None:
    runs: list[object] = []
    why: list[str] = []

    async def clips(steps: Steps, order: Json) -> Json:
        runs.append(order["of"])
        if order["of"] == "bad":
            raise StorageError("the disk is full")
        return {}

    sessions = Sessions(job("good"), job("bad"))

    async def report(session_id: str, job: Job, outcome: Outcome) -> None:
        why.append(f"{job.id} {outcome.state} {outcome.error}")
        # A session with a reported outcome has no job any more; an engine is quick enough to be over by the second sweep.
        sessions.jobs = tuple(one for one in sessions.jobs if one.id != job.id)

    engine = DurableEngine(
        sqlite_url(tmp_path / "engine.db"), {"clips": clips}, "embedded", {"jobs": QueueLimits(4, 4)}, poll_seconds=0.05
    )
    await engine.launch()
    try:
        sweeper = Sweeper(db, sessions, engine, ROUTES, report, clock=lambda: NOW)
        await sweeper.sweep()
        await sweeper.sweep()
        for name in ("good", "bad"):
            await until_over(engine, name)
        await sweeper.sweep()
    finally:
        await engine.close()
    assert sorted(map(str, runs)) == ["bad", "good"]
    assert sorted(why) == ["bad failed the disk is full", "good done None"]
