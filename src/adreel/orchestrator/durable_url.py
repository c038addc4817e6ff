"""Where the durable engine keeps its state: next to the application's database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url

from adreel.domain.errors import SetupError


def engine_url(url: str) -> str:
    """The engine's form of a database URL, whose driver is a synchronous one. Raises SetupError for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite").render_as_string(hide_password=False)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    raise SetupError(
        f"jobs are kept in SQLite or PostgreSQL, not in {parsed.get_backend_name()}: set another database URL"
    )


def prepare_file(url: str) -> None:
    """Puts an SQLite file into WAL mode, which makes steps four times as quick; it stays so."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return
    if not parsed.database or parsed.database == ":memory:":
        raise SetupError("jobs that outlive the process need a file: give a path in the engine's SQLite URL")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(parsed.database, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode=wal")
    finally:
        connection.close()
