"""Steps and ends that the engine cannot write down: the work goes on in the same process once it can."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from dbos._sys_db import SystemDatabase
from sqlalchemy.exc import OperationalError

from adreel.db.engine import sqlite_url
from adreel.domain.errors import NoSpaceError
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.client import Outcome
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import JobState, QueueLimits, Steps
from adreel.orchestrator.stranded import StrandedWork
from support.durable import until, until_over
from support.pg import PostgresServer

QUEUES = {"jobs": QueueLimits(8, 8), "clips": QueueLimits(8, 8)}


@dataclass
class Full:
    """While `is_on`, the engine's writes of this kind fail as SQLite fails on a full disk; at most `limit` of them."""

    is_on: bool = True
    refused: int = 0
    limit: int | None = None

    def wrapped(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def writing(*args: Any, **more: Any) -> Any:
            if not self.is_on:
                return write(*args, **more)
            self.refused += 1
            self.is_on = self.refused != self.limit
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise OperationalError("INSERT", {}, error)

        return writing


@dataclass
class Place:
    engine: DurableEngine
    worked: list[str] = field(default_factory=list[str])

    async def ended(self, workflow_id: str) -> Outcome:
        await until_over(self.engine, workflow_id)
        return (await self.engine.outcomes([workflow_id]))[workflow_id]


@pytest.fixture
def recoveries() -> int:
    """So many that a busy machine, on which work that only begins late is resumed too, does not use them up."""
    return 50


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, recoveries: int) -> AsyncIterator[Place]:
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "engine.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.empty()
    worked: list[str] = []

    async def step(name: str) -> str:
        worked.append(name)
        return name

    async def clip(steps: Steps, order: Json) -> Json:
        return {"clip": await steps.run("draw", step, order["name"])}

    async def job(steps: Steps, order: Json) -> Json:
        await steps.run("plan", step, "plan")
        children = await steps.children("clip", {f"{steps.workflow_id}:0": {"name": "a"}}, "clips")
        return {"made": await children.results(), "name": order["name"]}

    engine = DurableEngine(
        url, {"job": job, "clip": clip}, "tests", QUEUES, poll_seconds=0.05, max_recoveries=recoveries
    )
    await engine.launch()
    yield Place(engine, worked)
    await engine.close(patience=1)


@pytest.mark.parametrize("write", ["_record_operation_result_txn", "update_workflow_outcome", "init_workflows"])
async def test_work_that_could_not_be_written_down_goes_on_without_a_restart(
    place: Place, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    full = Full()
    monkeypatch.setattr(SystemDatabase, write, full.wrapped(getattr(SystemDatabase, write)))
    await place.engine.enqueue("job", "one", {"name": "one"}, "jobs")
    await until(lambda: full.refused > 0, "a write that is refused")
    full.is_on = False
    outcome = await _outcome_with_resumes(place, "one")
    if write == "init_workflows":
        # A step may fail as a full disk: it is the flow's to repeat.
        assert isinstance(outcome.error, NoSpaceError)
    else:
        assert outcome.output == {"made": [{"clip": "a"}], "name": "one"}
    assert await place.engine.stranded() == frozenset()


@pytest.mark.parametrize("write", ["_record_operation_result_txn", "update_workflow_outcome"])
async def test_a_single_failed_write_does_not_become_the_failure_of_the_work(
    place: Place, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """The engine answers a result that it cannot store by storing that error instead, which a moment later succeeds."""
    full = Full(limit=1)
    monkeypatch.setattr(SystemDatabase, write, full.wrapped(getattr(SystemDatabase, write)))
    await place.engine.enqueue("job", "one", {"name": "one"}, "jobs")
    await until(lambda: full.refused > 0, "a write that is refused")
    outcome = await _outcome_with_resumes(place, "one")
    assert outcome.output == {"made": [{"clip": "a"}], "name": "one"}


@pytest.mark.parametrize("recoveries", [3])
async def test_what_strands_every_time_is_given_up_in_the_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Full()
    refused = full.wrapped(SystemDatabase._record_operation_result_txn)
    monkeypatch.setattr(SystemDatabase, "_record_operation_result_txn", refused)
    watch = StrandedWork(place.engine, _room, every_seconds=0.02, patience_seconds=0.05)
    running = asyncio.create_task(watch.run())
    await place.engine.enqueue("clip", "lost", {"name": "lost"}, "clips")
    try:
        outcome = await place.ended("lost")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert outcome.state is JobState.FAILED
    assert 2 <= place.worked.count("lost") <= 5


async def test_what_runs_is_not_stranded(place: Place) -> None:
    watch = StrandedWork(place.engine, _room, patience_seconds=0)
    await place.engine.enqueue("job", "two", {"name": "two"}, "jobs")
    resumed = 0
    while not (await place.engine.states(["two"]))["two"].is_over:
        found = await place.engine.stranded()
        await asyncio.sleep(0.05)
        resumed += len(found & await place.engine.stranded())
    assert resumed == 0
    assert await watch.poll() == 0
    assert place.worked.count("plan") == 1


async def _outcome_with_resumes(place: Place, workflow_id: str) -> Outcome:
    watch = StrandedWork(place.engine, _room, every_seconds=0.05, patience_seconds=1.5)
    running = asyncio.create_task(watch.run())
    try:
        return await place.ended(workflow_id)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _room() -> None:
    """There is room."""
