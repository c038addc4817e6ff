"""Migrates a database to this version. Several processes may try at once: one migrates, the others wait."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from adreel.db.engine import Database
from adreel.domain.errors import SetupError
from adreel.domain.remedy import Remedy
from adreel.version import __version__

_LOCK = 0x6164726565_6C
"""Key of PostgreSQL's advisory lock for migrations: "adreel"."""


async def upgrade(database: Database) -> None:
    """Applies all missing migrations or none. Raises SetupError for a database of a newer version."""
    async with database.writing() as session:
        if not database.is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection = await session.connection()
        await connection.run_sync(_upgrade)


async def current(database: Database) -> str | None:
    """Returns the revision of the database; None when it has no tables of adreel."""
    async with database.reading() as session:
        connection = await session.connection()
        return await connection.run_sync(_revision)


async def is_current(database: Database) -> bool:
    """Whether the database has the tables of this version. Raises SetupError when it is newer."""
    revision = await current(database)
    scripts = ScriptDirectory.from_config(_config())
    _check_known(scripts, revision)
    return revision == scripts.get_current_head()


async def downgrade(database: Database) -> tuple[str, str]:
    """Reverts the newest migration, for the previous version of adreel. Returns the revisions before and after.

    Raises SetupError when there is no previous revision, or when the database is of a newer version.
    """
    async with database.writing() as session:
        if not database.is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection = await session.connection()
        return await connection.run_sync(_downgrade)


def check_known(revision: str) -> None:
    """Raises SetupError for a revision of a newer version."""
    _check_known(ScriptDirectory.from_config(_config()), revision)


def _downgrade(connection: Connection) -> tuple[str, str]:
    config = _config()
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    revision = _revision(connection)
    _check_known(scripts, revision)
    script = None if revision is None else scripts.get_revision(revision)
    previous = None if script is None else script.down_revision
    if revision is None or not isinstance(previous, str):
        raise SetupError(f"the database is at revision {revision or 'none'}: there is no version before it")
    command.downgrade(config, previous)
    return revision, previous


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
            f"the database is at revision {revision}, which was written by a newer adreel; this is adreel {__version__}, which "
            f"knows revisions up to {scripts.get_current_head()}. Install the newer adreel again, or migrate the "
            "database back with it"
        ).with_remedy(Remedy.OLDER_DATABASE)
