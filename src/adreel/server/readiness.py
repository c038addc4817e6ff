"""Readiness checks: the dependencies of the service, by their names in the response of ``/ready``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sqlalchemy.engine import make_url

from adreel.bootstrap.core import Core
from adreel.bootstrap.database import database_url, engine_database_url
from adreel.db import migrate
from adreel.domain.errors import SetupError, StorageError
from adreel.orchestrator.engine.steps import JobEngine
from adreel.routers.common.services import Check


def readiness_checks(core: Core, jobs: JobEngine) -> Mapping[str, Check]:
    """Returns the checks by name. A check raises AdreelError with the cause when it fails."""
    return {
        "database": partial(_check_database, core),
        "migrations": partial(_check_migrations, core),
        "jobs": partial(_check_jobs, core, jobs),
        "storage": core.storage.check,
        "disk": core.space.probe,
    }


async def _check_database(core: Core) -> None:
    _check_file(database_url(core.settings))
    await core.database.ping()


async def _check_jobs(core: Core, jobs: JobEngine) -> None:
    _check_file(engine_database_url(core.settings))
    # Any answer is fine: the query itself succeeded.
    await jobs.status("ready")


async def _check_migrations(core: Core) -> None:
    if not await migrate.is_current(core.database):
        raise SetupError("the database does not have this version's tables; run: adreel db upgrade")


def _check_file(url: str) -> None:
    """Raises StorageError when a SQLite file was deleted: queries on the open file would still succeed."""
    path = make_url(url).database if url.startswith("sqlite") else None
    if path is not None and not Path(path).exists():
        raise StorageError(f"the database {path} was deleted; restore it and start the service again")
