"""Fixtures of real servers and databases, for all folders of integration tests."""

from __future__ import annotations

from support_db import database, database_url, sqlite_database, sqlite_template
from support_pg import empty_pg_database, pg_database, postgres
from support_sessions import desk

__all__ = [
    "database",
    "database_url",
    "desk",
    "empty_pg_database",
    "pg_database",
    "postgres",
    "sqlite_database",
    "sqlite_template",
]
