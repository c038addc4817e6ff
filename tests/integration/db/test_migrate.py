from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from adreel.db.engine import Database, sqlite_url
from adreel.db.migrate import current, is_current, upgrade
from adreel.db.tables import Table
from adreel.domain.errors import SetupError
from adreel.services.session_service import SessionService

PROCESSES = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "new.db")
    return str(request.getfixturevalue("empty_pg_database"))


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    database = Database(empty_url)
    yield database
    await database.close()


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Table.metadata))


def _columns(connection: Connection) -> dict[str, str]:
    found = inspect(connection).get_columns("sessions")
    return {column["name"]: column["type"].compile(connection.dialect) for column in found}


async def test_the_migrations_make_the_tables_of_the_code(empty: Database) -> None:
    await upgrade(empty)
    async with empty.reading() as session:
        differences = await (await session.connection()).run_sync(_differences)
    assert differences == []


async def test_the_comparison_sees_a_missing_column_and_another_type(empty: Database) -> None:
    await upgrade(empty)
    async with empty.writing() as session:
        await session.execute(text("ALTER TABLE executors DROP COLUMN host"))
        await session.execute(text("ALTER TABLE executors ADD COLUMN beats TEXT"))
    async with empty.reading() as session:
        differences = await (await session.connection()).run_sync(_differences)
    assert {difference[0] for difference in differences} == {"add_column", "remove_column"}


async def test_money_times_and_objects_have_the_types_of_the_database(empty: Database) -> None:
    await upgrade(empty)
    async with empty.reading() as session:
        columns = await (await session.connection()).run_sync(_columns)
    found = {name: columns[name] for name in ("total_cost", "created_at", "text_overlay")}
    assert found == (
        {"total_cost": "BIGINT", "created_at": "DATETIME", "text_overlay": "JSON"}
        if empty.is_sqlite
        else {"total_cost": "BIGINT", "created_at": "TIMESTAMP WITH TIME ZONE", "text_overlay": "JSONB"}
    )


async def test_an_upgrade_is_told_and_a_second_one_changes_nothing(empty: Database) -> None:
    assert await current(empty) is None
    assert not await is_current(empty)
    await upgrade(empty)
    revision = await current(empty)
    assert revision == "0002"
    assert await is_current(empty)
    await upgrade(empty)
    assert await current(empty) == revision


async def test_sessions_of_the_first_version_are_kept(empty: Database) -> None:
    def first(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "adreel.db:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    async with empty.writing() as session:
        await (await session.connection()).run_sync(first)
        await session.execute(
            text("INSERT INTO users (id, spent, reserved, created_at) VALUES ('ann', 0, 0, '2026-01-01 00:00:00')")
        )
        await session.execute(
            text(
                "INSERT INTO sessions (id, user_id, stage, product_prompt, video_prompt, seed, approved_image_ids, "
                "approved_clip_ids, clip_order, text_overlay, total_cost, reserved, last_seq, created_at, updated_at) "
                "VALUES ('one', 'ann', 'complete', 'a mug', '', 7, '[]', '[]', '[]', '{}', 0, 0, 3, "
                "'2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            )
        )
    assert not await is_current(empty)
    await upgrade(empty)
    record = await SessionService(empty).record("one")
    assert (record.product_prompt, record.last_seq, record.film_options) == ("a mug", 3, None)


async def test_a_newer_database_is_refused(empty: Database) -> None:
    await upgrade(empty)
    async with empty.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SetupError, match="revision 9999"):
        await upgrade(empty)
    with pytest.raises(SetupError, match="newer adreel"):
        await is_current(empty)


async def test_a_failed_upgrade_leaves_nothing_behind(empty: Database) -> None:
    async with empty.writing() as session:
        await session.execute(text("CREATE TABLE progress_events (id INTEGER)"))
    with pytest.raises(Exception, match="progress_events"):
        await upgrade(empty)
    async with empty.reading() as session:
        names = await (await session.connection()).run_sync(lambda connection: inspect(connection).get_table_names())
    assert names == ["progress_events"]


_UPGRADE = """
import asyncio, sys
from adreel.db.engine import Database
from adreel.db.migrate import upgrade

async def main():
    database = Database(sys.argv[1])
    await upgrade(database)
    await database.close()

asyncio.run(main())
"""


async def test_processes_that_start_at_once_migrate_once(empty_url: str, empty: Database) -> None:
    command = (sys.executable, "-c", _UPGRADE, empty_url)
    pipe = subprocess.PIPE
    started = [await asyncio.create_subprocess_exec(*command, stderr=pipe) for _ in range(PROCESSES)]
    ended = [await process.communicate() for process in started]
    assert [process.returncode for process in started] == [0] * PROCESSES, ended
    assert await is_current(empty)
