"""The database that settings name, and the accounts in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adreel.bootstrap.folders import make_data_dir
from adreel.db import migrate
from adreel.db.engine import Database, sqlite_url
from adreel.domain.errors import SetupError
from adreel.services.auth_service import AuthService
from adreel.settings import Settings


def database_url(settings: Settings) -> str:
    """The database set, else one in the data folder, which is made. Raises SetupError."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    make_data_dir(settings.data_dir)
    return sqlite_url(settings.data_dir / "adreel.db")


def engine_database_url(settings: Settings) -> str:
    """Where the durable engine keeps its state: PostgreSQL as well, or a file of its own beside the embedded database."""
    if settings.database_url is not None and not settings.database_url.get_secret_value().startswith("sqlite"):
        return settings.database_url.get_secret_value()
    return sqlite_url(settings.data_dir / "engine.db")


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[Database]:
    """The database with the tables of this version; the embedded one is brought up to it, a shared one must be already.

    Raises SetupError, which says to run ``adreel db upgrade``, and StorageError when the database cannot be reached.
    """
    database = Database(database_url(settings))
    try:
        if database.is_sqlite:
            await migrate.upgrade(database)
        elif not await migrate.is_current(database):
            raise SetupError("the database has not the tables of this version; run: adreel db upgrade")
        yield database
    finally:
        await database.close()


async def upgrade_database(settings: Settings) -> str:
    """Brings the database up to this version, and says at which revision it is."""
    database = Database(database_url(settings))
    try:
        await migrate.upgrade(database)
        return f"the database is at revision {await migrate.current(database)}"
    finally:
        await database.close()


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncGenerator[AuthService]:
    async with open_database(settings) as database:
        yield AuthService(database)
