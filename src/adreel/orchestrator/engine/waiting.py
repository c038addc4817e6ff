"""Reads how many workflows wait in each queue, and since when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

_WAITING = "ENQUEUED"


def waiting(database: Any) -> dict[str, tuple[int, datetime]]:  # noqa: ANN401 (the library's)
    """The number of waiting workflows of each queue that has any, and when the oldest was enqueued. Blocks."""
    columns = database.tables.workflow_status.c
    # A literal as in the definition of the partial index: else SQLite does not use that index.
    waits = columns.status == sa.literal_column(f"'{_WAITING}'")
    oldest = sa.func.min(columns.created_at)
    query = sa.select(columns.queue_name, sa.func.count(), oldest).where(waits).group_by(columns.queue_name)
    with database.engine.connect() as connection:
        rows = connection.execute(query).all()
    return {name: (int(count), _time(since)) for name, count, since in rows if name is not None}


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
