"""Batches of users: made, listed, paused, resumed, cancelled, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.batch_tables import MAKING, BatchItemRow, BatchProblemRow, BatchRow, CatalogueRow
from adreel.db.engine import Database
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits, LimitName, require
from adreel.domain.catalogues.batch import OPEN_ROWS, Batch, BatchCounts, BatchState, BatchView, Json, Pause, RowState
from adreel.domain.errors import ConflictError, StageError
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.services.accounts.limits import count_jobs, lock_limits, require_room
from adreel.services.catalogues.erasure import erase_batch
from adreel.services.catalogues.mapping import batch_of
from adreel.services.catalogues.rows import (
    counts_of,
    events_name,
    lock_catalogue,
    lock_own_batch,
    no_batch,
    note_change,
)
from adreel.services.events.wakeups import Wakeups
from adreel.services.receipts import Receipt, no_receipt
from adreel.services.sessions.mapping import cursor_of, read_cursor


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Batches, newest first; `cursor` is None on the last page."""

    items: tuple[BatchView, ...]
    cursor: str | None


class BatchService:
    """Each method is one transaction. Raises StorageError. `limits` are the defaults of accounts."""

    def __init__(
        self,
        database: Database,
        wakeups: Wakeups,
        clock: Clock = utc_now,
        make_id: MakeId = new_id,
        limits: AccountLimits = NO_LIMITS,
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._clock = clock
        self._make_id = make_id
        self._limits = limits

    async def create(
        self,
        user_id: str,
        batch_id: str,
        name: str,
        order: Json,
        feed: Json,
        receipt: Receipt[BatchView] = no_receipt,
    ) -> Batch:
        """Records a batch of the user's catalogue of this name, which is made when it is not there.

        Raises ConflictError while another batch of the catalogue is not over, LimitError when the account has no room left, or
        too much work under way.
        """
        catalogue_id = await self._catalogue(user_id, name)
        now = self._clock()
        async with self._database.writing() as transaction:
            catalogue = await transaction.scalar(
                select(CatalogueRow).where(CatalogueRow.id == catalogue_id).with_for_update()
            )
            if catalogue is None:
                raise ConflictError(f"the catalogue {name!r} was deleted just now; try again")
            await _require_none_open(transaction, catalogue)
            limits = await self._require_place(transaction, user_id)
            await require_room(transaction, user_id, limits, 0, 1)
            row = BatchRow(
                id=batch_id,
                user_id=user_id,
                catalogue_id=catalogue_id,
                state=BatchState.PLANNING.value,
                ordered=dict(order),
                feed=dict(feed),
                run=1,
                last_seq=1,
                is_planned=False,
                rows_read=0,
                gone=0,
                film_seconds=0.0,
                created_at=now,
                updated_at=now,
            )
            transaction.add(row)
            await transaction.flush()
            batch = batch_of(row, name)
            await receipt(transaction, BatchView(batch, BatchCounts()))
            return batch

    async def get(self, user_id: str, batch_id: str) -> BatchView:
        """Raises NotFoundError."""
        view = await self.view(batch_id)
        if view is None or view.batch.user_id != user_id:
            raise no_batch(batch_id)
        return view

    async def view(self, batch_id: str) -> BatchView | None:
        """A batch of any user."""
        async with self._database.reading() as transaction:
            found = (await transaction.execute(_named().where(BatchRow.id == batch_id))).one_or_none()
            if found is None:
                return None
            return BatchView(batch_of(found[0], found[1]), await counts_of(transaction, batch_id))

    async def record(self, batch_id: str) -> Batch | None:
        """A batch of any user without its counts."""
        async with self._database.reading() as transaction:
            found = (await transaction.execute(_named().where(BatchRow.id == batch_id))).one_or_none()
            return None if found is None else batch_of(found[0], found[1])

    async def list(self, user_id: str, limit: int = 20, cursor: str | None = None) -> BatchPage:
        """The user's batches, newest first. Raises InputError for an invalid cursor."""
        query = _named().where(BatchRow.user_id == user_id)
        if cursor is not None:
            query = query.where(_before(*read_cursor(cursor)))
        query = query.order_by(BatchRow.created_at.desc(), BatchRow.id.desc()).limit(limit + 1)
        async with self._database.reading() as transaction:
            found = [batch_of(row, name) for row, name in (await transaction.execute(query)).all()]
            page = found[:limit]
            items = tuple([BatchView(each, await counts_of(transaction, each.id)) for each in page])
        return BatchPage(items, cursor_of(page[-1].created_at, page[-1].id) if len(found) > limit else None)

    async def at_work(self, limit: int = 200) -> Sequence[Batch]:
        """Batches of all users on which a workflow works, those that are unchanged for longest first."""
        states = [state.value for state in BatchState if state.has_work]
        query = _named().where(BatchRow.state.in_(states)).order_by(BatchRow.updated_at).limit(limit)
        async with self._database.reading() as transaction:
            return [batch_of(row, name) for row, name in (await transaction.execute(query)).all()]

    async def pause(self, user_id: str, batch_id: str) -> None:
        """Films that are being made are finished, no other is begun. Raises StageError unless it runs."""

        def change(row: BatchRow) -> None:
            _require(row, "be paused", BatchState.RUNNING)
            row.state, row.pause = BatchState.PAUSED.value, Pause.USER.value

        await self._change(user_id, batch_id, change)

    async def resume(self, user_id: str, batch_id: str, order: Mapping[str, Any] | None = None) -> Batch:
        """Lets a planned or paused batch go on, or plans one again that failed before it was planned; `order` changes what was
        asked for. Returns it with its new `run`.

        Raises StageError for any other, ConflictError while another batch of the catalogue is not over, LimitError when the
        account has too much work under way.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_batch(transaction, user_id, batch_id)
            _require(row, "go on", BatchState.PLANNED, BatchState.PAUSED, BatchState.FAILED)
            await self._admit_again(transaction, row)
            row.ordered = {**row.ordered, **(order or {})}
            row.sample_until = None if row.state == BatchState.PAUSED.value else row.sample_until
            _start(row)
            note_change(row, self._clock())
            started = batch_of(row, "")
        await self.notify(batch_id)
        return started

    async def cancel(self, user_id: str, batch_id: str) -> Batch:
        """Ends the batch: films that are made stay, the rest is not made. Raises StageError when it is over."""
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_own_batch(transaction, user_id, batch_id)
            if BatchState(row.state).is_over:
                raise StageError(f"the batch is {row.state}: there is nothing to cancel", row.state)
            row.state, row.pause, row.ended_at = BatchState.CANCELLED.value, None, now
            note_change(row, now)
            left = update(BatchItemRow).where(BatchItemRow.batch_id == batch_id, _in(OPEN_ROWS))
            await transaction.execute(left.values(state=RowState.CANCELLED.value, updated_at=now))
            cancelled = batch_of(row, "")
        await self.notify(batch_id)
        return cancelled

    async def retry(self, user_id: str, batch_id: str) -> Batch:
        """Lets the rows that failed be made again. Raises StageError while a workflow works on it, and when no row failed."""
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_own_batch(transaction, user_id, batch_id)
            _require(row, "make its failed rows again", BatchState.DONE, BatchState.PAUSED)
            await self._admit_again(transaction, row)
            of_batch = BatchItemRow.batch_id == batch_id
            failed = update(BatchItemRow).where(of_batch, BatchItemRow.state == RowState.FAILED.value)
            values = {"state": RowState.WAITING.value, "workflow": None, "field": "", "error": None, "updated_at": now}
            numbers = (await transaction.scalars(failed.values(values).returning(BatchItemRow.number))).all()
            if not numbers:
                raise StageError("no row of this batch failed while its film was made", row.state)
            problems = delete(BatchProblemRow).where(
                BatchProblemRow.batch_id == batch_id, BatchProblemRow.number >= MAKING
            )
            await transaction.execute(problems)
            row.sample_until = None
            _start(row)
            note_change(row, now)
            started = batch_of(row, "")
        await self.notify(batch_id)
        return started

    async def delete(self, user_id: str, batch_id: str) -> None:
        """Deletes a batch with its feed and its films, except films that another batch has. Raises StageError while a workflow
        works on it, NotFoundError."""
        async with self._database.writing() as transaction:
            row = await lock_own_batch(transaction, user_id, batch_id)
            if BatchState(row.state).has_work:
                raise StageError("the batch is at work; cancel it first", row.state)
            await erase_batch(transaction, row, self._make_id, self._clock())
        await self.notify(batch_id)

    async def notify(self, batch_id: str) -> None:
        """Wakes those who follow the batch."""
        await self._wakeups.notify(events_name(batch_id))

    async def _change(self, user_id: str, batch_id: str, change: Any) -> Batch:  # noqa: ANN401 (a function of the row)
        async with self._database.writing() as transaction:
            row = await lock_own_batch(transaction, user_id, batch_id)
            change(row)
            note_change(row, self._clock())
            changed = batch_of(row, "")
        await self.notify(batch_id)
        return changed

    async def _admit_again(self, transaction: AsyncSession, row: BatchRow) -> None:
        """Lets a batch go on that nothing works on, as `create` lets a new one begin."""
        catalogue = await lock_catalogue(transaction, row.catalogue_id)
        if catalogue is None:
            raise no_batch(row.id)
        await _require_none_open(transaction, catalogue, row.id)
        await self._require_place(transaction, row.user_id)

    async def _require_place(self, transaction: AsyncSession, user_id: str) -> AccountLimits:
        """Locks the account. Raises LimitError when it has as much work under way as it may."""
        limits = await lock_limits(transaction, user_id, self._limits)
        if limits.jobs is not None:
            require(limits, LimitName.JOBS, await count_jobs(transaction, user_id) + 1)
        return limits

    async def _catalogue(self, user_id: str, name: str) -> str:
        """The id of the user's catalogue of this name. Two requests at once make one."""
        try:
            async with self._database.writing() as transaction:
                query = select(CatalogueRow.id).where(CatalogueRow.user_id == user_id, CatalogueRow.name == name)
                found = await transaction.scalar(query)
                if found is None:
                    found = self._make_id()
                    transaction.add(CatalogueRow(id=found, user_id=user_id, name=name, created_at=self._clock()))
                    await transaction.flush()
                return found
        except IntegrityError:
            return await self._catalogue(user_id, name)


def _named() -> Any:  # noqa: ANN401 (a query)
    return select(BatchRow, CatalogueRow.name).join(CatalogueRow, CatalogueRow.id == BatchRow.catalogue_id)


def _before(created_at: datetime, batch_id: str) -> ColumnElement[bool]:
    same = and_(BatchRow.created_at == created_at, BatchRow.id < batch_id)
    return or_(BatchRow.created_at < created_at, same)


def _in(states: Sequence[RowState]) -> ColumnElement[bool]:
    return BatchItemRow.state.in_([state.value for state in states])


def _start(row: BatchRow) -> None:
    row.state = (BatchState.RUNNING if row.is_planned else BatchState.PLANNING).value
    row.pause, row.error, row.ended_at = None, None, None
    row.run += 1


def _require(row: BatchRow, what: str, *states: BatchState) -> None:
    if BatchState(row.state) not in states:
        allowed = " or ".join(states)
        raise StageError(f"a batch can {what} when it is {allowed}; this one is {row.state}", row.state)


async def _require_none_open(transaction: AsyncSession, catalogue: CatalogueRow, besides: str = "") -> None:
    """Two batches of one catalogue at once would make the same films twice."""
    over = [state.value for state in BatchState if state.is_over]
    query = select(BatchRow.id).where(BatchRow.catalogue_id == catalogue.id, BatchRow.state.not_in(over))
    open_one = await transaction.scalar(query.where(BatchRow.id != besides).limit(1))
    if open_one is not None:
        raise ConflictError(
            f"batch {open_one} of the catalogue {catalogue.name!r} is not over; cancel it, let it end, or name another catalogue"
        )
