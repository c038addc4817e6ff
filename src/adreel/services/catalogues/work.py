"""The work of a batch row by row: given out, taken, recorded. A row is recorded by the workflow that it was given to, only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import String, cast, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from adreel.db.batch_tables import MAKING, BatchItemRow, BatchRow, CatalogueFilmRow
from adreel.db.engine import Database
from adreel.db.tables import USERS
from adreel.db.types import usd
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits
from adreel.domain.catalogues.batch import (
    IN_FLIGHT,
    BatchState,
    CatalogueFilm,
    Pause,
    RowProblem,
    RowState,
)
from adreel.domain.catalogues.batch import (
    BatchRow as Row,
)
from adreel.domain.errors import BudgetError
from adreel.domain.ids import Clock, utc_now
from adreel.services.accounts.limits import lock_limits, require_room
from adreel.services.catalogues.mapping import film_of, film_row, problem_row, row_of
from adreel.services.catalogues.rows import cost_of, events_name, lock_batch, lock_catalogue, note_change
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import require_left


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A row, the workflow that may make it, and the length of its film."""

    number: int
    workflow: str
    seconds: float


@dataclass(frozen=True, slots=True)
class GivenOut:
    """The rows to begin, with their workflows; none and `is_over` when nothing is left, none and not `is_over` when one has to
    wait. `is_stopped`: the batch does not run any more, or is another run's."""

    rows: tuple[GivenRow, ...] = ()
    is_over: bool = False
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Film:
    """A film to be recorded, with the errors of parts that it lacks."""

    film: CatalogueFilm
    failures: tuple[str, ...] = ()


class BatchWork:
    """Each method is one transaction, and idempotent. Raises StorageError. `limits` are the defaults of accounts."""

    def __init__(
        self, database: Database, wakeups: Wakeups, clock: Clock = utc_now, limits: AccountLimits = NO_LIMITS
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._clock = clock
        self._limits = limits

    async def give_out(self, batch_id: str, run: int, most: int, started: frozenset[str]) -> GivenOut:
        """Gives waiting rows to workflows, so that `most` are in flight, once half of them have ended. All rows that have not
        begun are returned again, unless their workflows are `started`: a crash may have come between."""
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_batch(transaction, batch_id)
            if row is None or row.state != BatchState.RUNNING.value or row.run != run:
                return GivenOut(is_stopped=True)
            queued = await _queued(transaction, batch_id)
            running = await _count(transaction, batch_id, RowState.RUNNING)
            room = most - len(queued) - running
            waiting = await _waiting(transaction, row, room) if room >= most // 2 else []
            if waiting:
                await _give(transaction, batch_id, run, waiting, now)
                queued = await _queued(transaction, batch_id)
            if waiting or not started.issuperset(each.workflow for each in queued):
                return GivenOut(tuple(queued))
            if queued or running:
                return GivenOut()
            if row.sample_until is not None:
                row.state, row.pause = BatchState.PAUSED.value, Pause.SAMPLES.value
                note_change(row, now)
                return GivenOut(is_stopped=True)
            return GivenOut(is_over=True)

    async def take(self, batch_id: str, number: int, workflow: str, price: Decimal, most: Decimal | None) -> Row | None:
        """Begins a row; None when it is not this workflow's any more. While the batch is paused the row waits again.

        Raises BudgetError when `price` exceeds the rest of `most`, the batch's budget, or of the account's; LimitError without
        room for files.
        """
        now = self._clock()
        async with self._database.writing() as transaction:
            batch = await lock_batch(transaction, batch_id)
            item = await _own(transaction, batch_id, number, workflow)
            if batch is None or item is None:
                return None
            if batch.state != BatchState.RUNNING.value:
                item.state, item.workflow, item.updated_at = RowState.WAITING.value, None, now
                return None
            await self._check(transaction, batch, price, most)
            item.state, item.updated_at = RowState.RUNNING.value, now
            return row_of(item, whole=True)

    async def _check(self, transaction: AsyncSession, batch: BatchRow, price: Decimal, most: Decimal | None) -> None:
        """Films that are being made count as paid, for the account those of all batches.

        The account is locked, so that rows which begin at the same time are counted one after the other.
        """
        limits = await lock_limits(transaction, batch.user_id, self._limits)
        await require_room(transaction, batch.user_id, limits, 0, 1)
        if not price:
            return
        needed = price * (await _count_of_user(transaction, batch.user_id) + 1)
        await require_left(transaction, batch.user_id, needed, self._limits, self._clock())
        if most is None:
            return
        spent = await cost_of(transaction, batch.id)
        open_price = price * await _count(transaction, batch.id, RowState.RUNNING)
        if spent + open_price + price > most:
            raise BudgetError("batch", price, max(most - spent - open_price, Decimal(0)), most)

    async def own(self, batch_id: str, number: int, workflow: str) -> Row | None:
        """The row while it is in flight for this workflow."""
        async with self._database.reading() as transaction:
            item = await _own(transaction, batch_id, number, workflow)
            return None if item is None else row_of(item, whole=True)

    async def film(self, film_id: str) -> CatalogueFilm | None:
        async with self._database.reading() as transaction:
            row = await transaction.get(CatalogueFilmRow, film_id)
            return None if row is None else film_of(row)

    async def record(self, batch_id: str, number: int, workflow: str, made: Film) -> bool:
        """Records a film, once, and books its cost. False when the row is not this workflow's any more: then the film is not the
        batch's, and its files are to be deleted."""
        now = self._clock()
        async with self._database.writing() as transaction:
            batch = await lock_batch(transaction, batch_id)
            if batch is None:
                return False
            known = await transaction.get(CatalogueFilmRow, made.film.id)
            item = await _own(transaction, batch_id, number, workflow)
            if known is not None or item is None:
                return known is not None
            await lock_catalogue(transaction, batch.catalogue_id)
            await self._replace(transaction, batch, made.film)
            self._end(transaction, item, RowState.MADE, made)
            note_change(batch, now)
            if made.film.cost:
                spent = update(USERS).where(USERS.c.id == batch.user_id)
                await transaction.execute(spent.values(spent=USERS.c.spent + usd(made.film.cost)))
        await self._wakeups.notify(events_name(batch_id))
        return True

    async def unchanged(self, batch_id: str, number: int, workflow: str, film_id: str) -> None:
        """Ends a row whose photos are those of the film that the catalogue has."""
        now = self._clock()
        async with self._database.writing() as transaction:
            batch = await lock_batch(transaction, batch_id)
            item = await _own(transaction, batch_id, number, workflow)
            if batch is None or item is None:
                return
            seen = update(CatalogueFilmRow).where(CatalogueFilmRow.id == film_id)
            await transaction.execute(seen.values(checked_at=now, is_gone=False))
            item.state, item.updated_at = RowState.UNCHANGED.value, now
            note_change(batch, now)
        await self._wakeups.notify(events_name(batch_id))

    async def fail(self, batch_id: str, number: int, workflow: str, problem: RowProblem) -> None:
        """Ends a row without a film."""
        now = self._clock()
        async with self._database.writing() as transaction:
            batch = await lock_batch(transaction, batch_id)
            item = await _own(transaction, batch_id, number, workflow)
            if batch is None or item is None:
                return
            item.state, item.updated_at = RowState.FAILED.value, now
            item.field, item.error = problem.field, problem.message
            await transaction.merge(problem_row(batch_id, MAKING + number, problem))
            note_change(batch, now)
        await self._wakeups.notify(events_name(batch_id))

    async def put_back(self, batch_id: str, number: int, workflow: str, message: str, pause: Pause) -> None:
        """Lets a row wait again and pauses the batch, for a reason that each further row would have."""
        now = self._clock()
        async with self._database.writing() as transaction:
            batch = await lock_batch(transaction, batch_id)
            item = await _own(transaction, batch_id, number, workflow)
            if batch is None or item is None:
                return
            item.state, item.workflow, item.updated_at = RowState.WAITING.value, None, now
            if batch.state == BatchState.RUNNING.value:
                batch.state, batch.pause, batch.error = BatchState.PAUSED.value, pause.value, message
            note_change(batch, now)
        await self._wakeups.notify(events_name(batch_id))

    async def in_flight(self, batch_id: str, quiet_for: timedelta) -> Sequence[tuple[int, str]]:
        """Rows that were given out and have not changed for a time, with their workflows."""
        rows = BatchItemRow
        query = select(rows.number, rows.workflow).where(
            rows.batch_id == batch_id,
            rows.state.in_([state.value for state in IN_FLIGHT]),
            rows.updated_at < self._clock() - quiet_for,
        )
        async with self._database.reading() as transaction:
            return [(row[0], row[1]) for row in (await transaction.execute(query)).all() if row[1] is not None]

    async def _replace(self, transaction: AsyncSession, batch: BatchRow, film: CatalogueFilm) -> None:
        films = CatalogueFilmRow
        same = (
            films.catalogue_id == batch.catalogue_id,
            films.product_id == film.product_id,
            films.placement == film.placement,
        )
        await transaction.execute(update(films).where(*same, films.is_current.is_(True)).values(is_current=False))
        transaction.add(film_row(batch.user_id, batch.catalogue_id, film))

    def _end(self, transaction: AsyncSession, item: BatchItemRow, state: RowState, made: Film) -> None:
        item.state, item.film_id, item.updated_at = state.value, made.film.id, self._clock()
        item.field, item.error = "", None
        if made.failures:
            problem = RowProblem(item.row, item.product_id, "image", True, " ".join(made.failures))
            transaction.add(problem_row(item.batch_id, MAKING + item.number, problem))


async def _own(transaction: AsyncSession, batch_id: str, number: int, workflow: str) -> BatchItemRow | None:
    """The row while it is in flight for this workflow, with its script and links."""
    query = select(BatchItemRow).options(undefer(BatchItemRow.ad), undefer(BatchItemRow.links))
    states = [state.value for state in IN_FLIGHT]
    query = query.where(BatchItemRow.batch_id == batch_id, BatchItemRow.number == number)
    return await transaction.scalar(query.where(BatchItemRow.workflow == workflow, BatchItemRow.state.in_(states)))


async def _queued(transaction: AsyncSession, batch_id: str) -> list[GivenRow]:
    """Rows that were given to a workflow and have not begun."""
    rows = BatchItemRow
    columns = rows.number, rows.workflow, rows.seconds
    query = select(*columns).where(rows.batch_id == batch_id, rows.state == RowState.QUEUED.value)
    found = (await transaction.execute(query.order_by(rows.number))).all()
    return [GivenRow(number, workflow or "", seconds) for number, workflow, seconds in found]


async def _waiting(transaction: AsyncSession, batch: BatchRow, limit: int) -> list[int]:
    rows = BatchItemRow
    query = select(rows.number).where(rows.batch_id == batch.id, rows.state == RowState.WAITING.value)
    if batch.sample_until is not None:
        query = query.where(rows.number < batch.sample_until)
    return list(await transaction.scalars(query.order_by(rows.number).limit(limit)))


async def _count(transaction: AsyncSession, batch_id: str, state: RowState) -> int:
    query = select(func.count()).where(BatchItemRow.batch_id == batch_id, BatchItemRow.state == state.value)
    return await transaction.scalar(query) or 0


async def _count_of_user(transaction: AsyncSession, user_id: str) -> int:
    """The films that are being made in all batches of a user."""
    query = select(func.count()).select_from(BatchItemRow).join(BatchRow, BatchRow.id == BatchItemRow.batch_id)
    query = query.where(BatchRow.user_id == user_id, BatchItemRow.state == RowState.RUNNING.value)
    return await transaction.scalar(query) or 0


async def _give(transaction: AsyncSession, batch_id: str, run: int, numbers: Sequence[int], now: datetime) -> None:
    ready = update(BatchItemRow).where(BatchItemRow.batch_id == batch_id, BatchItemRow.number.in_(numbers))
    workflow = literal(workflow_id(batch_id, run)).concat(cast(BatchItemRow.number, String))
    await transaction.execute(ready.values(state=RowState.QUEUED.value, workflow=workflow, updated_at=now))


def workflow_id(batch_id: str, run: int, number: int | str = "") -> str:
    """The id of the workflow that makes a row."""
    return f"{batch_id}:{run}:row:{number}"
