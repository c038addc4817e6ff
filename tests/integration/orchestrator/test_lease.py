from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from adreel.db.engine import Database
from adreel.db.tables import ExecutorRow
from adreel.domain.errors import LostLeaseError, SetupError
from adreel.domain.ids import new_id, utc_now
from adreel.domain.remedy import Remedy
from adreel.orchestrator.lease import BeatingLease, FileLease

TTL = 0.8


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def db(pg_database: str) -> AsyncIterator[Database]:
    db = Database(pg_database)
    yield db
    await db.close()


async def beats(db: Database) -> dict[str, int]:
    async with db.reading() as session:
        return {row.id: row.beat for row in await session.execute(select(ExecutorRow.id, ExecutorRow.beat))}


async def bury(db: Database) -> None:
    async with db.writing() as session:
        await session.execute(delete(ExecutorRow))


async def test_a_lease_beats_while_it_is_held_and_is_gone_afterwards(db: Database) -> None:
    lease = BeatingLease(db, clock=utc_now, make_id=new_id, ttl=TTL)
    await lease.start()
    assert await beats(db) == {lease.executor_id: 0}
    for _ in range(200):
        if (await beats(db))[lease.executor_id] >= 2:
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("it does not beat")
    await lease.check()
    await lease.close()
    assert await beats(db) == {}


async def test_every_start_has_an_id_of_its_own(db: Database) -> None:
    leases = [BeatingLease(db, clock=utc_now, make_id=new_id) for _ in range(2)]
    for lease in leases:
        await lease.start()
    assert len(await beats(db)) == 2
    for lease in leases:
        await lease.close()


async def test_who_is_taken_for_dead_finds_out_at_the_next_beat(db: Database) -> None:
    lease = BeatingLease(db, clock=utc_now, make_id=new_id, ttl=TTL)
    await lease.start()
    await bury(db)
    await asyncio.wait_for(lease.lost(), 30)
    with pytest.raises(LostLeaseError, match="started again"):
        await lease.check()
    await lease.close()


async def test_after_a_standstill_a_lease_is_only_trusted_when_it_has_beaten_again(db: Database) -> None:
    clock = Clock()
    # Its own beats are an hour apart: only `check` beats.
    lease = BeatingLease(db, clock=utc_now, make_id=new_id, ttl=3600, monotonic=clock)
    await lease.start()
    await lease.check()
    assert await beats(db) == {lease.executor_id: 0}
    clock.now += 3600
    await lease.check()
    assert await beats(db) == {lease.executor_id: 1}
    await bury(db)
    await lease.check()
    clock.now += 3600
    with pytest.raises(LostLeaseError):
        await lease.check()
    await lease.close()


async def test_a_folder_has_one_executor_and_says_which(tmp_path: Path) -> None:
    first, second = FileLease(tmp_path / "data"), FileLease(tmp_path / "data")
    await first.start()
    with pytest.raises(SetupError, match=f"process {os.getpid()}.*set another data folder") as refused:
        await second.start()
    assert refused.value.remedy is Remedy.OWN_FOLDER_OR_DATABASE
    await first.check()
    await first.close()
    await second.start()
    await second.close()
    assert first.executor_id == second.executor_id
