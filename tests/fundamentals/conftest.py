from __future__ import annotations

from pathlib import Path

import pytest

from adreel.media.segments.store import SegmentStore
from support.db import database, database_url, sqlite_database, sqlite_template
from support.pg import pg_database, postgres
from support.sessions import desk

__all__ = ["database", "database_url", "desk", "pg_database", "postgres", "sqlite_database", "sqlite_template"]


@pytest.fixture
def store(tmp_path: Path) -> SegmentStore:
    """Where encoded segments are kept."""
    return SegmentStore(tmp_path / "segments")
