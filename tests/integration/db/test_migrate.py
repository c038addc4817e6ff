from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from adreel.db.batch_tables import BatchRow
from adreel.db.engine import Database, sqlite_url
from adreel.db.migrate import current, downgrade, is_current, upgrade
from adreel.domain.costs.ledger import FailureKind
from adreel.domain.errors import SetupError
from adreel.orchestrator.engine.step_attempts import StepAttempts
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.service import SessionService
from support.db import add_user

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
    return list(compare_metadata(context, BatchRow.metadata))


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


async def test_an_upgrade_is_reported_and_a_second_one_changes_nothing(empty: Database) -> None:
    assert await current(empty) is None
    assert not await is_current(empty)
    await upgrade(empty)
    revision = await current(empty)
    assert revision == "0016"
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


async def _migrate(database: Database, revision: str) -> set[str]:
    """Migrates down or up to a revision. Returns the columns of paid calls afterwards."""

    def step(connection: Connection) -> set[str]:
        config = Config()
        config.set_main_option("script_location", "adreel.db:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        (command.downgrade if revision == "0002" else command.upgrade)(config, revision)
        return {column["name"] for column in inspect(connection).get_columns("paid_calls")}

    async with database.writing() as session:
        return await (await session.connection()).run_sync(step)


async def test_the_providers_times_can_be_given_up_again(empty: Database) -> None:
    await upgrade(empty)
    names = {"provider_posted_at", "provider_created_at"}
    for revision, expected in (("0002", set[str]()), ("head", names)):
        assert (await _migrate(empty, revision)) & names == expected


async def _down_to(database: Database, revision: str) -> None:
    """Migrates to the newest version, then down to `revision`, step by step."""
    await upgrade(database)
    while await current(database) != revision:
        await downgrade(database)


_OLD_CALLS = {
    "s1:4f00aa-0123456789ab:0:1": ("clip", "4f00aa"),
    "s1:4f00aa-0123456789ab:1:2": ("clip", "4f00aa"),
    "s1:image-0123456789abcdef:flux-pro:1": ("image", None),
    "s1:text-0123456789abcdef:llama-4-maverick:1": ("text", None),
    "a key of another form": ("clip", None),
}


async def test_purchases_before_their_kind_was_recorded_get_it_from_their_keys(empty: Database) -> None:
    await _down_to(empty, "0010")
    insert = (
        "INSERT INTO paid_calls (key, session_id, user_id, provider, model, seed, state, estimate, amount, created_at) "
        "VALUES (:key, 's1', 'ann', 'replicate', 'm', 7, 'submitted', 50000, 0, '2026-01-01 00:00:00')"
    )
    async with empty.writing() as session:
        for key in _OLD_CALLS:
            await session.execute(text(insert), {"key": key})
    await upgrade(empty)
    calls = await LedgerService(empty).open_calls()
    assert {call.key: (call.kind.value, call.source_image_id) for call in calls} == _OLD_CALLS
    assert not any(call.outside_job for call in calls)
    await _down_to(empty, "0010")
    await upgrade(empty)
    assert await LedgerService(empty).open_calls() == calls


_REFUSED = "wan gave no clip (failed): invalid image; use another photo, or choose another model"
_OLD_FAILURES = {
    "refused": ("lost", _REFUSED, FailureKind.INPUT_REFUSED),
    "rejected": (
        "lost",
        "wan gave no clip (failed): NSFW; change the photo or the words, or choose another model",
        None,
    ),
    "unexplained": ("lost", None, None),
    "free": ("released", _REFUSED, None),
    "open": ("submitted", None, None),
}


async def test_refusals_before_they_were_recorded_as_such_are_found_in_their_messages(empty: Database) -> None:
    await _down_to(empty, "0011")
    insert = (
        "INSERT INTO paid_calls (key, session_id, user_id, kind, outside_job, provider, model, seed, state, estimate, "
        "amount, error, created_at) VALUES (:key, 's1', 'ann', 'clip', false, 'replicate', 'm', 7, :state, 50000, 0, "
        ":error, '2026-01-01 00:00:00')"
    )
    async with empty.writing() as session:
        for key, (state, error, _) in _OLD_FAILURES.items():
            await session.execute(text(insert), {"key": key, "state": state, "error": error})
    for _ in range(2):
        await upgrade(empty)
        ledger = LedgerService(empty)
        found = {key: call.failure for key in _OLD_FAILURES if (call := await ledger.get(key)) is not None}
        assert found == {key: failure for key, (_, _, failure) in _OLD_FAILURES.items()}
        await downgrade(empty)


async def test_the_version_before_cannot_record_a_purchase_without_its_kind(empty: Database) -> None:
    await upgrade(empty)
    insert = (
        "INSERT INTO paid_calls (key, session_id, user_id, provider, model, seed, state, estimate, amount, created_at) "
        "VALUES ('k', 's1', 'ann', 'replicate', 'm', 7, 'intent', 50000, 0, '2026-01-01 00:00:00')"
    )
    with pytest.raises(IntegrityError):
        async with empty.writing() as session:
            await session.execute(text(insert))


async def test_limits_can_be_taken_back_and_sessions_stay(empty: Database) -> None:
    await upgrade(empty)
    await add_user(empty, "ann")
    await SessionService(empty).create("ann", session_id="one")
    await _migrate(empty, "0002")
    assert await current(empty) == "0002"
    await upgrade(empty)
    assert (await SessionService(empty).record("one")).user_id == "ann"


async def test_steps_at_work_can_be_taken_out_and_put_back(empty: Database) -> None:
    await upgrade(empty)
    await _migrate(empty, "0002")
    assert not await is_current(empty)
    await upgrade(empty)
    assert await is_current(empty)
    assert await StepAttempts(empty, lambda: datetime(2026, 1, 1, tzinfo=UTC)).begin("a", "draw") == 1


async def test_the_counts_of_logins_can_be_taken_out_and_put_back(empty: Database) -> None:
    def tables(connection: Connection) -> list[str]:
        return inspect(connection).get_table_names()

    async def known() -> list[str]:
        async with empty.reading() as session:
            return await (await session.connection()).run_sync(tables)

    await upgrade(empty)
    assert "login_budgets" in await known()
    await _migrate(empty, "0002")
    assert "login_budgets" not in await known()
    await upgrade(empty)
    assert "login_budgets" in await known()


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
from adreel.db.batch_tables import BatchRow
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
