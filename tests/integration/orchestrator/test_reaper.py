from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection

import pytest
from sqlalchemy import insert, select, update

from adreel.db.engine import Database
from adreel.db.tables import ExecutorRow
from adreel.domain.errors import StorageError
from adreel.domain.ids import new_id, utc_now
from adreel.orchestrator.lease import BeatingLease
from adreel.orchestrator.reaper import Reaper
from support.outage import line_to
from support.pg import PostgresServer

TTL = 4.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Engine:
    """Knows who runs workflows, and notes from whom they are taken."""

    def __init__(self, *running: str) -> None:
        self.running = frozenset(running)
        self.recovered: list[str] = []
        self.is_away = False

    async def running_executors(self) -> frozenset[str]:
        if self.is_away:
            raise StorageError("away")
        return self.running

    async def recover(self, executor_ids: Collection[str]) -> int:
        await asyncio.sleep(0.2)
        self.recovered.extend(executor_ids)
        return len(executor_ids)


@pytest.fixture
async def db(pg_database: str) -> AsyncIterator[Database]:
    db = Database(pg_database)
    async with db.writing() as session:
        rows = [{"id": one, "beat": 0, "host": "here", "started_at": utc_now()} for one in ("me", "peer")]
        await session.execute(insert(ExecutorRow), rows)
    yield db
    await db.close()


async def beat(db: Database, executor_id: str) -> None:
    async with db.writing() as session:
        row = update(ExecutorRow).where(ExecutorRow.id == executor_id)
        await session.execute(row.values(beat=ExecutorRow.beat + 1))


async def known(db: Database) -> set[str]:
    async with db.reading() as session:
        return set(await session.scalars(select(ExecutorRow.id)))


async def looks(reaper: Reaper, clock: Clock, seconds: float) -> None:
    """Looks every second, the last time after `seconds`."""
    for _ in range(int(seconds)):
        clock.now += 1
        await reaper.poll()


async def test_an_executor_is_dead_after_it_was_silent_for_the_whole_time_and_not_before(db: Database) -> None:
    clock, engine = Clock(), Engine("me", "peer")
    reaper = Reaper(db, engine, "me", ttl=TTL, monotonic=clock)
    await reaper.poll()
    await looks(reaper, clock, TTL - 1)
    assert engine.recovered == []
    await looks(reaper, clock, 1)
    assert engine.recovered == ["peer"]
    assert await known(db) == {"me"}


async def test_an_executor_that_beats_now_and_then_lives(db: Database) -> None:
    clock, engine = Clock(), Engine("me", "peer")
    reaper = Reaper(db, engine, "me", ttl=TTL, monotonic=clock)
    for _ in range(3):
        await looks(reaper, clock, TTL - 1)
        await beat(db, "peer")
    assert engine.recovered == []
    assert await known(db) == {"me", "peer"}


async def test_who_has_not_looked_for_a_while_begins_to_watch_anew(db: Database) -> None:
    clock, engine = Clock(), Engine("me", "peer")
    reaper = Reaper(db, engine, "me", ttl=TTL, monotonic=clock)
    await reaper.poll()
    clock.now += 100
    await reaper.poll()
    await looks(reaper, clock, TTL - 1)
    assert engine.recovered == []
    await looks(reaper, clock, 1)
    assert engine.recovered == ["peer"]


async def test_a_look_that_failed_proves_nothing(db: Database) -> None:
    clock, engine = Clock(), Engine("me", "peer")
    reaper = Reaper(db, engine, "me", ttl=TTL, monotonic=clock)
    await reaper.poll()
    await looks(reaper, clock, TTL - 1)
    engine.is_away = True
    with pytest.raises(StorageError):
        await reaper.poll()
    engine.is_away = False
    await looks(reaper, clock, TTL - 1)
    assert engine.recovered == []


async def test_work_of_an_executor_that_gave_its_lease_back_is_taken_up_at_once(db: Database) -> None:
    engine = Engine("me", "peer", "gone")
    assert await Reaper(db, engine, "me", ttl=TTL, monotonic=Clock()).poll() == 1
    assert engine.recovered == ["gone"]


async def test_of_two_that_look_at_once_one_takes_over(db: Database) -> None:
    engine = Engine("gone")
    reapers = [Reaper(db, engine, one, ttl=TTL, monotonic=Clock()) for one in ("me", "peer")]
    assert sorted(await asyncio.gather(*(reaper.poll() for reaper in reapers))) == [0, 1]
    assert engine.recovered == ["gone"]


async def test_a_database_that_stands_still_kills_nobody(postgres: PostgresServer, pg_database: str) -> None:
    ttl, engine = 1.0, Engine()
    async with line_to(postgres.port) as line:
        dbs = [Database(pg_database.replace(str(postgres.port), str(line.port))) for _ in range(2)]
        leases = [BeatingLease(db, clock=utc_now, make_id=new_id, ttl=ttl) for db in dbs]
        for lease in leases:
            await lease.start()
        reapers = [Reaper(db, engine, lease.executor_id, ttl=ttl) for db, lease in zip(dbs, leases, strict=True)]
        watching = [asyncio.create_task(reaper.run()) for reaper in reapers]
        await asyncio.sleep(ttl)
        line.hang()
        await asyncio.sleep(2.5 * ttl)
        checks = [asyncio.create_task(lease.check()) for lease in leases]
        await asyncio.sleep(0)
        assert not any(check.done() for check in checks), (
            "a lease that is not sure must not be taken for one that holds"
        )
        line.restore()
        await asyncio.wait_for(asyncio.gather(*checks), 30)
        await asyncio.sleep(2 * ttl)
        assert engine.recovered == []
        for lease in leases:
            await lease.check()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        for lease, db in zip(leases, dbs, strict=True):
            await lease.close()
            await db.close()
