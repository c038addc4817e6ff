from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adreel.db.engine import sqlite_url
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.engine.steps import JobState
from support.durable import Crew, crew, died, until, until_over, until_state
from support.durable_worker import LOST, QUEUES
from support.outage import line_to
from support.pg import PostgresServer

TTL = 2.0
TAKEOVER_SECONDS = 40.0


def film(holding: int | None, clips: int = 3, seconds: float = 0.0) -> dict[str, object]:
    """Later clips are done sooner, so that the order of their ends is not that of their scenes."""
    return {
        "clips": [
            {"scene": scene, "seconds": seconds + 0.05 * (clips - scene), "hold": scene == holding}
            for scene in range(clips)
        ]
    }


@pytest.fixture
def pg_crew(pg_database: str, tmp_path: Path) -> Iterator[Crew]:
    with crew(pg_database, tmp_path, TTL) as workers:
        yield workers


@pytest.fixture(params=["sqlite", "postgresql"])
def any_crew(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crew]:
    if request.param == "sqlite":
        with crew(sqlite_url(tmp_path / "engine.db"), tmp_path) as workers:
            yield workers
    else:
        yield request.getfixturevalue("pg_crew")


@pytest.fixture
async def client(request: pytest.FixtureRequest) -> AsyncIterator[DurableClient]:
    workers: Crew = request.getfixturevalue("any_crew" if "any_crew" in request.fixturenames else "pg_crew")
    client = DurableClient(workers.url)
    await client.open()
    yield client
    await client.close()


async def test_a_killed_worker_costs_no_step_and_no_clip(any_crew: Crew, client: DurableClient) -> None:
    await client.enqueue("film", "film", film(holding=1), "jobs")
    first = await any_crew.hired()
    # Clip 1 waits, the others are done, and the parent waits for all.
    await until(lambda: any_crew.reached("clip-1") and any_crew.journal().count("end-0") == 1, "clip 1 to wait")
    await until_state(client, "film:clip:0", lambda state: state.is_over)
    await until_state(client, "film:clip:2", lambda state: state.is_over)
    first.kill()
    first.wait()
    await any_crew.hired()
    any_crew.go()
    assert await until_over(client, "film") is JobState.DONE
    outcome = (await client.outcomes(["film"]))["film"]
    assert outcome.output == {"clips": [{"scene": 0}, {"scene": 1}, {"scene": 2}]}
    assert sorted(any_crew.journal()) == sorted(
        ["plan", "buy-0", "buy-1", "buy-2", "join"]
        + [f"{word}-{scene}" for word in ("begin", "end") for scene in range(3)]
    )


async def test_another_worker_takes_over_and_limits_hold(pg_crew: Crew, client: DurableClient) -> None:
    first, second = pg_crew.hire(), pg_crew.hire()
    await pg_crew.ready(first)
    await pg_crew.ready(second)
    await client.enqueue("film", "film", film(holding=None, clips=8, seconds=0.4), "jobs")
    await until(lambda: "begin-0" in pg_crew.written_by(first) + pg_crew.written_by(second), "work to begin")
    owner = first if pg_crew.written_by(first) else second
    other = second if owner is first else first
    await until(lambda: any(line.startswith("begin") for line in pg_crew.written_by(owner)), "the owner to be at work")
    owner.kill()
    owner.wait()
    killed = time.monotonic()
    until_then = pg_crew.journal()
    lost = len(pg_crew.written_by(other))
    assert await until_over(client, "film", TAKEOVER_SECONDS) is JobState.DONE
    print(f"all done {time.monotonic() - killed:.1f} s after the kill")  # noqa: T201 (a figure to be read with -s)
    assert len(pg_crew.written_by(other)) > lost
    assert (await client.outcomes(["film"]))["film"].output == {"clips": [{"scene": scene} for scene in range(8)]}
    limits = QUEUES["clips"]
    assert most_at_once(until_then) <= limits.global_concurrency
    assert most_at_once(pg_crew.written_by(owner)) <= limits.worker_concurrency
    assert most_at_once(pg_crew.written_by(other)) <= limits.worker_concurrency


def most_at_once(journal: list[str]) -> int:
    at_once = most = 0
    for word in journal:
        at_once += word.startswith("begin") - word.startswith("end")
        most = max(most, at_once)
    return most


async def test_a_worker_that_slept_through_its_lease_writes_nothing_and_ends(
    pg_crew: Crew, client: DurableClient
) -> None:
    sleeper = await pg_crew.hired()
    await client.enqueue("still", "still", {}, "jobs")
    await until(lambda: pg_crew.reached("still"), "the worker to hold")
    sleeper.send_signal(signal.SIGSTOP)
    (pg_crew.folder / "reached-still").unlink()
    heir = await pg_crew.hired()
    await until(lambda: pg_crew.reached("still"), "another worker to take over")
    pg_crew.go()
    assert await until_over(client, "still") is JobState.DONE
    sleeper.send_signal(signal.SIGCONT)
    await until(died(sleeper), "the worker to end")
    assert sleeper.returncode == LOST
    assert pg_crew.written_by(sleeper) == ["before"]
    assert pg_crew.written_by(heir) == ["after"]


async def test_what_a_dead_worker_was_doing_can_be_cancelled(
    pg_crew: Crew, client: DurableClient, postgres: PostgresServer
) -> None:
    dead = await pg_crew.hired()
    await client.enqueue("film", "film", film(holding=0, clips=1), "jobs")
    await until(lambda: pg_crew.reached("clip-0"), "the clip to wait")
    dead.kill()
    dead.wait()
    await client.cancel("film")
    pg_crew.go()
    await pg_crew.hired()
    # The new worker has taken over from the dead one as soon as its row is gone.
    database = pg_crew.url.rpartition("/")[2]
    await until(lambda: postgres.sql("SELECT count(*) FROM executors", database) == "1", "the takeover")
    await client.enqueue("still", "later", {}, "jobs")
    assert await until_over(client, "later") is JobState.DONE
    assert await client.states(["film", "film:clip:0"]) == {
        "film": JobState.CANCELLED,
        "film:clip:0": JobState.CANCELLED,
    }
    assert pg_crew.journal() == ["plan", "buy-0", "before", "after"]


async def test_a_worker_lives_through_an_outage_of_its_database(
    pg_database: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    client = DurableClient(pg_database)
    await client.open()
    async with line_to(postgres.port) as line:
        with crew(pg_database.replace(str(postgres.port), str(line.port)), tmp_path, ttl=1.0) as workers:
            first, second = workers.hire(), workers.hire()
            await workers.ready(first)
            await workers.ready(second)
            await client.enqueue("still", "still", {}, "jobs")
            await until(lambda: workers.reached("still"), "a worker to hold")
            line.cut()
            await asyncio.sleep(2.5)
            line.restore()
            workers.go()
            assert await until_over(client, "still") is JobState.DONE
            assert workers.journal() == ["before", "after"]
            assert (first.poll(), second.poll()) == (None, None)
    await client.close()


async def test_what_kills_its_process_between_steps_is_given_up_after_some_deaths(
    any_crew: Crew, client: DurableClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOST_RECOVERIES", "2")
    await client.enqueue("deadly", "deadly", {}, "jobs")
    deaths = 0
    worker = any_crew.hire()
    deadline = time.monotonic() + TAKEOVER_SECONDS * 4
    while await client.status("deadly") is not JobState.FAILED:
        assert time.monotonic() < deadline
        if worker.poll() is not None:
            deaths += 1
            worker = any_crew.hire()
        await asyncio.sleep(0.05)
    assert deaths == 3
    assert (await client.outcomes(["deadly"]))["deadly"].error is None
    await client.enqueue("still", "still", {}, "jobs")
    any_crew.go()
    assert await until_over(client, "still") is JobState.DONE
