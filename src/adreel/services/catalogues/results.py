"""What a batch has come to, page by page: its rows, problems and films."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Select

from adreel.db.batch_tables import BatchItemRow, BatchProblemRow, BatchRow, CatalogueFilmRow
from adreel.db.engine import Database
from adreel.domain.catalogues.batch import BatchRow as Row
from adreel.domain.catalogues.batch import CatalogueFilm, RowProblem, RowState
from adreel.services.catalogues.mapping import film_of, problem_of, row_of
from adreel.services.catalogues.rows import no_batch

_PAGE = 200


@dataclass(frozen=True, slots=True)
class FilmOfRow:
    """A row and its film, None while it has none."""

    row: Row
    film: CatalogueFilm | None


class BatchResults:
    """Pages are numbered lists: each begins after a number, and the last has no next one. Raises NotFoundError, StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(
        self, user_id: str, batch_id: str, after: int = -1, limit: int = 50, state: RowState | None = None
    ) -> tuple[tuple[FilmOfRow, ...], int | None]:
        """Rows with their films, and the number after which the next page begins."""
        query = _rows(user_id, batch_id).where(BatchItemRow.number > after)
        if state is not None:
            query = query.where(BatchItemRow.state == state.value)
        async with self._database.reading() as transaction:
            await _require(transaction, user_id, batch_id)
            found = (await transaction.execute(query.order_by(BatchItemRow.number).limit(limit + 1))).all()
            page = tuple(FilmOfRow(row_of(row), None if film is None else film_of(film)) for row, film in found[:limit])
        return page, page[-1].row.planned.number if len(found) > limit else None

    async def problems(
        self, user_id: str, batch_id: str, after: int = -1, limit: int = 50
    ) -> tuple[tuple[RowProblem, ...], int | None]:
        """Problems of rows, and the number after which the next page begins."""
        query = select(BatchProblemRow).where(BatchProblemRow.batch_id == batch_id, BatchProblemRow.number > after)
        async with self._database.reading() as transaction:
            await _require(transaction, user_id, batch_id)
            found = (await transaction.scalars(query.order_by(BatchProblemRow.number).limit(limit + 1))).all()
            last = found[limit - 1].number if len(found) > limit else None
            return tuple(problem_of(row) for row in found[:limit]), last

    async def all_films(self, user_id: str, batch_id: str) -> AsyncIterator[CatalogueFilm]:
        """Yields the films of a batch in the order of its feed."""
        after: int | None = -1
        while after is not None:
            page, after = await self.rows(user_id, batch_id, after, _PAGE)
            for each in page:
                if each.film is not None:
                    yield each.film

    async def all_problems(self, user_id: str, batch_id: str) -> AsyncIterator[RowProblem]:
        """Yields the problems of a batch in the order of its feed."""
        after: int | None = -1
        while after is not None:
            page, after = await self.problems(user_id, batch_id, after, _PAGE)
            for each in page:
                yield each

    async def film(self, user_id: str, batch_id: str, film_id: str) -> CatalogueFilm:
        """One film of a batch."""
        query = _rows(user_id, batch_id).where(BatchItemRow.film_id == film_id).limit(1)
        async with self._database.reading() as transaction:
            found = (await transaction.execute(query)).one_or_none()
            if found is None or found[1] is None:
                raise no_batch(f"{batch_id} with the film {film_id}")
            return film_of(found[1])


def _rows(user_id: str, batch_id: str) -> Select[tuple[BatchItemRow, CatalogueFilmRow]]:
    query = select(BatchItemRow, CatalogueFilmRow).join(BatchRow, BatchRow.id == BatchItemRow.batch_id)
    query = query.outerjoin(CatalogueFilmRow, CatalogueFilmRow.id == BatchItemRow.film_id)
    return query.where(BatchItemRow.batch_id == batch_id, BatchRow.user_id == user_id)


async def _require(transaction: AsyncSession, user_id: str, batch_id: str) -> None:
    query = select(BatchRow.id).where(BatchRow.id == batch_id, BatchRow.user_id == user_id)
    if await transaction.scalar(query) is None:
        raise no_batch(batch_id)
