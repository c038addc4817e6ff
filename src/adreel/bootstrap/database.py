"""Opens and migrates the configured database, and opens its account services."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adreel.bootstrap.data_folder import make_data_dir
from adreel.bootstrap.limits import default_limits, limits_service
from adreel.bootstrap.settings import Settings
from adreel.bootstrap.storage import webhook_poster
from adreel.db import migrate
from adreel.db.engine import Database, sqlite_url
from adreel.domain.errors import SetupError
from adreel.orchestrator.lease import FileLease
from adreel.services.accounts.directory import AccountDirectory
from adreel.services.accounts.limits_service import LimitsService
from adreel.services.accounts.service import AuthService
from adreel.services.storage.private_files import private_database
from adreel.services.webhooks.service import WebhookService


def database_url(settings: Settings) -> str:
    """Returns the configured database's URL, else that of a file in the data folder, which it creates. Raises SetupError."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    make_data_dir(settings.data_dir)
    return sqlite_url(settings.data_dir / "adreel.db")


def engine_database_url(settings: Settings) -> str:
    """Returns the URL of the durable engine's state: the same PostgreSQL, or a file beside the embedded database."""
    if settings.database_url is not None and not settings.database_url.get_secret_value().startswith("sqlite"):
        return settings.database_url.get_secret_value()
    return sqlite_url(settings.data_dir / "engine.db")


def make_engine_database(settings: Settings) -> str:
    """`engine_database_url`, with the file of an embedded engine created for its owner alone."""
    url = engine_database_url(settings)
    if url.startswith("sqlite"):
        private_database(settings.data_dir / "engine.db")
    return url


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[Database]:
    """Opens the database at this version's revision: migrates the embedded one; a shared one must be migrated already.

    Raises SetupError, which says to run ``adreel db upgrade``, and StorageError when the database cannot be reached.
    """
    database = _database(settings)
    try:
        if database.is_sqlite:
            await migrate.upgrade(database)
        elif not await migrate.is_current(database):
            raise SetupError("the database has not the tables of this version; run: adreel db upgrade")
        yield database
    finally:
        await database.close()


async def upgrade_database(settings: Settings) -> str:
    """Migrates the database to this version. Returns a message with its revision."""
    database = _database(settings)
    try:
        await migrate.upgrade(database)
        return f"the database is at revision {await migrate.current(database)}"
    finally:
        await database.close()


async def downgrade_database(settings: Settings) -> str:
    """Reverts the newest migration. Returns a message with both revisions. Raises SetupError while a worker uses it."""
    database = Database(database_url(settings))
    lease = FileLease(settings.data_dir) if database.is_sqlite else None
    try:
        if lease is not None:
            await lease.start()
        old, new = await migrate.downgrade(database)
        return f"the database went back from revision {old} to {new}; run the version of adreel before this one now"
    finally:
        if lease is not None:
            await lease.close()
        await database.close()


@dataclass(frozen=True, slots=True)
class Accounts:
    """The services with which the operator manages accounts."""

    auth: AuthService
    limits: LimitsService
    directory: AccountDirectory
    webhooks: WebhookService


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncGenerator[Accounts]:
    async with open_database(settings) as database:
        yield Accounts(
            AuthService(database, limits=default_limits(settings)),
            limits_service(settings, database),
            AccountDirectory(database),
            WebhookService(database, webhook_poster(settings)),
        )


def _database(settings: Settings) -> Database:
    database = Database(database_url(settings))
    if database.is_sqlite and database.engine.url.database:
        private_database(Path(database.engine.url.database))
    return database
