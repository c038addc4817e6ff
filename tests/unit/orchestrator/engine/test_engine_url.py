from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from adreel.domain.errors import SetupError
from adreel.orchestrator.engine.client import engine_url, prepare_file


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("sqlite+aiosqlite:////data/engine.db", "sqlite:////data/engine.db"),
        ("postgresql+asyncpg://me:secret@db:5432/adreel", "postgresql://me:secret@db:5432/adreel"),
        ("postgresql://db/adreel?sslmode=require", "postgresql://db/adreel?sslmode=require"),
    ],
)
def test_the_engine_uses_a_driver_of_its_own(given: str, wanted: str) -> None:
    assert engine_url(given) == wanted


def test_other_databases_are_refused() -> None:
    with pytest.raises(SetupError, match="mysql"):
        engine_url("mysql://db/adreel")


def test_jobs_are_not_kept_in_memory() -> None:
    with pytest.raises(SetupError, match="file"):
        prepare_file("sqlite://")


def test_the_file_is_made_and_stays_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "data" / "engine.db"
    prepare_file(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
