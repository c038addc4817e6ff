"""Orders the engine's queues fairly among users. An item's tag is the priority of its row.

The library serves the lowest priority first and, of equal ones, the oldest. Items of older versions of adreel have priority 0
and no user: they are served before everything else.
"""

from __future__ import annotations

import threading
import zlib
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from adreel.domain.work.fairness import QueueTags, Share, next_tags

_RUNNING, _WAITING = "PENDING", "ENQUEUED"
_LOCKS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""One for each queue. Acquired before any connection, so that waiting for it never holds a connection."""


@contextmanager
def tagged(database: Any, queue: str, shares: Sequence[Share]) -> Generator[list[int]]:  # noqa: ANN401 (the library's)
    """Yields the tags of new items of `queue`, all of one user. Enqueue the items within the block.

    The block excludes other enqueues to the queue: on PostgreSQL of all processes, on SQLite of this process; two processes on
    one SQLite file may at worst use the same tag twice. Blocks: not for the event loop.
    """
    with _LOCKS[queue], database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_lock_number(queue))))
        found = _find(connection, database.tables.workflow_status, queue, shares[0].user) if shares else QueueTags()
        yield next_tags(found, [share.work for share in shares])


def _find(connection: sa.Connection, table: Any, queue: str, user: str) -> QueueTags:  # noqa: ANN401 (the library's)
    columns = table.c
    # Literals as in the definition of the partial index: else SQLite does not use that index.
    in_flight = columns.status.in_([sa.literal_column(f"'{_WAITING}'"), sa.literal_column(f"'{_RUNNING}'")])
    query = sa.select(
        sa.func.max(sa.case((columns.status == _RUNNING, columns.priority))),
        sa.func.min(sa.case((columns.status == _WAITING, columns.priority))),
        sa.func.max(sa.case((columns.authenticated_user == user, columns.priority))),
    ).where(columns.queue_name == queue, in_flight)
    return QueueTags(*connection.execute(query).one())


def _lock_number(queue: str) -> int:
    return zlib.crc32(f"adreel queue {queue}".encode())
