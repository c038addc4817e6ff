"""Opens the database: SQLite in a file, or PostgreSQL. The only place where transactions begin and end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import cast

from asyncpg import PostgresError
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from adreel.db.sqlite_connection import BEGIN, BEGIN_WRITING, QuickConnection
from adreel.db.sqlite_files import SECURE
from adreel.domain.errors import NoSpaceError, SetupError, StorageError
from adreel.domain.remedy import Remedy

_DRIVERS = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
_BUSY_MS = 30_000
"""How long one SQLite writer waits for another, in milliseconds."""

_DISK_FULL = "53100"
"""PostgreSQL, appendix A: disk_full."""

_READERS = 16
"""Pooled connections to SQLite, each with a thread; as many more are opened on demand."""


def sqlite_url(path: Path) -> str:
    """The URL of a database file. Raises SetupError for a path that a URL cannot hold."""
    if "?" in str(path.absolute()):
        raise SetupError(f"a database cannot lie in {path.absolute().parent}: choose a folder without a question mark")
    return f"sqlite:///{path.absolute()}"


def async_url(url: str) -> str:
    """Returns the URL with the driver that adreel uses. Raises SetupError for an unsupported database."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = "the database's address is not one such as postgresql://user@host/name; set another"
        raise SetupError(message).with_remedy(Remedy.DATABASE) from error
    backend = parsed.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        message = f"the database's address names {backend}; adreel uses postgresql or sqlite"
        raise SetupError(message).with_remedy(Remedy.DATABASE)
    return parsed.set(drivername=_DRIVERS[backend]).render_as_string(hide_password=False)


class Database:
    """Transactions on one database. Rows never leave a transaction: services return domain objects."""

    def __init__(self, url: str, pool_size: int = 10, pool_wait_seconds: float = 30) -> None:
        """Opens up to twice `pool_size` connections on PostgreSQL; a transaction waits at most `pool_wait_seconds` for one."""
        self.url = async_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url, pool_size, pool_wait_seconds)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        # SQLite's own waiting is polling, and unfair: within a process the writers queue at this lock instead.
        self._write_lock = asyncio.Lock() if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """Opens a read-only transaction. Raises StorageError when the database cannot be reached."""
        async with self._sessions() as session:
            with _translated_errors():
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncSession]:
        """Opens a transaction that is committed at the end of the block, or rolled back when the block raises.

        On SQLite it takes the write lock at once, so that two writers wait for each other instead of failing midway.
        Blocks are not nested. Raises StorageError when the database cannot be reached.
        """
        async with self._write_lock, self._sessions() as session:
            with _translated_errors():
                await session.connection(execution_options={"adreel_writes": True})
                yield session
                await session.commit()

    async def ping(self) -> None:
        """Raises StorageError when the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


@contextmanager
def _translated_errors() -> Generator[None]:
    """Raises StorageError when the database is unavailable; errors of adreel's SQL (integrity, syntax) pass unchanged."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StorageError("the database is too busy: all connections were in use for too long") from error
    except (OperationalError, InterfaceError, OSError, PostgresError) as error:
        # While connecting, the driver's errors arrive unwrapped; later SQLAlchemy wraps them.
        raise disk_full(error) or StorageError(f"the database cannot be used: {_cause(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageError(f"the connection to the database was lost: {_cause(error)}") from error
        raise


def disk_full(error: Exception) -> NoSpaceError | None:
    """Returns the error for a full disk, from SQLite or PostgreSQL (class 53, disk_full); else None."""
    original = getattr(error, "orig", None) or error
    is_full = getattr(original, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    if is_full or getattr(original, "sqlstate", None) == _DISK_FULL:
        return NoSpaceError("the disk of the database is full; make room there")
    return None


def _cause(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(original).splitlines()[0] if str(original) else type(original).__name__


def _postgresql(url: str, pool_size: int, wait_seconds: float) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=pool_size, max_overflow=pool_size, pool_timeout=wait_seconds, pool_pre_ping=True
    )


def _sqlite(url: str) -> AsyncEngine:
    async def connected() -> QuickConnection:
        [path], options = engine.dialect.create_connect_args(engine.url)
        connection = QuickConnection(path, **options)
        await connection
        return connection

    engine = create_async_engine(url, async_creator=connected, pool_size=_READERS, max_overflow=_READERS)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        # Disables the driver's implicit transactions: `begin` below opens them.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", SECURE):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        writes = connection.get_execution_options().get("adreel_writes", False)
        driver = cast(QuickConnection, connection.connection.driver_connection)
        driver.begin(BEGIN_WRITING if writes else BEGIN)

    return engine
