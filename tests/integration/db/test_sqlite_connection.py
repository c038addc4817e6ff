"""The thread that runs SQLite's statements: the connection's thread while they may block, else the caller's."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.sqlite_connection import QuickConnection

HERE = text("SELECT here()")


@pytest.fixture
async def database(sqlite_database: str) -> Database:
    return Database(sqlite_database)


async def thread_of(transaction: AsyncSession) -> int:
    """Returns the thread in which the next statement runs."""
    connection = await (await transaction.connection()).get_raw_connection()
    driver = cast("QuickConnection", connection.driver_connection)
    await driver.create_function("here", 0, threading.get_ident)
    return cast("int", await transaction.scalar(HERE))


async def test_what_comes_after_the_lock_was_taken_goes_without_the_thread(database: Database) -> None:
    for _ in range(2):
        async with database.writing() as transaction:
            first, second = await thread_of(transaction), await transaction.scalar(HERE)
        assert first != threading.get_ident() == second
    await database.close()


async def test_what_only_reads_stays_in_the_thread(database: Database) -> None:
    async with database.reading() as transaction:
        assert await thread_of(transaction) == await transaction.scalar(HERE) != threading.get_ident()
    await database.close()


async def test_a_failure_after_the_lock_was_taken_undoes_all_and_frees_it(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await _add_twice(database)
    async with database.writing() as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM users")) == 0
        assert await thread_of(transaction) == threading.get_ident()
    async with database.writing() as transaction:
        assert await thread_of(transaction) != threading.get_ident()
    await database.close()


async def _add_twice(database: Database) -> None:
    user = text("INSERT INTO users (id, created_at, spent, reserved) VALUES ('ann', '2026-01-01', 0, 0)")
    async with database.writing() as transaction:
        await transaction.execute(user)
        await transaction.execute(user)


async def test_the_loop_goes_on_while_another_process_has_the_lock(database: Database, sqlite_database: str) -> None:
    path = sqlite_database.removeprefix("sqlite:///")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with database.writing() as transaction:
            await transaction.execute(text("UPDATE users SET spent = 0"))

    writing = asyncio.create_task(write())
    for _ in range(20):
        async with asyncio.timeout(5):
            await asyncio.sleep(0.005)
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await asyncio.wait_for(writing, 10)
    await database.close()
