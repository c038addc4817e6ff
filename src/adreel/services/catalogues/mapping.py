"""Maps rows of batches and catalogues to records of the domain, and back."""

from __future__ import annotations

from datetime import datetime

from adreel.db.batch_tables import BatchItemRow, BatchProblemRow, BatchRow, CatalogueFilmRow
from adreel.domain.catalogues.batch import (
    Batch,
    BatchState,
    CatalogueFilm,
    Pause,
    PlannedRow,
    RowChange,
    RowProblem,
    RowState,
)
from adreel.domain.catalogues.batch import (
    BatchRow as DomainRow,
)


def batch_of(row: BatchRow, catalogue: str) -> Batch:
    return Batch(
        id=row.id,
        user_id=row.user_id,
        catalogue_id=row.catalogue_id,
        catalogue=catalogue,
        state=BatchState(row.state),
        pause=None if row.pause is None else Pause(row.pause),
        order=row.ordered,
        feed=row.feed,
        run=row.run,
        last_seq=row.last_seq,
        is_planned=row.is_planned,
        rows_read=row.rows_read,
        gone=row.gone,
        film_seconds=row.film_seconds,
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
    )


def item_row(batch_id: str, planned: PlannedRow, now: datetime) -> BatchItemRow:
    """A new row: unchanged films have nothing to do."""
    state = RowState.UNCHANGED if planned.change is RowChange.UNCHANGED else RowState.WAITING
    return BatchItemRow(
        batch_id=batch_id,
        number=planned.number,
        row=planned.row,
        product_id=planned.product_id,
        title=planned.title,
        placement=planned.placement,
        state=state.value,
        change=planned.change.value,
        script=planned.script,
        seconds=planned.seconds,
        ad=None if planned.ad is None else dict(planned.ad),
        links=list(planned.links),
        film_id=planned.film_id,
        updated_at=now,
    )


def row_of(row: BatchItemRow, *, whole: bool = False) -> DomainRow:
    """The row; only `whole` with its script and links, which must have been read."""
    planned = PlannedRow(
        number=row.number,
        row=row.row,
        product_id=row.product_id,
        title=row.title,
        placement=row.placement,
        change=RowChange(row.change),
        script=row.script,
        seconds=row.seconds,
        ad=row.ad if whole else None,
        links=tuple(row.links) if whole else (),
        film_id=row.film_id,
    )
    return DomainRow(planned, RowState(row.state), row.workflow, row.field, row.error)


def problem_row(batch_id: str, number: int, problem: RowProblem) -> BatchProblemRow:
    return BatchProblemRow(
        batch_id=batch_id,
        number=number,
        row=problem.row,
        product_id=problem.product_id,
        field=problem.field,
        is_error=problem.is_error,
        message=problem.message,
    )


def problem_of(row: BatchProblemRow) -> RowProblem:
    return RowProblem(row.row, row.product_id, row.field, row.is_error, row.message)


def film_row(user_id: str, catalogue_id: str, film: CatalogueFilm) -> CatalogueFilmRow:
    return CatalogueFilmRow(
        id=film.id,
        user_id=user_id,
        catalogue_id=catalogue_id,
        batch_id=film.batch_id,
        product_id=film.product_id,
        placement=film.placement,
        is_current=True,
        is_gone=False,
        title=film.title,
        storage_key=film.storage_key,
        still_key=film.still_key,
        sha256=film.sha256,
        size_bytes=film.size_bytes,
        script=film.script,
        links=list(film.links),
        photos=dict(film.photos),
        seconds=film.seconds,
        took=film.took,
        verdict=film.verdict,
        notes=list(film.notes),
        cost=film.cost,
        created_at=film.created_at,
        checked_at=film.checked_at,
    )


def film_of(row: CatalogueFilmRow) -> CatalogueFilm:
    return CatalogueFilm(
        id=row.id,
        batch_id=row.batch_id,
        product_id=row.product_id,
        placement=row.placement,
        title=row.title,
        storage_key=row.storage_key,
        still_key=row.still_key,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        script=row.script,
        links=tuple(row.links),
        photos=row.photos,
        seconds=row.seconds,
        took=row.took,
        verdict=row.verdict,
        notes=tuple(row.notes),
        cost=row.cost,
        created_at=row.created_at,
        checked_at=row.checked_at,
        is_gone=row.is_gone,
    )
