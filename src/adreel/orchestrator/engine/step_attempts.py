"""Counts attempts of running steps in the database, so that the counts survive a crash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import CursorResult, and_, bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.batcher import Batcher
from adreel.db.engine import Database
from adreel.db.tables import STEP_ATTEMPTS


class _Kind(Enum):
    BEGIN = auto()
    TAKE_BACK = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class _Change:
    kind: _Kind
    workflow_id: str
    step: str

    @property
    def place(self) -> tuple[str, str]:
        return self.workflow_id, self.step


class StepAttempts:
    """Changes that are asked for at the same time share a transaction: steps of many clips begin and end together.

    Raises StorageError when the database cannot be reached.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._changes: Batcher[_Change, int] = Batcher(self._apply)
        insert = sqlite.insert if database.is_sqlite else postgresql.insert
        first = insert(STEP_ATTEMPTS).values(
            workflow_id=bindparam("workflow"), step=bindparam("of_step"), attempts=1, updated_at=bindparam("now")
        )
        more = {"attempts": STEP_ATTEMPTS.c.attempts + 1, "updated_at": bindparam("now")}
        changed = first.on_conflict_do_update(index_elements=["workflow_id", "step"], set_=more)
        self._begin = changed.returning(STEP_ATTEMPTS.c.attempts)

    async def begin(self, workflow_id: str, step: str) -> int:
        """Records the start of a step. Returns how often it started since it last ended, this time included."""
        return await self._changes.run(_Change(_Kind.BEGIN, workflow_id, step))

    async def take_back(self, workflow_id: str, step: str) -> None:
        """Undoes a `begin` after which no work was done."""
        await self._changes.run(_Change(_Kind.TAKE_BACK, workflow_id, step))

    async def end(self, workflow_id: str, step: str) -> None:
        """Records the end of a step, successful or not."""
        await self._changes.run(_Change(_Kind.END, workflow_id, step))

    async def forget(self, before: datetime) -> int:
        """Deletes records from before a time, of abandoned workflows. Returns how many."""
        async with self._database.writing() as transaction:
            gone = await transaction.execute(delete(STEP_ATTEMPTS).where(STEP_ATTEMPTS.c.updated_at < before))
        return gone.rowcount if isinstance(gone, CursorResult) else 0

    async def _apply(self, changes: Sequence[_Change]) -> Sequence[int]:
        """Begins return the attempts, other changes 0. Rows are changed in their order, so that no two processes wait for each
        other; the changes of one row stay in theirs."""
        answers = [0] * len(changes)
        async with self._database.writing() as transaction:
            for index in sorted(range(len(changes)), key=lambda index: changes[index].place):
                answers[index] = await self._change(transaction, changes[index])
        return answers

    async def _change(self, transaction: AsyncSession, change: _Change) -> int:
        place = {"workflow": change.workflow_id, "of_step": change.step}
        match change.kind:
            case _Kind.BEGIN:
                counted = await transaction.execute(self._begin, {**place, "now": self._clock()})
                return int(counted.scalar_one())
            case _Kind.TAKE_BACK:
                await transaction.execute(_ONE_LESS, place)
            case _Kind.END:
                await transaction.execute(_GONE, place)
        return 0


_PLACE = and_(STEP_ATTEMPTS.c.workflow_id == bindparam("workflow"), STEP_ATTEMPTS.c.step == bindparam("of_step"))
_ONE_LESS = update(STEP_ATTEMPTS).where(_PLACE).values(attempts=STEP_ATTEMPTS.c.attempts - 1)
_GONE = delete(STEP_ATTEMPTS).where(_PLACE)
