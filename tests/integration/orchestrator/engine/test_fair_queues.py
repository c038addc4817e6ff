"""Whose work is next, in queues of the real engine, on both databases."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from adreel.db.engine import sqlite_url
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine import fair_order as durable_order
from adreel.orchestrator.engine.client import APPLICATION, VERSION, DurableClient
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import Flow, QueueLimits, Steps
from adreel.orchestrator.queues import CLIPS, FILMS, HOSTED, JOBS
from support.durable import until, until_over
from support.pg import PostgresServer

DIVIDED, FIRST = "divided", "first"
LIMITS = {
    JOBS: QueueLimits(64, 64),
    CLIPS: QueueLimits(2, 2),
    HOSTED: QueueLimits(2, 2),
    FILMS: QueueLimits(1, 1),
    DIVIDED: QueueLimits(2, 2, first=FIRST),
    FIRST: QueueLimits(4, 4),
}


@dataclass
class Stage:
    """An engine whose work waits for `go`, and the users in the order in which their work began."""

    url: str
    engine: DurableEngine
    began: list[str] = field(default_factory=list[str])
    go: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def work(self, steps: Steps, order: Json) -> Json:
        async def wait() -> None:
            self.began.append(order["user_id"])
            await self.go.acquire()

        await steps.run("work", wait)
        return {}

    async def parent(self, steps: Steps, order: Json) -> Json:
        one = {name: order[name] for name in ("user_id", "frames")}
        orders = {f"{steps.workflow_id}:{index}": {**one, "index": index} for index in range(len(order["images"]))}
        await (await steps.children("work", orders, order["queue"])).results()
        return {}

    async def job(self, name: str, user: str, count: int, frames: int = 300, queue: str = CLIPS) -> None:
        order = {"user_id": user, "images": [None] * count, "frames": frames, "queue": queue}
        await self.engine.enqueue("parent", name, order, JOBS)

    async def waiting(self, name: str, count: int) -> None:
        """Until the children of a job are in their queue."""
        ids = [f"{name}:{index}" for index in range(count)]
        while len(await self.engine.states(ids)) < count:  # noqa: ASYNC110 (the engine's database says it)
            await asyncio.sleep(0.02)

    async def next(self) -> str:
        """Lets one piece of work end: whose is begun then."""
        before = len(self.began)
        self.go.release()
        await until(lambda: len(self.began) > before, "the next piece of work")
        return self.began[before]


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "engine.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.empty()
    flows: dict[str, Flow] = {}

    async def play(steps: Steps, order: Json) -> Json:
        return await flows["parent" if "queue" in order else "work"](steps, order)

    engine = DurableEngine(url, {"work": play, "parent": play}, "tests", LIMITS, poll_seconds=0.05)
    made = Stage(url, engine)
    flows.update(work=made.work, parent=made.parent)
    await engine.launch()
    yield made
    for _ in range(200):
        made.go.release()
    await engine.close(patience=1)


@pytest.mark.parametrize("queue", [CLIPS, HOSTED])
async def test_work_behind_another_users_heap_is_next(stage: Stage, queue: str) -> None:
    for number in range(8):
        await stage.job(f"alice-{number}", "alice", 4, queue=queue)
        await stage.waiting(f"alice-{number}", 4)
    await until(lambda: len(stage.began) == 2, "both places to be taken")
    await stage.job("bob", "bob", 3, queue=queue)
    await stage.waiting("bob", 3)
    first = await stage.next()
    assert first == "bob"
    # Clips of the same length: they take turns.
    assert sorted([await stage.next() for _ in range(4)]) == ["alice", "alice", "bob", "bob"]


async def test_short_clips_are_not_held_up_by_long_ones(stage: Stage) -> None:
    await stage.job("alice", "alice", 12, frames=300)
    await stage.waiting("alice", 12)
    await until(lambda: len(stage.began) == 2, "both places to be taken")
    await stage.job("bob", "bob", 4, frames=30)
    await stage.waiting("bob", 4)
    assert [await stage.next() for _ in range(4)] == ["bob"] * 4


async def test_the_first_work_of_a_user_waits_for_no_place_that_others_have(stage: Stage) -> None:
    await stage.job("alice", "alice", 6, queue=DIVIDED)
    await stage.waiting("alice", 6)
    await until(lambda: len(stage.began) == 3, "both places, and that of the first work")
    await stage.job("again", "alice", 2, frames=30, queue=DIVIDED)
    await stage.waiting("again", 2)
    await stage.job("bob", "bob", 12, frames=100, queue=DIVIDED)
    await stage.waiting("bob", 12)
    await until(lambda: len(stage.began) == 6, "bob's first work")
    assert stage.began == ["alice"] * 3 + ["bob"] * 3


async def test_films_and_third_users_take_turns_too(stage: Stage) -> None:
    order: dict[str, Any] = {"clips": ["a", "b"], "aspects": ["16:9"]}
    for number in range(6):
        await stage.engine.enqueue("work", f"alice-{number}", {**order, "user_id": "alice"}, FILMS)
    await until(lambda: stage.began == ["alice"], "the first film")
    for user in ("bob", "carol"):
        for number in range(2):
            await stage.engine.enqueue("work", f"{user}-{number}", {**order, "user_id": user}, FILMS)
    assert [await stage.next() for _ in range(3)] == ["bob", "carol", "alice"]
    assert sorted([await stage.next() for _ in range(2)]) == ["bob", "carol"]


async def test_what_an_older_version_has_enqueued_is_still_done(stage: Stage) -> None:
    client = DurableClient(stage.url)
    await client.open()
    old: Any = {"workflow_name": "work", "queue_name": FILMS, "app_version": VERSION}
    library: Any = client._open()  # pyright: ignore[reportPrivateUsage] (as an older version did it)
    await library.enqueue_async({**old, "workflow_id": "old-1"}, {"user_id": "old"}, FILMS)
    await library.enqueue_async({**old, "workflow_id": "old-2"}, {"user_id": "old"}, FILMS)
    await stage.engine.enqueue("work", "new", {"user_id": "new"}, FILMS)
    for _ in range(3):
        stage.go.release()
    for name in ("old-1", "old-2", "new"):
        assert (await until_over(stage.engine, name)).name == "DONE"
    await client.close()


async def test_no_place_is_given_twice_to_one_user_who_asks_many_times_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not stage.url.startswith("sqlite"):
        # As if each came from a process of its own: the database alone keeps them apart.
        monkeypatch.setattr(durable_order, "_LOCKS", defaultdict(contextlib.nullcontext))
    clients = [DurableClient(stage.url) for _ in range(3)]
    for client in clients:
        await client.open()

    async def ask(place: int, client: DurableClient) -> None:
        for number in range(10):
            await client.enqueue("work", f"w-{place}-{number}", {"user_id": "alice", "frames": 10, "index": 0}, CLIPS)

    await asyncio.gather(*[ask(place, client) for place, client in enumerate(clients)])
    database: Any = clients[0]._open()._sys_db  # pyright: ignore[reportPrivateUsage] (what the rows say)
    columns = database.tables.workflow_status.c
    query = sa.select(columns.priority, columns.application_name).where(columns.workflow_uuid.like("w-%"))
    with database.engine.connect() as connection:
        rows = connection.execute(query).all()
    assert len({tag for tag, _ in rows}) == len(rows) == 30
    assert {name for _, name in rows} == {APPLICATION}
    for client in clients:
        await client.close()
