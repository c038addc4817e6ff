from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from adreel.db.engine import Database, sqlite_url
from adreel.db.tables import SessionRow, UserRow
from adreel.db.types import usd
from adreel.domain.errors import StorageError
from support.db import add_user
from support.pg import PostgresServer
from support.sessions import Desk


async def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError, match="midway"):
        await _write_and_raise(database)
    async with database.reading() as transaction:
        assert (await transaction.scalars(select(UserRow))).all() == []


async def _write_and_raise(database: Database) -> None:
    async with database.writing() as transaction:
        transaction.add(UserRow(id="ann", created_at=datetime.now(UTC)))
        await transaction.flush()
        raise RuntimeError("midway")


async def test_a_transaction_that_reads_keeps_no_changes(database: Database) -> None:
    await add_user(database)
    async with database.reading() as transaction:
        await transaction.execute(update(UserRow).values(email="ann@example.com"))
    async with database.reading() as transaction:
        assert await transaction.scalar(select(UserRow.email)) is None


async def test_money_is_added_and_compared_exactly(database: Database) -> None:
    await add_user(database, cap=Decimal("0.3"))
    for _ in range(3):
        async with database.writing() as transaction:
            grown = UserRow.spent + usd(Decimal("0.1"))
            await transaction.execute(update(UserRow).where(grown <= UserRow.budget_cap).values(spent=grown))
    async with database.reading() as transaction:
        assert await transaction.scalar(select(UserRow.spent)) == Decimal("0.3")
        assert await transaction.scalar(text("SELECT spent FROM users")) == 300_000


async def test_times_come_back_in_utc_from_whatever_zone(database: Database) -> None:
    moment = datetime(2026, 3, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    async with database.writing() as transaction:
        transaction.add(UserRow(id="ann", created_at=moment))
    async with database.reading() as transaction:
        found = await transaction.scalar(select(UserRow.created_at))
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


async def test_no_job_is_no_value_rather_than_an_empty_one(desk: Desk) -> None:
    await desk.session()
    async with desk.database.reading() as transaction:
        assert await transaction.scalar(select(SessionRow.id).where(SessionRow.job.is_(None))) is not None


async def test_many_writers_take_their_turns(database: Database) -> None:
    await add_user(database)
    other = Database(database.url)

    async def add(where: Database) -> None:
        async with where.writing() as transaction:
            row = await transaction.get_one(UserRow, "ann", with_for_update=True)
            await asyncio.sleep(0)
            row.spent += Decimal(1)

    await asyncio.gather(*[add(where) for where in (database, other) for _ in range(20)])
    await other.close()
    async with database.reading() as transaction:
        assert await transaction.scalar(select(UserRow.spent)) == 40


async def test_a_writer_that_is_cancelled_at_any_moment_lets_the_next_one_in(database: Database) -> None:
    await add_user(database)

    async def write() -> None:
        async with database.writing() as transaction:
            row = await transaction.get_one(UserRow, "ann", with_for_update=True)
            row.spent += Decimal(1)
            await transaction.flush()
            row.spent -= Decimal(1)

    for ticks in range(40):
        writing = asyncio.create_task(write())
        for _ in range(ticks):
            await asyncio.sleep(0.0005)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    async with asyncio.timeout(10):
        await write()
    async with database.reading() as transaction:
        assert await transaction.scalar(select(UserRow.spent)) == 0


async def test_mistakes_of_ours_stay_what_they_are(database: Database) -> None:
    await add_user(database)
    with pytest.raises(IntegrityError):
        await add_user(database)
    if not database.is_sqlite:
        with pytest.raises(ProgrammingError):
            await _run(database, "SELECT 1 FROM nowhere")


async def _run(database: Database, statement: str) -> None:
    async with database.reading() as transaction:
        await transaction.execute(text(statement))


async def test_a_database_that_cannot_be_reached_is_reported(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"postgresql://ann@127.0.0.1:{taken.getsockname()[1]}/x"
        for url in (nobody, sqlite_url(tmp_path / "missing" / "x.db")):
            database = Database(url)
            with pytest.raises(StorageError, match="the database cannot be used"):
                await database.ping()
            await database.close()
    # The driver's thread for SQLite tells the event loop of its end, which must still be there.
    await asyncio.sleep(0.1)


async def test_a_database_that_does_not_exist_is_reported(postgres: PostgresServer) -> None:
    database = Database(postgres.url("nowhere"))
    with pytest.raises(StorageError, match="nowhere"):
        await database.ping()
    await database.close()


async def test_after_the_connection_was_lost_the_next_transaction_works(
    pg_database: str, postgres: PostgresServer
) -> None:
    database = Database(pg_database)
    await database.ping()
    with pytest.raises(StorageError, match="the database") as caught:
        await _lose_the_connection(database)
    assert caught.value.retryable
    await database.ping()
    await database.close()


async def _lose_the_connection(database: Database) -> None:
    async with database.reading() as transaction:
        await transaction.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await transaction.execute(text("SELECT 1"))


async def test_too_many_at_once_are_told_to_come_back(pg_database: str) -> None:
    database = Database(pg_database, pool_size=1, pool_wait_seconds=0.2)
    async with database.reading() as one, database.reading() as two:
        await one.execute(text("SELECT 1"))
        await two.execute(text("SELECT 1"))
        with pytest.raises(StorageError, match="too busy"):
            await database.ping()
    await database.ping()
    await database.close()
