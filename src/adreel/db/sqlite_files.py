"""Operations on SQLite's files: removes deleted content from them, and copies them while they are in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from adreel.domain.errors import StorageError

SECURE = "secure_delete=ON"
"""Pragma that overwrites deleted content with zeros, https://sqlite.org/pragma.html#pragma_secure_delete."""

_WAIT_SECONDS = 2.0
_COPY_WAIT_SECONDS = 60.0
_PAGES_AT_ONCE = 2048


def truncate_wal(path: Path) -> None:
    """Moves the whole write-ahead log into the database and empties it: until then it holds old versions of pages.

    Raises StorageError when a reader keeps the log in use; a retry can help.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
            [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise StorageError(f"the log of {path.name} cannot be emptied: {error}") from error
    if busy:
        raise StorageError(f"the log of {path.name} is in use and cannot be emptied just now")


def copy_database(source: Path, target: Path) -> None:
    """Makes a consistent copy of a database that may be in use, as one file without a log. Raises StorageError on failure."""
    try:
        with (
            closing(sqlite3.connect(source, timeout=_COPY_WAIT_SECONDS)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            # One read transaction fixes the snapshot: otherwise the copy would restart at every write of others.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            old.backup(new, pages=_PAGES_AT_ONCE)
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StorageError(f"cannot copy {source.name} to {target}: {error}") from error
