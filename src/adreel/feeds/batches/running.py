"""Runs a batch: makes the films that are new or changed, each recorded before the next, and goes on where a run was killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from adreel.agents.compositor import FilmMade
from adreel.agents.film_orders import Delivery, MakeOrder
from adreel.agents.output import Existing
from adreel.domain.ad import Ad
from adreel.domain.errors import (
    AdreelError,
    CancelledError,
    DownloadError,
    MachineError,
    NoSpaceError,
    PhotoError,
    SetupError,
)
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Transition
from adreel.feeds.batches.attempts import Attempt, AttemptLog, attempt_log
from adreel.feeds.batches.manifest import FilmRecord, Manifest
from adreel.feeds.batches.names import FILMS, SAMPLES, STILLS, WORK
from adreel.feeds.batches.planning import BatchOrder, BatchPlanner, Change, PlannedFilm
from adreel.feeds.batches.problems import ProblemFile
from adreel.feeds.batches.summary import BatchEvent, BatchResult, BatchSink, Counted, Summary, estimated_seconds
from adreel.feeds.photos import FeedPhotos, PhotoState, is_address, state_of
from adreel.feeds.product import Problem
from adreel.feeds.reading import Feed
from adreel.media import thumbnails
from adreel.media.segments.store import file_digest
from adreel.services.storage.atomic import PART_PATTERN, whole_file

_FILMS_AT_ONCE = 2
"""One film is joined and checked while the clips of another are drawn."""
_AHEAD = 6
"""Films whose photos are fetched while others are made."""
_SAMPLES = 3
_FATAL = (CancelledError, MachineError, NoSpaceError, SetupError)
"""Errors that each further film would have too."""


class Maker(Protocol):
    """What makes the films: `adreel.agents.maker.FilmMaker`."""

    async def make(self, order: MakeOrder) -> Delivery: ...

    async def sample(self, order: MakeOrder) -> bytes: ...


@dataclass(frozen=True, slots=True)
class BatchTools:
    """`maker` makes the films, `photos` finds those of the feed, `clock` gives the time in UTC. `price` says what a film would
    cost, in US dollars; None where films cost nothing."""

    maker: Maker
    photos: Callable[[Feed], FeedPhotos]
    clock: Callable[[], datetime]
    price: Callable[[MakeOrder], Awaitable[Decimal]] | None = None


class BatchRun:
    """One run, in one event loop. `problems` collects those of rows and films."""

    def __init__(
        self, order: BatchOrder, feed: Feed, tools: BatchTools, manifest: Manifest, problems: ProblemFile
    ) -> None:
        self._order = order
        self._feed = feed
        self._tools = tools
        self._manifest = manifest
        self._problems = problems
        self._now = tools.clock()
        self._photos = tools.photos(feed)
        self._slots = asyncio.Semaphore(_FILMS_AT_ONCE)
        self._made: set[str] = set()
        self._work = order.out / WORK / "new"
        self._attempts: AttemptLog
        self._cost = Decimal("0.00")

    async def preview(self) -> BatchResult:
        """Says what a run would do, and draws sample stills."""
        planner, counted = await self._plan()
        # Photos that may not be used are not fetched for samples either.
        chosen = [
            film for film in counted.chosen() if self._order.remote_photos or not any(map(is_address, film.links))
        ]
        samples = await self._draw_samples(chosen)
        gone = sum(1 for _ in self._gone(planner))
        self._cost = await self._priced(counted)
        return replace(self._result(self._summary(counted, gone), samples, counted), hosts=tuple(sorted(planner.hosts)))

    async def make(self, sink: BatchSink) -> BatchResult:
        """Makes new and changed films. Raises PhotoError for photos that may not be used, and the faults of this machine."""
        planner, counted = await self._plan()
        self._check_allowed(planner)
        await asyncio.to_thread(self._prepare)
        with attempt_log(self._order.out, self._tools.clock) as self._attempts:
            await self._make_all(counted, sink)
            gone = await asyncio.to_thread(self._part_with_gone, planner)
            await asyncio.to_thread(self._manifest.tidied)
            self._attempts.note(Attempt.ENDED)
        return self._result(self._summary(counted, gone), (), counted)

    async def _make_all(self, counted: Counted, sink: BatchSink) -> None:
        done = 0

        async def one(film: PlannedFilm) -> None:
            nonlocal done
            error = await self._reported(film)
            done += 1
            sink(BatchEvent(done, counted.work, film.product.id, error))

        await _bounded(self._planned(counted), one, _AHEAD)

    async def _plan(self) -> tuple[BatchPlanner, Counted]:
        planner, counted = self._planner(), Counted(_SAMPLES)

        def count() -> None:
            for film in planner.films(self._problems):
                counted.add(film)

        await asyncio.to_thread(count)
        return planner, counted

    def _planner(self) -> BatchPlanner:
        return BatchPlanner(self._order, self._feed, self._photos, self._manifest, self._now)

    def _check_allowed(self, planner: BatchPlanner) -> None:
        if planner.hosts:
            hosts = ", ".join(sorted(planner.hosts)[:3])
            raise PhotoError(
                f"the feed has addresses of photos (at {hosts}); they are used once you confirm that you may use them"
            )

    def _prepare(self) -> None:
        for folder in (self._order.out / FILMS, self._order.out / STILLS, self._work):
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob(PART_PATTERN):
                left.unlink(missing_ok=True)

    async def _planned(self, counted: Counted) -> AsyncIterator[PlannedFilm]:
        """The films that are to be made, planned anew one by one, so that memory does not grow with them."""
        films = self._planner().films(_Unheard())
        while (film := await asyncio.to_thread(next, films, None)) is not None:
            if film.name in counted.names:
                yield film

    async def _reported(self, film: PlannedFilm) -> AdreelError | None:
        """Makes a film; returns the error that it ended with, which is in the problems."""
        try:
            await self._film(film)
        except _FATAL:
            raise
        except AdreelError as error:
            self._attempts.note(Attempt.FAILED, film.name)
            field = "image" if isinstance(error, PhotoError | DownloadError) else ""
            self._problems.add(Problem(film.product.row, film.product.id, field, str(error)))
            return error
        return None

    async def _film(self, film: PlannedFilm) -> None:
        photos = await self._fetched(film)
        if film.change is Change.UNCHANGED and film.record and _same(film.record.photos, photos):
            return
        ad = film.ad
        if len(photos) < len(film.links):
            ad = self._order.script.ad(film.product, len(photos), self._now)
        async with self._slots:
            started = time.monotonic()
            self._attempts.note(Attempt.BEGUN, film.name)
            new = self._work / f"{film.name}.mp4"
            paths = tuple(path for path, _ in photos)
            made = await self._tools.maker.make(self._order_of(film, paths, new, ad))
            self._cost += made.cost_now
            failures = self._reported_failures(film, made)
            made = replace(made, notes=(*made.notes, *failures))
            await _to_the_end(asyncio.to_thread(self._keep, film, made, photos, time.monotonic() - started))
        self._made.add(film.name)

    def _order_of(self, film: PlannedFilm, photos: tuple[Path, ...], out: Path, ad: Ad) -> MakeOrder:
        asked = self._order
        facts = (asked.clip_seconds, asked.film, Existing.REPLACE, ad, film.placement)
        return MakeOrder(
            photos,
            out,
            "",
            *facts,
            prices_change=True,
            profile=EncoderProfile.FAST if asked.fast else EncoderProfile.STANDARD,
        )

    async def _priced(self, counted: Counted) -> Decimal:
        """What the new and changed films would cost. A film whose photos may not be used yet, or that cannot be priced, is
        reported and counts as nothing."""
        total, price = Decimal("0.00"), self._tools.price
        if price is None:
            return total
        async for film in self._planned(counted):
            if film.change is Change.UNCHANGED or (not self._order.remote_photos and any(map(is_address, film.links))):
                continue
            try:
                photos = tuple(path for path, _ in await self._fetched(film))
                total += await price(self._order_of(film, photos, self._order.out / f"{film.name}.mp4", film.ad))
            except _FATAL:
                raise
            except AdreelError as error:
                self._problems.add(Problem(film.product.row, film.product.id, "", str(error), is_error=False))
        return total

    def _reported_failures(self, film: PlannedFilm, made: Delivery) -> list[str]:
        """What says which clips a film lacks, as errors of its row. Raises the faults of this machine."""
        failures: list[str] = []
        for error in made.failed:
            if isinstance(error, _FATAL):
                raise error
            failures.append(f"the film is incomplete: {error}")
            self._problems.add(Problem(film.product.row, film.product.id, "image", failures[-1]))
        return failures

    def _keep(self, film: PlannedFilm, made: Delivery, photos: list[tuple[Path, PhotoState]], took: float) -> None:
        """Gives a finished film its name, then records it: a kill in between costs joining it again, nothing else."""
        digest, size = file_digest(made.path), made.path.stat().st_size
        target = f"{FILMS}/{film.name}.mp4"
        with whole_file(self._order.out / STILLS / f"{film.name}.webp") as still:
            still.write_bytes(
                thumbnails.of_film(made.path, crossfades=self._order.film.transition is not Transition.CUT)
            )
        made.path.replace(self._order.out / target)
        self._manifest.put(
            FilmRecord(
                id=film.product.id,
                film=target,
                sha256=digest,
                size=size,
                script=film.script,
                links=film.links,
                photos=tuple(state for _, state in photos),
                seconds=round(made.film.frames / made.film.rate, 3),
                took=round(took, 2),
                title=film.product.title[:200],
                verdict=_verdict(made.film),
                notes=made.notes,
                placement=film.placement.name if film.placement else "",
            )
        )
        self._attempts.note(Attempt.FINISHED, film.name)

    async def _fetched(self, film: PlannedFilm) -> list[tuple[Path, PhotoState]]:
        """The photos of a film that can be had; the others are reported. Raises the error of the last when there is none."""
        results = await asyncio.gather(*map(self._photos.fetch, film.links), return_exceptions=True)
        found: list[tuple[Path, PhotoState]] = []
        for link, result in zip(film.links, results, strict=True):
            if isinstance(result, Path):
                found.append((result, await asyncio.to_thread(state_of, link, result)))
            elif not isinstance(result, AdreelError) or len(film.links) == 1 or (link == film.links[-1] and not found):
                raise result
            else:
                self._problems.add(Problem(film.product.row, film.product.id, "image", str(result), is_error=False))
        return found

    async def _draw_samples(self, films: list[PlannedFilm]) -> tuple[Path, ...]:
        """Stills of some films; one whose photos are not at hand has none."""
        folder = self._order.out / SAMPLES
        drawn: list[Path] = []
        for film in films:
            path = folder / f"{film.name}.webp"
            try:
                photos = [path for path, _ in await self._fetched(film)]
                asked = self._order
                order = MakeOrder(
                    tuple(photos), path, "", asked.clip_seconds, asked.film, script=film.ad, placement=film.placement
                )
                picture = await self._tools.maker.sample(order)
            except AdreelError as error:
                self._problems.add(Problem(film.product.row, film.product.id, "", str(error), is_error=False))
                continue
            with whole_file(path) as temporary:
                temporary.write_bytes(picture)
            drawn.append(path)
        return tuple(drawn)

    def _gone(self, planner: BatchPlanner) -> Iterator[FilmRecord]:
        """Films whose product has left the feed; none while a part of the feed could not be read."""
        if planner.is_whole:
            yield from (record for record in self._manifest.records() if record.id not in planner.ids)

    def _part_with_gone(self, planner: BatchPlanner) -> int:
        gone = list(self._gone(planner))
        for record in gone:
            if self._order.delete_gone:
                film = self._order.out / record.film
                film.unlink(missing_ok=True)
                (self._order.out / STILLS / film.name).with_suffix(".webp").unlink(missing_ok=True)
                self._manifest.remove(record)
            elif not record.is_gone:
                self._manifest.put(replace(record, is_gone=True))
        return len(gone)

    def _summary(self, counted: Counted, gone: int) -> Summary:
        return Summary(
            new=counted.new,
            changed=counted.changed,
            unchanged=counted.unchanged,
            gone=gone,
            errors=self._problems.errors,
            notes=self._problems.notes,
            cost=self._cost,
            film_seconds=counted.film_seconds,
            work_seconds=estimated_seconds(counted, self._manifest.records(), _FILMS_AT_ONCE),
        )

    def _result(self, summary: Summary, samples: tuple[Path, ...], counted: Counted) -> BatchResult:
        return BatchResult(summary, samples, frozenset(self._made), counted.work)


def _verdict(film: FilmMade) -> str:
    passed = f"{sum(check.passed for check in film.checks)} checks passed"
    if film.fitted is None:
        return passed
    name = film.fitted.judgement.placement.name
    return f"{passed}; " + (
        f"breaks {len(film.fitted.left)} rules of {name}" if film.fitted.left else f"fit for {name}"
    )


class _Unheard:
    """Takes the problems of the second reading: those of the first are the same."""

    def add(self, problem: Problem) -> None:
        pass


def _same(before: tuple[PhotoState, ...], now: list[tuple[Path, PhotoState]]) -> bool:
    return [(photo.link, photo.sha256) for photo in before] == [(photo.link, photo.sha256) for _, photo in now]


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Waits for work that a cancellation must not leave behind: its thread writes to the manifest."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _bounded(
    items: AsyncIterator[PlannedFilm], work: Callable[[PlannedFilm], Coroutine[Any, Any, None]], most: int
) -> None:
    """Works on items as they come, at most `most` at a time. The first error cancels the rest and is raised."""
    running: set[asyncio.Task[None]] = set()
    try:
        async for item in items:
            running.add(asyncio.create_task(work(item)))
            if len(running) >= most:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        await asyncio.gather(*running)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
