"""Brings a database to the tables of this version. Any number of processes may try at once: one does it, the others wait."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from adreel.db.engine import Database
from adreel.domain.errors import SetupError

_LOCK = 0x6164726565_6C
"""Key of PostgreSQL's advisory lock under which the tables change: "adreel"."""


async def upgrade(database: Database) -> None:
    """Applies the migrations that are missing, all or none. Raises SetupError for a database of a newer version."""
    async with database.writing() as session:
        if not database.is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection = await session.connection()
        await connection.run_sync(_upgrade)


async def current(database: Database) -> str | None:
    """The revision of the database; None when it has no tables of adreel."""
    async with database.reading() as session:
        connection = await session.connection()
        return await connection.run_sync(_revision)


async def is_current(database: Database) -> bool:
    """Whether the database has the tables of this version. Raises SetupError when it is newer."""
    revision = await current(database)
    scripts = ScriptDirectory.from_config(_config())
    _check_known(scripts, revision)
    return revision == scripts.get_current_head()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    _check_known(ScriptDirectory.from_config(config), _revision(connection))
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "adreel.db:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _check_known(scripts: ScriptDirectory, revision: str | None) -> None:
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise SetupError(
            f"the database is at revision {revision}, which this version of adreel does not know: install a newer adreel"
        )
