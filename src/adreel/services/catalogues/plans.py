"""Stores the plan of a batch, some rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.batch_tables import BatchItemRow, BatchProblemRow, BatchRow, CatalogueFilmRow
from adreel.db.engine import Database
from adreel.domain.catalogues.batch import (
    BatchState,
    CatalogueFilm,
    Json,
    Pause,
    PlannedRow,
    RowChange,
    RowProblem,
    RowState,
)
from adreel.domain.errors import StorageError
from adreel.domain.ids import Clock, utc_now
from adreel.services.catalogues.mapping import film_of, item_row, problem_row
from adreel.services.catalogues.rows import events_name, lock_batch, lock_catalogue, note_change
from adreel.services.events.wakeups import Wakeups

FilmKey = tuple[str, str]
"""The product's id and the name of the placement, or ""."""


class BatchPlans:
    """Each method is one transaction, and idempotent. Raises StorageError."""

    def __init__(self, database: Database, wakeups: Wakeups, clock: Clock = utc_now) -> None:
        self._database = database
        self._wakeups = wakeups
        self._clock = clock

    async def begin(self, batch_id: str) -> None:
        """Forgets a plan that was begun and not finished."""
        async with self._database.writing() as transaction:
            for table in (BatchItemRow, BatchProblemRow):
                await transaction.execute(delete(table).where(table.batch_id == batch_id))

    async def set_feed(self, batch_id: str, feed: Json) -> None:
        """Records where the files of the feed are."""
        async with self._database.writing() as transaction:
            await transaction.execute(update(BatchRow).where(BatchRow.id == batch_id).values(feed=dict(feed)))

    async def films(self, catalogue_id: str, keys: Collection[FilmKey]) -> Mapping[FilmKey, CatalogueFilm]:
        """The current films of these products and placements."""
        films = CatalogueFilmRow
        query = select(films).where(films.catalogue_id == catalogue_id, films.is_current)
        query = query.where(tuple_(films.product_id, films.placement).in_(list(keys)))
        async with self._database.reading() as transaction:
            found = [film_of(row) for row in await transaction.scalars(query)]
        return {(film.product_id, film.placement): film for film in found}

    async def put(
        self, batch: str, first_problem: int, rows: Sequence[PlannedRow], problems: Iterable[RowProblem]
    ) -> bool:
        """Adds rows, and problems counted from `first_problem` on. False when the batch is not planned any more.

        Locks the catalogue, so that films which unchanged rows keep are not deleted meanwhile. Raises StorageError, which a new
        plan mends, when one was deleted since the rows were compared.
        """
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_batch(transaction, batch)
            if row is None or row.state != BatchState.PLANNING.value:
                return False
            await lock_catalogue(transaction, row.catalogue_id)
            await _require_films(transaction, rows)
            transaction.add_all([item_row(batch, each, now) for each in rows])
            transaction.add_all([problem_row(batch, first_problem + at, each) for at, each in enumerate(problems)])
            note_change(row, now)
        await self._wakeups.notify(events_name(batch))
        return True

    async def finish(self, batch_id: str, rows_read: int, film_seconds: float, *, is_whole: bool) -> None:
        """Ends the planning: a dry run waits, any other batch runs. `is_whole`: the whole feed was read, so that films without a
        row are of products that left it."""
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_batch(transaction, batch_id)
            if row is None or row.state != BatchState.PLANNING.value:
                return
            row.is_planned, row.rows_read, row.film_seconds = True, rows_read, film_seconds
            row.gone = await _count_gone(transaction, row) if is_whole else 0
            row.sample_until = await _sample_end(transaction, batch_id, int(row.ordered.get("sample_films") or 0))
            row.state = (BatchState.PLANNED if row.ordered.get("dry_run") else BatchState.RUNNING).value
            note_change(row, now)
        await self._wakeups.notify(events_name(batch_id))

    async def fail(self, batch_id: str, message: str, *, pause: Pause | None = None) -> None:
        """Ends a batch that cannot be made, or pauses it."""
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_batch(transaction, batch_id)
            if row is None or not BatchState(row.state).has_work:
                return
            row.state = (BatchState.FAILED if pause is None else BatchState.PAUSED).value
            row.pause, row.error = None if pause is None else pause.value, message
            row.ended_at = now if pause is None else None
            note_change(row, now)
        await self._wakeups.notify(events_name(batch_id))

    async def complete(self, batch_id: str) -> None:
        """Ends a batch whose rows have ended: marks the films of products that left the feed."""
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_batch(transaction, batch_id)
            if row is None or row.state != BatchState.RUNNING.value:
                return
            if row.gone:
                await _mark_gone(transaction, row)
            row.state, row.pause, row.ended_at = BatchState.DONE.value, None, now
            note_change(row, now)
        await self._wakeups.notify(events_name(batch_id))

    async def cost_of_work(self, batch_id: str, price: Decimal) -> Decimal:
        """What the films to make cost, in US dollars, at a price each."""
        query = select(func.count()).where(
            BatchItemRow.batch_id == batch_id, BatchItemRow.state != RowState.UNCHANGED.value
        )
        async with self._database.reading() as transaction:
            return price * (await transaction.scalar(query) or 0)


async def _require_films(transaction: AsyncSession, rows: Sequence[PlannedRow]) -> None:
    kept = {row.film_id for row in rows if row.change in (RowChange.UNCHANGED, RowChange.CHECK)}
    query = select(func.count()).select_from(CatalogueFilmRow).where(CatalogueFilmRow.id.in_(kept))
    if kept and await transaction.scalar(query) != len(kept):
        raise StorageError("films of the catalogue were deleted while the feed was compared with them")


async def _count_gone(transaction: AsyncSession, row: BatchRow) -> int:
    query = select(func.count()).select_from(CatalogueFilmRow).where(*_gone(row))
    return await transaction.scalar(query) or 0


def _gone(row: BatchRow) -> tuple[ColumnElement[bool], ...]:
    films = CatalogueFilmRow
    in_feed = select(BatchItemRow.number).where(
        BatchItemRow.batch_id == row.id, BatchItemRow.product_id == films.product_id
    )
    broken = select(BatchProblemRow.number).where(
        BatchProblemRow.batch_id == row.id, BatchProblemRow.product_id == films.product_id
    )
    return films.catalogue_id == row.catalogue_id, films.is_current.is_(True), ~in_feed.exists(), ~broken.exists()


async def _mark_gone(transaction: AsyncSession, row: BatchRow) -> None:
    await transaction.execute(update(CatalogueFilmRow).where(*_gone(row)).values(is_gone=True))


async def _sample_end(transaction: AsyncSession, batch_id: str, films: int) -> int | None:
    """The number before which there are so many films to make; None when there are no more than that, or none is asked for."""
    if not films:
        return None
    waiting = BatchItemRow.batch_id == batch_id, BatchItemRow.state == RowState.WAITING.value
    query = select(BatchItemRow.number).where(*waiting).order_by(BatchItemRow.number).offset(films).limit(1)
    return await transaction.scalar(query)
