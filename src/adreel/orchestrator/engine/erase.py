"""Deletes a session's workflows from the durable engine's database: inputs, results of steps, and results of workflows.

The engine can delete workflows by id. But it cannot find those of a session, nor rows that a run wrote after its workflow was
deleted: see tests/integration/orchestrator/engine/test_engine_contract.py for the assumptions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from adreel.db.sqlite_files import SECURE

_IDS_AT_ONCE = 500


def workflows_of(database: Any, session_id: str) -> set[str]:  # noqa: ANN401 (the library's)
    """The ids of all workflows of a session: the input of each is JSON with the session's id."""
    named = f'"session_id":"{session_id}"'
    found: set[str] = set()
    with database.engine.connect() as connection:
        for table in (database.tables.workflow_status, database.tables.workflow_input):
            query = sa.select(table.c.workflow_uuid).where(table.c.inputs.contains(named, autoescape=True))
            found.update(connection.execute(query).scalars())
    return found


def erase(database: Any, workflow_ids: Collection[str]) -> None:  # noqa: ANN401 (the library's)
    """Deletes all rows of these workflows, orphaned ones included."""
    tables = _tables(database)
    with database.engine.begin() as connection:
        for ids in _batches(sorted(workflow_ids)):
            for table in tables:
                connection.execute(sa.delete(table).where(table.c.workflow_uuid.in_(ids)))


def overwrite_deleted(engine: sa.Engine) -> None:
    """SQLite: makes all connections, existing ones too, overwrite deleted data."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "checkout", _secured)


def _tables(database: Any) -> list[Any]:  # noqa: ANN401 (the library's)
    """Every table with rows of workflows; the one that others refer to comes last."""
    known = [table for table in vars(database.tables).values() if isinstance(table, sa.Table)]
    tables = [table for table in known if "workflow_uuid" in table.c]
    return sorted(tables, key=lambda table: table.name == database.tables.workflow_status.name)


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]


def _secured(connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401 (the driver's)
    if not record.info.get(_secured):
        connection.execute(f"PRAGMA {SECURE}")
        record.info[_secured] = True
