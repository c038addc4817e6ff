"""Answers about batches from the domain's records."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

from adreel.domain.catalogues.batch import BatchView, CatalogueFilm, RowChange, RowProblem
from adreel.feeds.batches.names import film_name
from adreel.feeds.product import FeedRow
from adreel.orchestrator.catalogues.previews import FeedPreview
from adreel.routers.catalogue.schemas import (
    BatchAnswer,
    BatchFilm,
    BatchRowAnswer,
    PreviewAnswer,
    PreviewedProduct,
    ProblemAnswer,
)
from adreel.routers.common.responses import ResponseBuilder
from adreel.services.catalogues.results import FilmOfRow

_KEPT = (RowChange.UNCHANGED, RowChange.CHECK)


def batch_answer(view: BatchView, price: Decimal) -> BatchAnswer:
    """`price` is that of a film, in US dollars."""
    batch, counts = view.batch, view.counts
    new = sum(count for change, count in counts.changes.items() if change not in _KEPT)
    return BatchAnswer(
        id=batch.id,
        catalogue=batch.catalogue,
        state=batch.state,
        pause=batch.pause,
        error=batch.error,
        seq=batch.last_seq,
        progress=counts.progress if batch.is_planned else 0.0,
        films=counts.work,
        films_done=counts.done,
        rows=dict(counts.states),
        changes=dict(counts.changes),
        rows_read=batch.rows_read,
        gone=batch.gone,
        errors=counts.errors,
        notes=counts.notes,
        film_seconds=round(batch.film_seconds, 3),
        cost=counts.cost,
        expected_cost=price * new,
        options={**batch.order, "url": batch.feed.get("url")},
        created_at=batch.created_at,
        updated_at=batch.updated_at,
        ended_at=batch.ended_at,
    )


def row_answer(found: FilmOfRow, responses: ResponseBuilder) -> BatchRowAnswer:
    row = found.row
    planned = row.planned
    return BatchRowAnswer(
        number=planned.number,
        row=planned.row,
        id=planned.product_id,
        title=planned.title,
        placement=planned.placement or None,
        state=row.state,
        change=planned.change,
        field=row.field or None,
        error=row.error,
        film=None if found.film is None else film_answer(found.film, responses),
    )


def film_answer(film: CatalogueFilm, responses: ResponseBuilder) -> BatchFilm:
    url = responses.link(film.storage_key)
    name = quote(f"{film_name(film.product_id, film.placement)}.mp4", safe="")
    return BatchFilm(
        id=film.id,
        url=url,
        download_url=f"{url}&download={name}",
        poster_url=responses.link(film.still_key),
        seconds=film.seconds,
        took=film.took,
        verdict=film.verdict,
        notes=list(film.notes),
        cost=film.cost,
        created_at=film.created_at,
    )


def problem_answer(problem: RowProblem) -> ProblemAnswer:
    return ProblemAnswer(
        row=problem.row,
        id=problem.product_id,
        field=problem.field,
        kind="error" if problem.is_error else "note",
        message=problem.message,
    )


def preview_answer(preview: FeedPreview) -> PreviewAnswer:
    return PreviewAnswer(
        kind=preview.kind,
        columns=list(preview.columns),
        mapping={field: column or None for field, column in preview.mapping.items()},
        missing=list(preview.missing),
        products=[_product(row) for row in preview.rows],
        problems=[problem_answer(each) for each in preview.problems],
        rows_read=preview.read,
        is_whole=preview.is_whole,
    )


def _product(row: FeedRow) -> PreviewedProduct:
    product = row.product
    return PreviewedProduct(
        row=row.row,
        id=row.id,
        title=product and product.title,
        price=None if product is None or product.price is None else str(product.price),
        sale_price=None if product is None or product.sale is None else str(product.sale.price),
        currency=product and product.currency,
        brand=product and product.brand,
        images=[] if product is None else list(product.images),
        facts=[] if product is None else list(product.facts),
    )
