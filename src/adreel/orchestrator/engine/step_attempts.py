"""Counts attempts of running steps in the database, so that the counts survive a crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, and_, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from adreel.db.engine import Database
from adreel.db.tables import STEP_ATTEMPTS


class StepAttempts:
    """Every method is one transaction. Raises StorageError when the database cannot be reached."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def begin(self, workflow_id: str, step: str) -> int:
        """Records the start of a step. Returns how often it started since it last ended, this time included."""
        now = self._clock()
        first = self._insert(STEP_ATTEMPTS).values(workflow_id=workflow_id, step=step, attempts=1, updated_at=now)
        more = {"attempts": STEP_ATTEMPTS.c.attempts + 1, "updated_at": now}
        statement = first.on_conflict_do_update(index_elements=["workflow_id", "step"], set_=more)
        async with self._database.writing() as transaction:
            return int((await transaction.execute(statement.returning(STEP_ATTEMPTS.c.attempts))).scalar_one())

    async def take_back(self, workflow_id: str, step: str) -> None:
        """Undoes a `begin` after which no work was done."""
        row = update(STEP_ATTEMPTS).where(_is(workflow_id, step))
        async with self._database.writing() as transaction:
            await transaction.execute(row.values(attempts=STEP_ATTEMPTS.c.attempts - 1))

    async def end(self, workflow_id: str, step: str) -> None:
        """Records the end of a step, successful or not."""
        async with self._database.writing() as transaction:
            await transaction.execute(delete(STEP_ATTEMPTS).where(_is(workflow_id, step)))

    async def forget(self, before: datetime) -> int:
        """Deletes records from before a time, of abandoned workflows. Returns how many."""
        async with self._database.writing() as transaction:
            gone = await transaction.execute(delete(STEP_ATTEMPTS).where(STEP_ATTEMPTS.c.updated_at < before))
        return gone.rowcount if isinstance(gone, CursorResult) else 0


def _is(workflow_id: str, step: str) -> ColumnElement[bool]:
    return and_(STEP_ATTEMPTS.c.workflow_id == workflow_id, STEP_ATTEMPTS.c.step == step)
