"""A connection to SQLite that goes to its thread once for each statement, and only where it may have to wait.

SQLite itself answers in some ten microseconds: what a statement costs is the way to the connection's thread and back. The
driver goes there four times for each (make a cursor, execute, fetch, close), and as often for a BEGIN; this one does it all at
once, and begins with the first statement of a transaction, so that one without any costs nothing.

A transaction that holds the write lock waits for nobody any more: its further statements run where they are asked for, on the
event loop, so that the writers behind it get their turn sooner. Its end may have to wait for the disk, and goes to the thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from aiosqlite import Connection

BEGIN, BEGIN_WRITING = "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction begins; the second takes the write lock at once."""


class QuickCursor:
    """What SQLAlchemy asks of an asynchronous cursor. The rows are fetched with the execution."""

    def __init__(self, connection: QuickConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.lastrowid: int | None = None
        self.rowcount = -1

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> QuickCursor:
        return await self._run(lambda cursor: cursor.execute(sql, parameters))  # pyright: ignore[reportArgumentType]

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> QuickCursor:
        return await self._run(lambda cursor: cursor.executemany(sql, parameters))  # pyright: ignore[reportArgumentType]

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """It was closed when it was executed."""

    async def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> QuickCursor:
        await self._connection.run(partial(self._done, statement))
        return self

    def _done(self, statement: Callable[[sqlite3.Cursor], object], connection: sqlite3.Connection) -> None:
        """Wherever the connection is at work."""
        cursor = connection.cursor()
        try:
            statement(cursor)
            self._rows = cursor.fetchall()
            self.description, self.lastrowid, self.rowcount = cursor.description, cursor.lastrowid, cursor.rowcount
        finally:
            cursor.close()


class QuickConnection(Connection):
    """`path` is a file. Statements that the engine runs behind `begin` are its transactions."""

    def __init__(self, path: str, **options: Any) -> None:  # noqa: ANN401 (sqlite3.connect's)
        # It is used by its thread and by the event loop, never by both at once: who asks waits for the answer.
        shared: dict[str, Any] = {**options, "check_same_thread": False}
        super().__init__(lambda: sqlite3.connect(path, **shared), iter_chunk_size=64)
        # A process that ends does not wait for a connection that nobody closed.
        self._thread.daemon = True
        self._begin: str | None = None
        self._has_lock = False

    async def cursor(self) -> QuickCursor:  # pyright: ignore[reportIncompatibleMethodOverride] (SQLAlchemy only awaits it)
        return QuickCursor(self)

    def begin(self, statement: str) -> None:
        """What the next statement is to be preceded by: `BEGIN` or `BEGIN_WRITING`."""
        self._begin = statement

    async def run(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """`work` after what `begin` announced: in the connection's thread unless the write lock is held already."""
        if self._has_lock:
            work(self._conn)
            return
        begin, self._begin = self._begin, None
        await self._execute(_begun, self._conn, begin, work)
        self._has_lock = begin == BEGIN_WRITING

    async def commit(self) -> None:
        self._has_lock = False
        if not self._forget_begin():
            await super().commit()

    async def rollback(self) -> None:
        self._has_lock = False
        if not self._forget_begin():
            await super().rollback()

    def _forget_begin(self) -> bool:
        """Whether a transaction ends in which nothing was done."""
        begin, self._begin = self._begin, None
        return begin is not None or not self._conn.in_transaction


def _begun(connection: sqlite3.Connection, begin: str | None, work: Callable[[sqlite3.Connection], None]) -> None:
    if begin is not None:
        connection.execute(begin)
    work(connection)
