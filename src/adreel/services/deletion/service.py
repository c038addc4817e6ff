"""Recorded deletions that have not reached every store yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from adreel.db.batch_tables import BatchRow
from adreel.db.engine import Database
from adreel.db.locks import lock_session
from adreel.db.tables import AssetRow, DeletionRow, SessionRow
from adreel.domain.catalogues.batch import BatchState
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.services.catalogues.erasure import erase_batch
from adreel.services.catalogues.rows import lock_batch
from adreel.services.deletion.erasure import erase_session
from adreel.services.sessions.mapping import asset_of
from adreel.services.sessions.thumbnail_keys import thumbnail_key

GAPS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=24))
"""Pauses between passes. Each pass covers all stores again: a running worker may have stored something meanwhile."""

CLAIM = timedelta(minutes=1)
"""How long a claim holds. A deletion may be carried out twice."""

_FIRST_RETRY, _LAST_RETRY = timedelta(seconds=5), timedelta(hours=1)
_IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Deletion:
    """`keys` of stored files (with a trailing slash: a folder); with a `session_id` also the session's workflows and cache."""

    id: str
    session_id: str | None
    keys: tuple[str, ...]
    workflows: tuple[str, ...]
    passes: int


class DeletionService:
    """Each method is one transaction. Raises StorageError."""

    def __init__(self, database: Database, clock: Clock = utc_now, make_id: MakeId = new_id) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id

    async def claim(self, limit: int = 20, session_id: str | None = None) -> tuple[Deletion, ...]:
        """Claims due deletions, of one session if given, for this caller alone for the time `CLAIM`."""
        now = self._clock()
        unclaimed = or_(DeletionRow.claimed_until.is_(None), DeletionRow.claimed_until <= now)
        due = select(DeletionRow).where(DeletionRow.next_at <= now, unclaimed).order_by(DeletionRow.next_at)
        if session_id is not None:
            due = due.where(DeletionRow.session_id == session_id)
        async with self._database.writing() as transaction:
            rows = (await transaction.scalars(due.limit(limit).with_for_update(skip_locked=True))).all()
            for row in rows:
                row.claimed_until = now + CLAIM
            return tuple(_deletion(row) for row in rows)

    async def passed(self, deletion: Deletion, workflows: Collection[str]) -> None:
        """Records a pass over every store. The last pass ends the deletion."""
        async with self._database.writing() as transaction:
            if deletion.passes >= len(GAPS):
                await transaction.execute(delete(DeletionRow).where(DeletionRow.id == deletion.id))
                return
            values = {
                "passes": deletion.passes + 1,
                "failures": 0,
                "next_at": self._clock() + GAPS[deletion.passes],
                "workflows": sorted({*deletion.workflows, *workflows}),
                "claimed_until": None,
            }
            await transaction.execute(update(DeletionRow).where(DeletionRow.id == deletion.id).values(values))

    async def failed(self, deletion: Deletion, workflows: Collection[str]) -> None:
        """Records that a store could not be reached, and schedules a retry after pauses that grow to an hour."""
        async with self._database.writing() as transaction:
            row = await transaction.get(DeletionRow, deletion.id, with_for_update=True)
            if row is None:
                return
            row.failures += 1
            pause = min(_FIRST_RETRY * 2 ** min(row.failures - 1, 12), _LAST_RETRY)
            row.next_at, row.claimed_until = self._clock() + pause, None
            row.workflows = sorted({*row.workflows, *workflows})

    async def pending(self) -> int:
        """Counts the deletions without a complete pass."""
        async with self._database.reading() as transaction:
            query = select(func.count()).select_from(DeletionRow).where(DeletionRow.passes == 0)
            return await transaction.scalar(query) or 0

    async def unused(self, keys: Collection[str]) -> tuple[str, ...]:
        """Those of the keys that no file of a session uses: an image that is made again gets its old key."""
        sessions = {key.split("/")[1] for key in keys if key.startswith("sessions/")}
        query = select(AssetRow).where(AssetRow.session_id.in_(sessions))
        async with self._database.reading() as transaction:
            assets = [asset_of(row) for row in await transaction.scalars(query)]
        used = {key for asset in assets for key in (*asset.keys, thumbnail_key(asset))}
        return tuple(key for key in keys if key not in used)

    async def existing(self, session_ids: Collection[str]) -> frozenset[str]:
        """Those of the ids of sessions and batches that exist."""
        ids, found = sorted(session_ids), set[str]()
        async with self._database.reading() as transaction:
            for start in range(0, len(ids), _IDS_AT_ONCE):
                some = ids[start : start + _IDS_AT_ONCE]
                for table in (SessionRow, BatchRow):
                    found.update(await transaction.scalars(select(table.id).where(table.id.in_(some))))
        return frozenset(found)

    async def delete_untouched(self, keep: timedelta, limit: int = 50) -> int:
        """Deletes sessions and batches that are unchanged for the time `keep` and run no job. Returns how many."""
        before = self._clock() - keep
        query = select(SessionRow.id).where(*_untouched(before)).order_by(SessionRow.updated_at).limit(limit)
        async with self._database.reading() as transaction:
            ids = (await transaction.scalars(query)).all()
            old = select(BatchRow.id).where(BatchRow.updated_at < before).order_by(BatchRow.updated_at).limit(limit)
            batches = (await transaction.scalars(old)).all()
        gone = [await self._delete_untouched(session_id, before) for session_id in ids]
        return sum(gone) + sum([await self._delete_batch(batch_id, before) for batch_id in batches])

    async def _delete_batch(self, batch_id: str, before: datetime) -> bool:
        async with self._database.writing() as transaction:
            row = await lock_batch(transaction, batch_id)
            if row is None or BatchState(row.state).has_work or row.updated_at >= before:
                return False
            await erase_batch(transaction, row, self._make_id, self._clock())
            return True

    async def _delete_untouched(self, session_id: str, before: datetime) -> bool:
        async with self._database.writing() as transaction:
            row = await lock_session(transaction, session_id)
            if row is None or row.job_id is not None or row.updated_at >= before:
                return False
            await erase_session(transaction, row, self._make_id, self._clock())
            return True


def _untouched(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return SessionRow.updated_at < before, SessionRow.job_id.is_(None)


def _deletion(row: DeletionRow) -> Deletion:
    return Deletion(row.id, row.session_id, tuple(row.keys), tuple(row.workflows), row.passes)
