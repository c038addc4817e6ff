"""Databases for tests, migrated and empty: SQLite and PostgreSQL. Brings pytest fixtures."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event

from adreel.db.engine import Database, sqlite_url
from adreel.db.tables import UserRow
from support.pg import migrate

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(sqlite_url(path))
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a new SQLite database with adreel's tables and nothing in them."""
    path = tmp_path / "adreel.db"
    shutil.copyfile(sqlite_template, path)
    return sqlite_url(path)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new, migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    name = {"sqlite": "sqlite_database", "postgresql": "pg_database"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A new, migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    database = Database(database_url)
    yield database
    await database.close()


@contextmanager
def counted(database: Database) -> Generator[list[str]]:
    """The statements that reach the database within the block; BEGIN and COMMIT are not among them."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def add_user(database: Database, name: str = "ann", cap: Decimal | None = None) -> str:
    """The id of a new user, who may spend `cap` US dollars."""
    async with database.writing() as transaction:
        transaction.add(UserRow(id=name, budget_cap=cap, created_at=datetime.now(UTC)))
    return name
