"""Dumps and restores PostgreSQL with pg_dump and pg_restore: adreel's and the engine's tables in one snapshot."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url

from adreel.bootstrap.settings import Settings
from adreel.domain.errors import SetupError, StorageError, ToolError
from adreel.media.ffmpeg.process import Limits, run
from adreel.media.scratch import scratch_folder

DUMP = "database.dump"
_LIMITS = Limits(seconds=12 * 3600, output=2**50)


def dump(settings: Settings, folder: Path) -> None:
    """Writes the database to the folder. Raises SetupError without pg_dump, StorageError when it fails."""
    with _connection(settings, "pg_dump") as (program, target):
        _run([program, "--format=custom", "--no-owner", f"--file={folder / DUMP}", target])


def restore(settings: Settings, folder: Path) -> None:
    """Fills an empty database, all or nothing. Raises SetupError without pg_restore, StorageError when it fails."""
    with _connection(settings, "pg_restore") as (program, target):
        options = ["--no-owner", "--single-transaction", "--exit-on-error"]
        _run([program, *options, f"--dbname={target}", str(folder / DUMP)])


@contextmanager
def _connection(settings: Settings, name: str) -> Generator[tuple[str, str]]:
    """Yields the program and its connection URL: the password is in a file, never among the arguments of a process."""
    program = shutil.which(name)
    url = _url(settings)
    if program is None:
        public_url = url.set(password=None).render_as_string()
        raise SetupError(
            f"{name} is not installed; install the client programs of PostgreSQL, or run "
            f"{_BY_HAND[name].format(url=public_url)} where they are, and copy the stored files beside it"
        )
    with scratch_folder(settings.data_dir / "work", "dump-") as folder:
        passwords = folder / "pgpass"
        passwords.touch(0o600)
        passwords.write_text(f"*:*:*:*:{_escaped(str(url.password or ''))}\n", encoding="utf-8")
        bare = url.set(drivername="postgresql", password=None).update_query_dict({"passfile": str(passwords)})
        yield program, bare.render_as_string()


_BY_HAND = {
    "pg_dump": "pg_dump --format=custom --no-owner --file=database.dump '{url}'",
    "pg_restore": "pg_restore --no-owner --single-transaction --dbname='{url}' database.dump",
}


def _url(settings: Settings) -> URL:
    if settings.database_url is None:
        raise SetupError("no PostgreSQL is set: ADREEL_DATABASE_URL names none")
    return make_url(settings.database_url.get_secret_value())


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


def _run(command: list[str]) -> None:
    name = Path(command[0]).name
    try:
        run(command, limits=_LIMITS)
    except ToolError as error:
        raise StorageError(f"the database was not copied: {str(error).replace('ffmpeg', name, 1)}") from error
