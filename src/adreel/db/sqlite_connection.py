"""A SQLite connection with one round trip to its thread for each statement, and only where it may block.

SQLite itself answers in some ten microseconds: most of a statement's cost is the round trip to the connection's thread. The
driver makes four for each (make a cursor, execute, fetch, close), and as many for a BEGIN; this connection makes one, and sends
BEGIN with the first statement of a transaction, so that an empty transaction costs nothing.

A transaction that holds the write lock no longer waits for other writers: its further statements run directly on the event
loop, so that the waiting writers follow sooner. Commit and rollback may have to wait for the disk, and run in the thread.
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
    """The interface that SQLAlchemy needs of an asynchronous cursor. `execute` also fetches the rows."""

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
        """Does nothing: `execute` has closed the cursor."""

    async def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> QuickCursor:
        await self._connection.run(partial(self._execute, statement))
        return self

    def _execute(self, statement: Callable[[sqlite3.Cursor], object], connection: sqlite3.Connection) -> None:
        """Executes and fetches, in the connection's thread or on the event loop."""
        cursor = connection.cursor()
        try:
            statement(cursor)
            self._rows = cursor.fetchall()
            self.description, self.lastrowid, self.rowcount = cursor.description, cursor.lastrowid, cursor.rowcount
        finally:
            cursor.close()


class QuickConnection(Connection):
    """A connection to the file `path`. `begin` defers BEGIN to the next statement."""

    def __init__(self, path: str, **options: Any) -> None:  # noqa: ANN401 (sqlite3.connect's)
        # Its thread and the event loop use it, never both at once: the caller awaits each statement.
        shared: dict[str, Any] = {**options, "check_same_thread": False}
        super().__init__(lambda: sqlite3.connect(path, **shared), iter_chunk_size=64)
        # At exit the process does not wait for an unclosed connection.
        self._thread.daemon = True
        self._begin: str | None = None
        self._has_lock = False

    async def cursor(self) -> QuickCursor:  # pyright: ignore[reportIncompatibleMethodOverride] (SQLAlchemy only awaits it)
        return QuickCursor(self)

    def begin(self, statement: str) -> None:
        """Sets the statement to run before the next one: `BEGIN` or `BEGIN_WRITING`."""
        self._begin = statement

    async def run(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Runs the deferred BEGIN, if any, and `work`: in the connection's thread, or directly if the write lock is held."""
        if self._has_lock:
            work(self._conn)
            return
        begin, self._begin = self._begin, None
        await self._execute(_begin_and_run, self._conn, begin, work)
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
        """Drops the deferred BEGIN. True if the transaction was empty."""
        begin, self._begin = self._begin, None
        return begin is not None or not self._conn.in_transaction


def _begin_and_run(
    connection: sqlite3.Connection, begin: str | None, work: Callable[[sqlite3.Connection], None]
) -> None:
    if begin is not None:
        connection.execute(begin)
    work(connection)
