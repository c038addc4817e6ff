"""A PostgreSQL database that a test has used goes to the next one empty, or not at all."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from adreel.db.engine import Database
from support.db import add_user
from support.pg import PostgresServer


async def test_rows_and_tables_of_the_engine_are_gone_and_users_cut_off(postgres: PostgresServer) -> None:
    url = postgres.migrated()
    database = Database(url)
    await add_user(database)
    await database.close()
    with closing(psycopg.connect(url)) as left:
        left.execute("SELECT * FROM users FOR UPDATE")
        postgres.sql("CREATE SCHEMA dbos; CREATE TABLE dbos.steps (number serial)", url.rpartition("/")[2])
        postgres.give_back(url)
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
    assert postgres.migrated() == url
    name = url.rpartition("/")[2]
    assert postgres.sql("SELECT count(*) FROM users", name) == "0"
    assert postgres.sql("SELECT count(*) FROM alembic_version", name) == "1"
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'dbos'", name) == "0"
    postgres.give_back(url)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE extra (number int)",
        "ALTER TABLE users ADD COLUMN extra int",
        "ALTER TABLE users ALTER COLUMN role DROP NOT NULL",
        "CREATE INDEX extra ON users (role)",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_one_whose_tables_were_changed_is_not_given_again(postgres: PostgresServer, change: str) -> None:
    url = postgres.migrated()
    name = url.rpartition("/")[2]
    postgres.sql(change, name)
    postgres.give_back(url)
    assert name not in postgres.sql("SELECT datname FROM pg_database").splitlines()
