"""Fixtures of real servers and databases, for all folders of integration tests."""

from __future__ import annotations

from support.db import database, database_url, sqlite_database, sqlite_template
from support.pg import empty_pg_database, pg_database, postgres
from support.s3 import closed_port, s3_server
from support.sessions import desk

__all__ = [
    "closed_port",
    "database",
    "database_url",
    "desk",
    "empty_pg_database",
    "pg_database",
    "postgres",
    "s3_server",
    "sqlite_database",
    "sqlite_template",
]
