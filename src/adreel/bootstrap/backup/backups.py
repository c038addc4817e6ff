"""``adreel db backup`` and ``restore``: backs up all data of the service while it runs."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adreel.bootstrap.backup import postgres_dumps
from adreel.bootstrap.data_folder import make_data_dir
from adreel.bootstrap.database import database_url
from adreel.bootstrap.settings import Settings
from adreel.db import migrate
from adreel.db.engine import Database, sqlite_url
from adreel.db.sqlite_files import copy_database
from adreel.domain.errors import InputError, SetupError, StorageError
from adreel.domain.ids import new_id, utc_now
from adreel.media.segments.store import file_digest
from adreel.services.ledger.restores import note_restore
from adreel.services.storage.atomic import copy_atomically
from adreel.services.storage.backups import (
    STORAGE,
    Manifest,
    copy_stored,
    is_empty,
    put_stored,
    read_manifest,
    remove,
)
from adreel.version import __version__

ENGINE, TABLES, SECRET = "engine.db", "adreel.db", "secret"
_DATABASES = (ENGINE, TABLES)
"""In copying order. The engine's state may be older than the tables, as after a crash: steps that it repeats are found done. It
must not be newer: the effect of every completed step must be in the tables."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The number of `stored` files that were copied; 0 when they are in the S3 bucket `bucket`."""

    folder: Path
    stored: int
    bucket: str | None


async def backup(settings: Settings, folder: Path) -> Saved:
    """Writes a complete backup to `folder`, or none. Raises InputError, SetupError, StorageError."""
    if not is_empty(folder):
        raise InputError(f"{folder} is not empty: name a new folder for each backup")
    taken_at, is_sqlite = utc_now(), _is_sqlite(settings)
    revision = await _revision(settings)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir(parents=True, mode=0o700)
        await asyncio.to_thread(_copy_databases if is_sqlite else postgres_dumps.dump, settings, part)
        stored = await asyncio.to_thread(_copy_files, settings, part)
        files = {path.name: file_digest(path) for path in part.iterdir() if path.is_file()}
        database = "sqlite" if is_sqlite else "postgresql"
        Manifest(__version__, revision, taken_at, database, files, stored, settings.s3_bucket).write(part)
        _finish(part, folder)
    except OSError as error:
        raise StorageError(f"cannot write the backup {folder}: {error.strerror or error}") from error
    finally:
        remove(part)
    return Saved(folder, len(stored), settings.s3_bucket)


async def restore(settings: Settings, folder: Path) -> Manifest:
    """Restores a backup into an empty installation. Raises InputError, SetupError, StorageError."""
    manifest = read_manifest(folder)
    migrate.check_known(manifest.revision)
    _check_same(settings, manifest)
    await asyncio.to_thread(manifest.check, folder)
    _check_fresh(settings)
    try:
        await asyncio.to_thread(_put_files, settings, folder, manifest)
        if manifest.database == "sqlite":
            await _put_databases(settings, folder, manifest.taken_at)
        else:
            await asyncio.to_thread(postgres_dumps.restore, settings, folder)
            await _record_restore(database_url(settings), manifest.taken_at)
    except OSError as error:
        raise StorageError(f"cannot put {folder} back: {error.strerror or error}") from error
    return manifest


def _copy_databases(settings: Settings, folder: Path) -> None:
    for name in _DATABASES:
        if (settings.data_dir / name).exists():
            copy_database(settings.data_dir / name, folder / name)


def _copy_files(settings: Settings, part: Path) -> dict[str, int]:
    """Copies files after the databases, so that every row has its file."""
    secret = settings.data_dir / SECRET
    if secret.exists():
        shutil.copyfile(secret, part / SECRET)
    return {} if settings.s3_bucket else copy_stored(settings.data_dir / STORAGE, part / STORAGE)


def _finish(part: Path, folder: Path) -> None:
    """Renames the complete backup to its final name."""
    for path in part.iterdir():
        if path.is_file():
            path.chmod(0o600)
    if folder.exists():
        folder.rmdir()
    part.rename(folder)


async def _revision(settings: Settings) -> str:
    if _is_sqlite(settings) and not (settings.data_dir / TABLES).exists():
        raise SetupError(f"there is nothing to back up in {settings.data_dir}: no {TABLES}")
    database = Database(database_url(settings))
    try:
        revision = await migrate.current(database)
    finally:
        await database.close()
    if revision is None:
        raise SetupError("there is nothing to back up: the database has no tables of adreel")
    migrate.check_known(revision)
    return revision


def _check_same(settings: Settings, manifest: Manifest) -> None:
    database = "sqlite" if _is_sqlite(settings) else "postgresql"
    if database != manifest.database:
        raise InputError(
            f"the backup is of {manifest.database}, but the settings name {database}: they must be the same"
        )
    if manifest.bucket != settings.s3_bucket:
        location = manifest.bucket or "the data folder"
        raise InputError(f"the backup's files are in {location}, but the settings name {settings.s3_bucket or 'none'}")


def _check_fresh(settings: Settings) -> None:
    """Raises InputError if the data folder has data, so that nothing is overwritten."""
    used = [name for name in (TABLES, ENGINE, SECRET) if (settings.data_dir / name).exists()]
    if not is_empty(settings.data_dir / STORAGE):
        used.append(STORAGE)
    if used:
        raise InputError(
            f"{settings.data_dir} has {', '.join(used)} already: put the backup back into a new ADREEL_DATA_DIR, or move "
            "the old one away"
        )


def _put_files(settings: Settings, folder: Path, manifest: Manifest) -> None:
    make_data_dir(settings.data_dir)
    put_stored(folder / STORAGE, settings.data_dir / STORAGE, manifest.stored)
    if SECRET in manifest.files:
        copy_atomically(folder / SECRET, settings.data_dir / SECRET, synced=True)
        (settings.data_dir / SECRET).chmod(0o600)


async def _put_databases(settings: Settings, folder: Path, taken_at: datetime) -> None:
    """Restores the tables last, by a rename: without them the restore has not happened."""
    copy: Callable[[Path, Path], int] = copy_atomically
    if (folder / ENGINE).exists():
        await asyncio.to_thread(copy, folder / ENGINE, settings.data_dir / ENGINE)
    part = settings.data_dir / f".{TABLES}.restored"
    await asyncio.to_thread(copy, folder / TABLES, part)
    await _record_restore(sqlite_url(part), taken_at)
    part.rename(settings.data_dir / TABLES)


async def _record_restore(url: str, taken_at: datetime) -> None:
    database = Database(url)
    try:
        await migrate.upgrade(database)
        await note_restore(database, new_id(), taken_at, utc_now())
    finally:
        await database.close()


def _is_sqlite(settings: Settings) -> bool:
    url = settings.database_url
    return url is None or url.get_secret_value().startswith("sqlite")
