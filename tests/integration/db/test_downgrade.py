"""Reverts a migration with the data in place; rejects a database of a newer version."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text

from adreel.db.engine import Database
from adreel.db.migrate import current, downgrade, is_current, upgrade
from adreel.domain.errors import SetupError
from adreel.domain.remedy import Remedy
from adreel.services.sessions.service import SessionService
from adreel.version import __version__
from support.db import add_user
from support.sessions import Desk, image


@pytest.fixture
async def full(database: Database) -> Desk:
    """A database with a session, its images and clips."""
    await add_user(database, "ann")
    desk = Desk(database)
    await desk.with_clips()
    return desk


async def rows(database: Database) -> dict[str, int]:
    counted: dict[str, int] = {}
    async with database.reading() as transaction:
        for name in ("users", "sessions", "assets", "progress_events", "paid_calls"):
            counted[name] = await transaction.scalar(text(f"SELECT count(*) FROM {name}")) or 0  # noqa: S608
    return counted


async def all_the_way(database: Database) -> None:
    while (await current(database)) != "0001":
        await downgrade(database)


async def test_the_data_are_kept_one_version_back_and_forth_again(full: Desk) -> None:
    database, before = full.database, await rows(full.database)
    assert before["assets"] == 4
    newest = await current(database)
    steps: list[tuple[str, str]] = []
    # As far back as there is a version, step by step: each of them keeps the data.
    while (await current(database)) != "0001":
        steps.append(await downgrade(database))
        assert await rows(database) == before
        assert not await is_current(database)
    assert steps[0][0] == newest
    assert steps[-1][1] == "0001"
    with pytest.raises(SetupError, match="no version before"):
        await downgrade(database)
    await upgrade(database)
    assert await is_current(database)
    assert await rows(database) == before
    [item] = (await SessionService(database).list("ann", 5)).items
    assert item.session.film_options is None


async def test_a_version_back_is_what_the_version_before_made(full: Desk) -> None:
    await all_the_way(full.database)
    async with full.database.reading() as transaction:
        connection = await transaction.connection()
        names = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        columns = await connection.run_sync(
            lambda sync: {each["name"] for each in inspect(sync).get_columns("sessions")}
        )
    assert not names & {"deletions", "restores"}
    assert "film_options" not in columns


async def test_a_promised_deletion_is_not_forgotten_by_going_back(full: Desk) -> None:
    session = await full.session()
    await full.sessions.add_images("ann", session.id, [image("one")])
    await full.sessions.delete("ann", session.id)
    with pytest.raises(SetupError, match="1 deletions have not reached every store"):
        await all_the_way(full.database)


async def test_a_newer_database_names_both_versions_and_the_way_out(full: Desk) -> None:
    head = await current(full.database)
    async with full.database.writing() as transaction:
        await transaction.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (upgrade, is_current, downgrade):
        with pytest.raises(SetupError, match="migrate the database back") as refused:
            await attempt(full.database)
        assert refused.value.remedy is Remedy.OLDER_DATABASE
        for part in ("revision 9999", f"adreel {__version__}", f"up to {head}"):
            assert part in str(refused.value)
