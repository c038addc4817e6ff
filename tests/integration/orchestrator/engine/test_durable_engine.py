from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from adreel.db.engine import sqlite_url
from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    InternalError,
    RefusedError,
    SetupError,
    StorageError,
    ThrottledError,
)
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import Flow, JobState, QueueLimits, Steps
from support.durable import until, until_over, until_state
from support.pg import PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUEUES = {
    "jobs": QueueLimits(32, 32),
    "clips": QueueLimits(32, 32),
    "narrow": QueueLimits(1, 1),
    "two": QueueLimits(2, 2),
}
POLL_SECONDS = 0.05


@dataclass
class Stage:
    """An engine whose one flow is looked up when it runs, so that each test brings its own under a name of its own."""

    url: str
    engine: DurableEngine
    plays: dict[str, Flow] = field(default_factory=dict[str, Flow])

    async def start(self, name: str, play: Flow, order: Json | None = None, queue: str = "jobs") -> None:
        self.plays[name] = play
        await self.engine.enqueue("play", name, {"name": name, **(order or {})}, queue)

    async def run(self, name: str, play: Flow, order: Json | None = None, queue: str = "jobs") -> Json:
        """What the flow answers. Raises what it raised."""
        await self.start(name, play, order, queue)
        await until_over(self.engine, name)
        outcome = (await self.engine.outcomes([name]))[name]
        if outcome.error is not None:
            raise outcome.error
        assert outcome.output is not None
        return outcome.output


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    if request.param == "sqlite":
        url = sqlite_url(tmp_path_factory.mktemp("engine") / "engine.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.empty()
    plays: dict[str, Flow] = {}

    async def play(steps: Steps, order: Json) -> Json:
        return await plays[order["name"]](steps, order)

    engine = DurableEngine(url, {"play": play}, "tests", QUEUES, poll_seconds=POLL_SECONDS)
    await engine.launch()
    yield Stage(url, engine, plays)
    await engine.close(patience=1)


def failing(error: Exception) -> Flow:
    async def fail() -> None:
        raise error

    async def flow(steps: Steps, order: Json) -> Json:
        await steps.run("fail", fail)
        return {}

    return flow


async def test_a_result_is_what_a_flow_would_see_after_a_crash(stage: Stage) -> None:
    async def pair() -> tuple[int, int]:
        return 1, 2

    async def flow(steps: Steps, order: Json) -> Json:
        return {"pair": str(await steps.run("pair", pair)), "id": steps.workflow_id}

    assert await stage.run("plain", flow) == {"pair": "[1, 2]", "id": "plain"}


async def test_an_error_comes_back_with_its_type_and_what_it_knows(stage: Stage) -> None:
    with pytest.raises(BudgetError, match="nothing was bought") as caught:
        await stage.run("budget", failing(BudgetError("session", Decimal("3.50"), Decimal(1), Decimal(2))))
    assert (caught.value.needed, caught.value.whose, caught.value.http_status) == (Decimal("3.50"), "session", 402)
    with pytest.raises(StorageError) as stored:
        await stage.run("storage", failing(StorageError("no such key", retryable=False)))
    assert stored.value.retryable is False


async def test_an_unexpected_error_contains_no_secrets(stage: Stage) -> None:
    with pytest.raises(InternalError) as caught:
        await stage.run("secret", failing(ValueError("password=hunter2")))
    assert "hunter2" not in str(caught.value)


async def test_a_result_that_json_cannot_keep_is_a_mistake(stage: Stage) -> None:
    async def when() -> datetime:
        return datetime.now(UTC)

    async def flow(steps: Steps, order: Json) -> Json:
        await steps.run("when", when)
        return {}

    with pytest.raises(InternalError, match="JSON cannot store"):
        await stage.run("json", flow)


@pytest.mark.parametrize(("error", "attempts"), [(ThrottledError("wait", 0.01), 3), (RefusedError("never"), 1)])
async def test_only_what_may_help_is_tried_again(stage: Stage, error: AdreelError, attempts: int) -> None:
    tried: list[int] = []

    async def attempt() -> None:
        tried.append(1)
        raise error

    async def flow(steps: Steps, order: Json) -> Json:
        await steps.run("attempt", attempt, retries=2)
        return {}

    with pytest.raises(type(error)):
        await stage.run(f"retries-{attempts}", flow)
    assert len(tried) == attempts


async def test_children_answer_to_their_own_places_and_errors_to_theirs(stage: Stage) -> None:
    async def child(steps: Steps, order: Json) -> Json:
        await asyncio.sleep(0.3 - 0.1 * order["number"])
        if order["number"] == 2:
            raise RefusedError("not this one")
        return {"number": order["number"]}

    async def parent(steps: Steps, order: Json) -> Json:
        orders = {f"{steps.workflow_id}:{number}": {"name": "child", "number": number} for number in range(3)}
        results = await (await steps.children("play", orders, "clips")).results()
        return {"results": [str(one) if isinstance(one, RefusedError) else one for one in results]}

    stage.plays["child"] = child
    assert await stage.run("parent", parent) == {"results": [{"number": 0}, {"number": 1}, "not this one"]}


async def test_a_child_may_not_wait_behind_its_parent(stage: Stage) -> None:
    async def parent(steps: Steps, order: Json) -> Json:
        await steps.children("play", {"behind:child": {"name": "behind"}}, "jobs")
        return {}

    with pytest.raises(InternalError, match="queue jobs"):
        await stage.run("behind", parent)


async def test_the_same_id_twice_is_one_workflow(stage: Stage) -> None:
    runs: list[object] = []

    async def flow(steps: Steps, order: Json) -> Json:
        runs.append(order["which"])
        return {}

    await asyncio.gather(*(stage.start("twice", flow, {"which": which}) for which in range(5)))
    await until_over(stage.engine, "twice")
    await stage.start("twice", flow, {"which": 9})
    await asyncio.sleep(4 * POLL_SECONDS)
    assert len(runs) == 1


async def test_a_queue_runs_no_more_at_once_than_it_may(stage: Stage) -> None:
    running: list[str] = []
    go = asyncio.Event()

    async def flow(steps: Steps, order: Json) -> Json:
        running.append(steps.workflow_id)
        await go.wait()
        return {}

    names = [f"limited-{number}" for number in range(4)]
    for name in names:
        await stage.start(name, flow, queue="two")
    await until(lambda: len(running) == 2, "two to run")
    await asyncio.sleep(6 * POLL_SECONDS)
    assert len(running) == 2
    go.set()
    for name in names:
        assert await until_over(stage.engine, name) is JobState.DONE
    assert sorted(running) == names


class Waiting:
    """A flow that waits in an interruptible step, and notes what happens to it."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    async def flow(self, steps: Steps, order: Json) -> Json:
        await steps.run("wait", self.wait, "it", preemptible=True, on_cancel=self.told)
        self.notes.append("went on")
        return {}

    async def wait(self, what: str) -> None:
        self.notes.append(f"waits for {what}")
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            self.notes.append("interrupted")
            raise

    async def told(self, what: str) -> None:
        self.notes.append(f"cancels {what}")

    def has(self, note: str) -> Callable[[], bool]:
        return lambda: note in self.notes


async def test_cancelling_interrupts_a_wait_and_cancels_the_work_waited_for(stage: Stage) -> None:
    waiting = Waiting()
    await stage.start("waiting", waiting.flow)
    await until(waiting.has("waits for it"), "the wait to begin")
    await stage.engine.cancel("waiting")
    await until(waiting.has("cancels it"), "the cancellation to arrive", seconds=20)
    assert await stage.engine.status("waiting") is JobState.CANCELLED
    assert waiting.notes == ["waits for it", "interrupted", "cancels it"]


async def test_cancelling_a_parent_cancels_its_children(stage: Stage) -> None:
    waiting = Waiting()
    after: list[str] = []

    async def parent(steps: Steps, order: Json) -> Json:
        children = await steps.children("play", {"family:child": {"name": "family:child"}}, "clips")
        try:
            await children.results()
        except Exception as error:
            after.append(str(error))
            raise
        return {}

    stage.plays["family:child"] = waiting.flow
    await stage.start("family", parent)
    await until(waiting.has("waits for it"), "the child to wait")
    await stage.engine.cancel("family")
    await until(waiting.has("cancels it"), "the cancellation to arrive", seconds=20)
    assert await stage.engine.states(["family", "family:child"]) == {
        "family": JobState.CANCELLED,
        "family:child": JobState.CANCELLED,
    }
    assert after == []


async def test_a_cancelled_child_is_an_error_of_ours_to_its_parent(stage: Stage) -> None:
    waiting = Waiting()

    async def parent(steps: Steps, order: Json) -> Json:
        children = await steps.children("play", {"orphan:child": {"name": "orphan:child"}}, "clips")
        [result] = await children.results()
        return {"cancelled": isinstance(result, CancelledError)}

    stage.plays["orphan:child"] = waiting.flow
    await stage.start("orphan", parent)
    await until(waiting.has("waits for it"), "the child to wait")
    await stage.engine.cancel("orphan:child")
    assert await until_over(stage.engine, "orphan") is JobState.DONE
    assert (await stage.engine.outcomes(["orphan"]))["orphan"].output == {"cancelled": True}


async def test_what_is_done_wholly_ends_before_its_step_is_interrupted(stage: Stage) -> None:
    begun, go, notes = asyncio.Event(), asyncio.Event(), list[str]()

    async def whole() -> None:
        begun.set()
        await go.wait()
        notes.append("ended")

    async def told(*_: object) -> None:
        notes.append("cancels")

    async def flow(steps: Steps, order: Json) -> Json:
        async def part() -> None:
            await steps.wholly(whole)
            notes.append("never comes here")

        await steps.run("part", part, preemptible=True, on_cancel=told)
        return {}

    await stage.start("wholly", flow)
    await asyncio.wait_for(begun.wait(), 20)
    await stage.engine.cancel("wholly")
    # The library looks once a second whether an interruptible step is to end.
    await asyncio.sleep(1.5)
    assert notes == []
    go.set()
    await until(lambda: "cancels" in notes, "the cancellation to arrive", seconds=20)
    assert notes == ["ended", "cancels"]


async def test_a_step_that_cannot_be_interrupted_ends_and_nothing_comes_after_it(stage: Stage) -> None:
    begun, go, notes = asyncio.Event(), asyncio.Event(), list[str]()

    async def whole() -> None:
        begun.set()
        await go.wait()
        notes.append("ended")

    async def told() -> None:
        notes.append("cancels")

    async def flow(steps: Steps, order: Json) -> Json:
        await steps.run("whole", whole, on_cancel=told)
        notes.append("went on")
        await steps.run("next", whole)
        return {}

    await stage.start("whole", flow)
    await begun.wait()
    await stage.engine.cancel("whole")
    go.set()
    await until(lambda: "cancels" in notes, "the cancellation to arrive")
    await asyncio.sleep(4 * POLL_SECONDS)
    assert notes == ["ended", "cancels"]
    assert await stage.engine.status("whole") is JobState.CANCELLED


async def test_cancelling_what_waits_in_a_queue_keeps_it_from_beginning(stage: Stage) -> None:
    first, second = Waiting(), Waiting()
    await stage.start("narrow-1", first.flow, queue="narrow")
    await until(first.has("waits for it"), "the first to begin")
    await stage.start("narrow-2", second.flow, queue="narrow")
    assert await stage.engine.status("narrow-2") is JobState.ENQUEUED
    await stage.engine.cancel("narrow-2")
    await stage.engine.cancel("narrow-1")
    await until(first.has("cancels it"), "the first to end", seconds=20)

    async def third(steps: Steps, order: Json) -> Json:
        return {"third": True}

    assert await stage.run("narrow-3", third, queue="narrow") == {"third": True}
    assert second.notes == []
    assert await stage.engine.status("narrow-2") is JobState.CANCELLED


async def test_sleep_passes_and_leaves_the_result(stage: Stage) -> None:
    async def flow(steps: Steps, order: Json) -> Json:
        await steps.sleep(0.1)
        return {"slept": True}

    assert await stage.run("sleep", flow) == {"slept": True}


async def test_an_unknown_workflow_has_no_state_and_cancelling_it_does_nothing(stage: Stage) -> None:
    await stage.engine.cancel("nobody")
    assert await stage.engine.status("nobody") is None
    assert await stage.engine.states([]) == {}


async def test_what_is_long_over_is_forgotten_with_its_children_and_nothing_else(stage: Stage) -> None:
    waiting = Waiting()

    async def child(steps: Steps, order: Json) -> Json:
        return {}

    async def parent(steps: Steps, order: Json) -> Json:
        await (await steps.children("play", {"old:child": {"name": "old:child"}}, "clips")).results()
        return {}

    stage.plays["old:child"] = child
    await stage.run("old", parent)
    await stage.start("alive", waiting.flow)
    await until(waiting.has("waits for it"), "the other to begin")
    assert await stage.engine.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
    while await stage.engine.forget(datetime.now(UTC) + timedelta(seconds=1), limit=5):
        pass
    assert await stage.engine.states(["old", "old:child", "alive"]) == {"alive": JobState.RUNNING}
    await stage.engine.cancel("alive")


async def test_a_process_runs_one_engine_at_a_time(stage: Stage, tmp_path: Path) -> None:
    second = DurableEngine(sqlite_url(tmp_path / "second.db"), {}, "second", {})
    with pytest.raises(SetupError, match="already"):
        await second.launch()


async def test_another_process_starts_and_stops_work_without_running_it(stage: Stage) -> None:
    waiting = Waiting()
    client = DurableClient(stage.url)
    await client.open()
    stage.plays["remote"] = waiting.flow
    await client.enqueue("play", "remote", {"name": "remote"}, "jobs")
    await until_state(client, "remote", lambda state: state is JobState.RUNNING)
    await client.cancel("remote")
    assert await until_over(client, "remote") is JobState.CANCELLED
    await client.close()
    with pytest.raises(SetupError, match="not open"):
        await client.status("remote")
