"""Plans a batch: reads its feed row by row and stores what each film says, and whether the catalogue has it already."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from adreel.domain.catalogues.batch import (
    FRESH,
    Batch,
    BatchLimits,
    BatchState,
    CatalogueFilm,
    PlannedRow,
    RowChange,
    RowProblem,
)
from adreel.domain.costs.money import dollars
from adreel.domain.errors import BudgetError, LimitError, PhotoError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.ids import Clock
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.feeds.batches.planning import BatchPlanner, PlannedFilm
from adreel.feeds.product import Problem
from adreel.feeds.reading import Feed, TooManyRowsError
from adreel.orchestrator.catalogues.feeds import AddressPhotos, FeedFiles, NoFilms, naming
from adreel.orchestrator.catalogues.orders import budget_of, encoder_of, read_order
from adreel.placements.loader import Placements
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.keys import film_id
from adreel.services.catalogues.plans import BatchPlans

_AT_ONCE = 100
"""Films in one transaction."""


@dataclass(slots=True)
class _Notes:
    """The problems of the films that were read last."""

    found: list[RowProblem] = field(default_factory=list[RowProblem])
    count: int = 0

    def add(self, problem: Problem) -> None:
        self.found.append(row_problem(problem))

    def taken(self) -> tuple[int, list[RowProblem]]:
        """The number of the first, and the problems since the last call."""
        first, found = self.count, self.found
        self.count, self.found = first + len(found), []
        return first, found


@dataclass(frozen=True, slots=True)
class BatchPlanning:
    """`price` is that of a film in US dollars; `photos` is only asked whether an address is one."""

    batches: BatchService
    plans: BatchPlans
    feeds: FeedFiles
    placements: Placements
    limits: BatchLimits
    price: Decimal
    photos: AddressPhotos
    clock: Clock

    async def plan(self, batch_id: str) -> None:
        """Plans a batch from the beginning. Memory grows with the ids of products only.

        Raises InputError for a feed or an order that cannot be used, LimitError, BudgetError, PhotoError, DownloadError.
        """
        batch = await self.batches.record(batch_id)
        if batch is None or batch.state is not BatchState.PLANNING:
            return
        await self.plans.begin(batch_id)
        order = await asyncio.to_thread(read_order, batch.order, self.placements)
        feed, kept = await self.feeds.at_hand(batch_id, batch.feed, batch.order)
        await self.plans.set_feed(batch_id, kept)
        planner = BatchPlanner(order, feed, self.photos, NoFilms(), self.clock())
        with naming(feed.paths):
            seconds = await self._rows(batch, feed, planner)
        self._check_photos(batch, planner)
        await self._check_price(batch)
        await self.plans.finish(batch_id, len(planner.ids), seconds, is_whole=planner.is_whole and order.limit is None)

    async def _rows(self, batch: Batch, feed: Feed, planner: BatchPlanner) -> float:
        """Stores the rows; returns the length of the films to make, in seconds."""
        notes, number, seconds = _Notes(), 0, 0.0
        films = planner.films(notes)
        while True:
            try:
                chunk = await asyncio.to_thread(_chunk, films)
            except TooManyRowsError as error:
                raise _too_many(feed.most_rows) from error
            rows = await self._compared(batch, chunk, number)
            seconds += sum(row.seconds for row in rows if row.change in (RowChange.NEW, RowChange.CHANGED))
            number += len(rows)
            first, problems = notes.taken()
            if not await self.plans.put(batch.id, first, rows, problems) or len(chunk) < _AT_ONCE:
                return seconds

    async def _compared(self, batch: Batch, films: Sequence[PlannedFilm], first: int) -> list[PlannedRow]:
        keys = [(film.product.id, _name(film)) for film in films]
        known = await self.plans.films(batch.catalogue_id, keys) if keys else {}
        encoder = encoder_of(batch.order)
        return [
            self._row(batch.id, first + at, film, known.get(key), encoder)
            for at, (film, key) in enumerate(zip(films, keys, strict=True))
        ]

    def _row(
        self, batch_id: str, number: int, film: PlannedFilm, known: CatalogueFilm | None, encoder: EncoderProfile
    ) -> PlannedRow:
        script = _script_hash(film, encoder)
        change = self._change(known, script, film)
        is_kept = known is not None and change in (RowChange.UNCHANGED, RowChange.CHECK)
        return PlannedRow(
            number=number,
            row=film.product.row,
            product_id=film.product.id,
            title=film.product.title[:200],
            placement=_name(film),
            change=change,
            script=script,
            seconds=film.seconds,
            ad=None if change is RowChange.UNCHANGED else to_document(film.ad),
            links=film.links,
            film_id=known.id if known is not None and is_kept else film_id(batch_id, number),
        )

    def _change(self, known: CatalogueFilm | None, script: str, film: PlannedFilm) -> RowChange:
        if known is None:
            return RowChange.NEW
        if known.script != script or known.links != film.links:
            return RowChange.CHANGED
        is_fresh = self.clock() - known.checked_at < FRESH and not known.is_gone
        return RowChange.UNCHANGED if is_fresh else RowChange.CHECK

    def _check_photos(self, batch: Batch, planner: BatchPlanner) -> None:
        """A dry run looks at no photo."""
        if planner.hosts and not batch.order.get("dry_run"):
            hosts = ", ".join(sorted(planner.hosts)[:3])
            raise PhotoError(f"the photos are at {hosts}; they are used once you confirm that you may use them")

    async def _check_price(self, batch: Batch) -> None:
        cost = await self.plans.cost_of_work(batch.id, self.price) if self.price else Decimal(0)
        given, most = batch.order.get("budget"), self.limits.dollars
        if most is not None and cost > most:
            raise LimitError(
                f"the films of this batch would cost {dollars(cost)}, and a batch may cost {dollars(most)}: divide it, or ask "
                "the operator to allow more",
                "batch_dollars",
                most,
            )
        if given is not None and cost > Decimal(given) and not batch.order.get("dry_run"):
            budget = budget_of(batch.order, most) or Decimal(0)
            raise BudgetError("batch", cost, budget, budget)


def _too_many(most: int) -> LimitError:
    return LimitError(
        f"the feed has more than {most} rows, and a batch takes {most} at most: divide it, or ask the operator to allow more",
        "batch_rows",
        most,
    )


def row_problem(problem: Problem) -> RowProblem:
    return RowProblem(problem.row, problem.id[:100], problem.field[:32], problem.is_error, problem.message[:1000])


def _chunk(films: Iterator[PlannedFilm]) -> list[PlannedFilm]:
    return list(islice(films, _AT_ONCE))


def _name(film: PlannedFilm) -> str:
    return "" if film.placement is None else film.placement.name


def _script_hash(film: PlannedFilm, encoder: EncoderProfile) -> str:
    if encoder is EncoderProfile.STANDARD:
        return film.script
    return hashlib.sha256(f"{film.script} {encoder}".encode()).hexdigest()
