from __future__ import annotations

import re
from pathlib import Path

import pytest

from adreel.db.engine import async_url
from adreel.domain.errors import SetupError
from adreel.domain.remedy import Remedy

SOURCES = Path(__file__).parents[3] / "src" / "adreel"


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ("postgresql://ann:p%40ss@host:5433/x", "postgresql+asyncpg://ann:p%40ss@host:5433/x"),
        ("postgres://host/x", "postgresql+asyncpg://host/x"),
        ("postgresql+psycopg://host/x", "postgresql+asyncpg://host/x"),
        ("sqlite:////data/x.db", "sqlite+aiosqlite:////data/x.db"),
    ],
)
def test_a_database_is_opened_with_our_driver(given: str, opened: str) -> None:
    assert async_url(given) == opened


@pytest.mark.parametrize("url", ["mysql://host/x", "", "no address", "postgresql"])
def test_a_database_that_we_do_not_speak_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="the database's address") as refused:
        async_url(url)
    assert refused.value.remedy is Remedy.DATABASE


def test_one_place_commits() -> None:
    # A driver's connection that hands its own commit on decides nothing.
    commits = re.compile(r"(?<!super\(\))\.commit\(")
    owners = [path.name for path in SOURCES.rglob("*.py") if commits.search(path.read_text(encoding="utf-8"))]
    assert owners == ["engine.py"]
