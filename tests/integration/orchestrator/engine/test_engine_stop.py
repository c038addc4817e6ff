"""What happens to work when its process is stopped in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adreel.db.engine import sqlite_url
from adreel.domain.errors import LostLeaseError
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine import dbos_steps
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import JobState, QueueLimits, Steps, WorkflowCancelled
from support.durable import until, until_over

QUEUES = {"jobs": QueueLimits(8, 8)}


class Film:
    """A step that ends once `ends` is set, one that waits for `go`, one that ends by itself."""

    def __init__(self, *, held: bool = False) -> None:
        self.notes: list[str] = []
        self.go = asyncio.Event()
        self.ends = asyncio.Event()
        if not held:
            self.ends.set()

    async def flow(self, steps: Steps, order: Json) -> Json:
        await steps.run("whole", self.whole)
        await steps.run("wait", self.wait, preemptible=True, on_cancel=self.cancelled)
        await steps.run("last", self.note, "last")
        return {"done": True}

    async def whole(self) -> None:
        self.notes.append("begun")
        await self.ends.wait()
        self.notes.append("whole")

    async def wait(self) -> None:
        self.notes.append("waits")
        await self.go.wait()

    async def note(self, word: str) -> None:
        self.notes.append(word)

    async def cancelled(self) -> None:
        self.notes.append("cancelled")


def engine_of(tmp_path: Path, film: Film) -> DurableEngine:
    return DurableEngine(sqlite_url(tmp_path / "engine.db"), {"film": film.flow}, "embedded", QUEUES, poll_seconds=0.05)


async def test_stopping_interrupts_a_wait_without_cancelling_what_is_waited_for(tmp_path: Path) -> None:
    film = Film()
    engine = engine_of(tmp_path, film)
    await engine.launch()
    await engine.enqueue("film", "film", {}, "jobs")
    await until(lambda: "waits" in film.notes, "the wait to begin")
    await engine.close()
    assert film.notes == ["begun", "whole", "waits"]
    assert await asyncio.to_thread(lambda: "the loop has threads again") == "the loop has threads again"

    film.go.set()
    again = engine_of(tmp_path, film)
    await again.launch()
    assert await until_over(again, "film") is JobState.DONE
    assert film.notes == ["begun", "whole", "waits", "waits", "last"]
    await again.close()


async def test_a_workflow_that_another_process_runs_now_is_not_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library raises the same in a process whose workflow was taken over as for a cancellation."""
    film, done = Film(), dbos_steps._durable_step

    async def taken_over(name: str, work: Callable[[], Awaitable[object]], *, preemptible: bool) -> object:
        result = await done(name, work, preemptible=preemptible)
        if name == "wait":
            film.notes.append("taken over")
            raise WorkflowCancelled("another process runs it now")
        return result

    monkeypatch.setattr(dbos_steps, "_durable_step", taken_over)
    film.go.set()
    engine = engine_of(tmp_path, film)
    await engine.launch()
    await engine.enqueue("film", "film", {}, "jobs")
    await until(lambda: "taken over" in film.notes, "the takeover")
    await engine.close()
    assert film.notes == ["begun", "whole", "waits", "taken over"]


async def test_stopping_waits_for_a_step_that_has_begun(tmp_path: Path) -> None:
    film = Film(held=True)
    engine = engine_of(tmp_path, film)
    await engine.launch()
    await engine.enqueue("film", "film", {}, "jobs")
    await until(lambda: "begun" in film.notes, "the first step to begin")
    closing = asyncio.create_task(engine.close())
    await asyncio.sleep(0.2)
    assert not closing.done()
    film.ends.set()
    await closing
    assert film.notes == ["begun", "whole"]


async def test_stopping_does_not_wait_for_ever(tmp_path: Path) -> None:
    film = Film(held=True)
    engine = engine_of(tmp_path, film)
    await engine.launch()
    await engine.enqueue("film", "film", {}, "jobs")
    await until(lambda: "begun" in film.notes, "the first step to begin")
    await engine.close(patience=0)
    assert film.notes == ["begun"]


async def test_after_the_lease_is_lost_no_step_begins_and_the_work_is_left_to_others(tmp_path: Path) -> None:
    film = Film()
    is_lost = False

    async def fence() -> None:
        if is_lost:
            raise LostLeaseError("taken for dead")

    engine = DurableEngine(
        sqlite_url(tmp_path / "engine.db"), {"film": film.flow}, "embedded", QUEUES, fence=fence, poll_seconds=0.05
    )
    await engine.launch()
    await engine.enqueue("film", "film", {}, "jobs")
    await until(lambda: "waits" in film.notes, "the wait to begin")
    is_lost = True
    film.go.set()
    await asyncio.sleep(0.5)
    assert film.notes == ["begun", "whole", "waits"]
    assert await engine.status("film") is JobState.RUNNING
    await engine.close()
