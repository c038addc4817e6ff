from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adreel.db.engine import sqlite_url
from adreel.domain.work.usage import QueueLoad
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.queue_loads import QueueLoads
from adreel.orchestrator.queues import BATCHES, CLIPS, FILMS, FIRST_CLIPS, FIRST_ROWS, HOSTED, JOBS, ROWS
from support.pg import empty_pg_database, postgres

__all__ = ["empty_pg_database", "postgres"]

HOUR = 3600


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "engine.db")
    return request.getfixturevalue("empty_pg_database")


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[DurableClient]:
    client = DurableClient(url)
    await client.open()
    try:
        yield client
    finally:
        await client.close()


async def test_the_load_of_each_queue_is_what_waits_and_for_how_long(url: str) -> None:
    async with opened(url) as client:
        for number in range(3):
            order = {"session_id": f"s{number}", "user_id": "ann"}
            await client.enqueue("clips", f"job {number}", order, JOBS)
        await client.enqueue("compose", "film", {"session_id": "s", "user_id": "ann"}, FILMS)
        await client.cancel("film")
        loads = await QueueLoads(client, lambda: datetime.now(UTC) + timedelta(seconds=HOUR)).read()
    empty = dict.fromkeys((BATCHES, CLIPS, FILMS, FIRST_CLIPS, FIRST_ROWS, HOSTED, ROWS), 0)
    assert {load.queue: load.waiting for load in loads} == {**empty, JOBS: 3}
    assert [load.oldest for load in loads[:-1]] == [0] * 7
    assert HOUR <= loads[-1].oldest < 2 * HOUR


async def test_work_of_a_machine_whose_clock_is_ahead_has_no_negative_age(url: str) -> None:
    async with opened(url) as client:
        await client.enqueue("clips", "job", {"session_id": "s", "user_id": "ann"}, JOBS)
        loads = await QueueLoads(client, lambda: datetime.now(UTC) - timedelta(seconds=HOUR)).read()
    assert loads[-1] == QueueLoad(JOBS, 1, 0.0)
