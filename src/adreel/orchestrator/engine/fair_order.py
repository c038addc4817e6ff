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
from itertools import repeat
from typing import Any

import sqlalchemy as sa

from adreel.domain.work.fairness import QueueTags, Share, first_share, next_tags

FIRST_WORK = 300
"""Frames that a user may have in the queue of first clips: ten seconds."""

_RUNNING, _WAITING = "PENDING", "ENQUEUED"
_LOCKS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""One for each queue. Acquired before any connection, so that waiting for it never holds a connection."""


@contextmanager
def tagged(database: Any, queue: str, shares: Sequence[Share]) -> Generator[list[int]]:  # noqa: ANN401 (the library's)
    """Yields the tags of new items of `queue`, all of one user. Enqueue the items within the block.

    The block excludes other enqueues to the queue: on PostgreSQL of all processes, on SQLite of this process; two processes on
    one SQLite file may at worst use the same tag twice. Blocks: not for the event loop.
    """
    with _tags(database, queue, shares) as found:
        yield next_tags(found, _work(shares))


@contextmanager
def divided(
    database: Any,  # noqa: ANN401 (the library's)
    queue: str,
    first: str | None,
    shares: Sequence[Share],
) -> Generator[list[tuple[str, int]]]:
    """Yields the queue and the tag of each item, like `tagged`: of a user who has nothing in `queue`, the first ones go to the
    queue `first`."""
    with _tags(database, queue, shares) as found:
        if first is None or found.own is not None:
            yield list(zip(repeat(queue), next_tags(found, _work(shares)), strict=False))
            return
        with _tags(database, first, shares) as ahead:
            count = first_share(ahead, _work(shares), FIRST_WORK)
            tags = [*next_tags(ahead, _work(shares[:count])), *next_tags(found, _work(shares[count:]))]
            yield [(first if index < count else queue, tag) for index, tag in enumerate(tags)]


@contextmanager
def _tags(database: Any, queue: str, shares: Sequence[Share]) -> Generator[QueueTags]:  # noqa: ANN401 (the library's)
    with _LOCKS[queue], database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_lock_number(queue))))
        yield _find(connection, database.tables.workflow_status, queue, shares[0].user) if shares else QueueTags()


def _work(shares: Sequence[Share]) -> list[int]:
    return [share.work for share in shares]


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
