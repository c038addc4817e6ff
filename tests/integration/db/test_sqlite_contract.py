"""The private parts of aiosqlite that `QuickConnection` uses. When this fails, read the new version before raising its cap."""

from __future__ import annotations

import inspect
import sqlite3
import threading

from aiosqlite import Connection

HINT = "aiosqlite has changed inside: adapt adreel.db.sqlite_connection, then raise the cap in pyproject.toml"


async def test_the_private_parts_of_the_driver_are_what_they_were() -> None:
    connection = Connection(lambda: sqlite3.connect(":memory:", check_same_thread=False), iter_chunk_size=64)
    thread = getattr(connection, "_thread", None)
    assert isinstance(thread, threading.Thread), HINT
    assert not thread.is_alive(), HINT  # it is made a daemon before it starts
    assert list(inspect.signature(Connection._execute).parameters) == ["self", "fn", "args", "kwargs"], HINT
    thread.daemon = True
    async with connection:
        assert isinstance(connection._conn, sqlite3.Connection), HINT
        assert await connection._execute(threading.get_ident) == thread.ident, HINT


def test_commit_and_rollback_go_through_the_thread() -> None:
    for method in (Connection.commit, Connection.rollback):
        assert "self._execute(self._conn." in inspect.getsource(method), HINT
