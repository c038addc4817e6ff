"""Makes the film of one row: fetches its photos, draws and joins it, stores and records it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from adreel.agents.compositor import FilmMade
from adreel.agents.film_orders import Delivery, MakeOrder
from adreel.agents.output import Existing
from adreel.domain.ad import Ad
from adreel.domain.catalogues.batch import Batch, BatchRow, CatalogueFilm, RowChange
from adreel.domain.errors import AdreelError, DownloadError, PhotoError
from adreel.domain.ids import Clock
from adreel.domain.machine_faults import machine_faults
from adreel.domain.scripts.ad_format.reading import read_ad
from adreel.feeds.photos import FeedPhotos
from adreel.media import thumbnails
from adreel.media.cache_uses import note_use
from adreel.media.scratch import scratch_folder
from adreel.media.segments.store import file_digest
from adreel.orchestrator.catalogues.orders import encoder_of, read_order
from adreel.placements.loader import Placements, find_placements
from adreel.services.catalogues.keys import film_id, film_key, still_key
from adreel.services.catalogues.work import BatchWork, Film
from adreel.services.storage_service import StorageService


class Maker(Protocol):
    """Fulfilled by FilmMaker."""

    async def make(self, order: MakeOrder) -> Delivery: ...


@dataclass(frozen=True, slots=True)
class FetchedPhoto:
    """A photo of a film on this machine."""

    link: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class RowFilms:
    """`photos` fetches photos and keeps them in the folder `kept` of the cache. `price` is that of a film in US dollars. Films
    are made in a folder below `folder`."""

    maker: Maker
    photos: FeedPhotos
    kept: Path
    work: BatchWork
    storage: StorageService
    folder: Path
    placements: Placements
    price: Decimal
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic

    async def fetch(self, links: Sequence[str]) -> tuple[list[FetchedPhoto], list[str]]:
        """The photos that can be had, and why the others cannot. Raises the error of the last when there is none."""
        results = await asyncio.gather(*map(self._fetched, links), return_exceptions=True)
        found = [each for each in results if isinstance(each, FetchedPhoto)]
        errors = [each for each in results if isinstance(each, BaseException)]
        other = next((error for error in errors if not isinstance(error, AdreelError)), None)
        if other is not None or (errors and not found):
            raise other or errors[-1]
        return found, [str(error) for error in errors]

    async def make(self, batch: Batch, row: BatchRow, workflow: str) -> str:
        """Makes the film and records it; returns its id, that of the catalogue's film where nothing has changed, "" where the row
        is not this workflow's any more. Idempotent.

        Raises PhotoError, DownloadError, InputError and the errors of a film.
        """
        new = film_id(batch.id, row.planned.number)
        if await self.work.film(new) is not None:
            return new
        photos, notes = await self.fetch(row.planned.links)
        if row.planned.change is RowChange.CHECK and await self._is_same(row, photos):
            await self.work.unchanged(batch.id, row.planned.number, workflow, row.planned.film_id)
            return row.planned.film_id
        started = self.monotonic()
        with scratch_folder(self.folder, "row-") as folder, machine_faults():
            order = await self._order(batch, row, photos, folder / "film.mp4")
            try:
                made = await self.maker.make(order)
            except PhotoError as error:
                raise PhotoError(_named(str(error), photos)) from error
            film = await self._stored(batch, row, new, made, folder)
        took = round(self.monotonic() - started, 2)
        film = replace(film, took=took, notes=(*notes, *film.notes), photos={each.link: each.sha256 for each in photos})
        failures = tuple(f"the film is incomplete: {_named(str(error), photos)}" for error in made.failed)
        film = replace(film, notes=(*film.notes, *failures))
        if await self.work.record(batch.id, row.planned.number, workflow, Film(film, failures)):
            return new
        # Cancelled or deleted meanwhile.
        await self._remove(batch.id, new)
        return ""

    async def _fetched(self, link: str) -> FetchedPhoto:
        path = await self.photos.fetch(link)
        note_use(self.kept, path.stem)
        return FetchedPhoto(link, path, await asyncio.to_thread(file_digest, path))

    async def _is_same(self, row: BatchRow, photos: Sequence[FetchedPhoto]) -> bool:
        known = await self.work.film(row.planned.film_id)
        return known is not None and dict(known.photos) == {each.link: each.sha256 for each in photos}

    async def _order(self, batch: Batch, row: BatchRow, photos: Sequence[FetchedPhoto], out: Path) -> MakeOrder:
        order = await asyncio.to_thread(read_order, batch.order, self.placements)
        name = row.planned.placement
        ad = _with_photos(read_ad(row.planned.ad or {}), row.planned.links, [each.link for each in photos])
        return MakeOrder(
            photos=tuple(each.path for each in photos),
            out=out,
            clip_seconds=order.clip_seconds,
            film=order.film,
            existing=Existing.REPLACE,
            script=ad,
            placement=find_placements(self.placements, (name,))[0] if name else None,
            profile=encoder_of(batch.order),
            user_id=batch.user_id,
        )

    async def _stored(self, batch: Batch, row: BatchRow, new: str, made: Delivery, folder: Path) -> CatalogueFilm:
        """Stores the film and its still under keys that its row fixes: a repetition replaces them."""
        still = folder / "still.webp"
        await asyncio.to_thread(lambda: still.write_bytes(thumbnails.of_film(made.path)))
        digest, size = await asyncio.to_thread(file_digest, made.path), made.path.stat().st_size
        size += still.stat().st_size
        await self.storage.take_file(still, "image/webp", still_key(batch.id, new))
        await self.storage.take_file(made.path, "video/mp4", film_key(batch.id, new))
        now = self.clock()
        return CatalogueFilm(
            id=new,
            batch_id=batch.id,
            product_id=row.planned.product_id,
            placement=row.planned.placement,
            title=row.planned.title,
            storage_key=film_key(batch.id, new),
            still_key=still_key(batch.id, new),
            sha256=digest,
            size_bytes=size,
            script=row.planned.script,
            links=row.planned.links,
            photos={},
            seconds=round(made.film.frames / made.film.rate, 3),
            took=0.0,
            verdict=verdict(made.film),
            notes=made.notes,
            cost=self.price,
            created_at=now,
            checked_at=now,
        )

    async def _remove(self, batch_id: str, film: str) -> None:
        for key in (film_key(batch_id, film), still_key(batch_id, film)):
            await self.storage.delete(key)


def _with_photos(ad: Ad, links: Sequence[str], found: Sequence[str]) -> Ad:
    """The script with other photos, in turn, in the place of those that cannot be had."""
    if len(found) == len(links):
        return ad
    places: Mapping[int, int] = {
        number: found.index(link) + 1 if link in found else (number - 1) % len(found) + 1
        for number, link in enumerate(links, start=1)
    }
    beats = [replace(beat, shot=replace(beat.shot, photo=places.get(beat.shot.photo, 1))) for beat in ad.beats]
    return replace(ad, beats=tuple(beats), photos=())


def _named(text: str, photos: Sequence[FetchedPhoto]) -> str:
    """A message in which photos have their addresses: their files have names of the service's own."""
    for photo in photos:
        text = text.replace(str(photo.path), photo.link).replace(photo.path.name, photo.link)
    return text


def verdict(film: FilmMade) -> str:
    passed = f"{sum(check.passed for check in film.checks)} checks passed"
    if film.fitted is None:
        return passed
    name = film.fitted.judgement.placement.name
    return f"{passed}; " + (
        f"breaks {len(film.fitted.left)} rules of {name}" if film.fitted.left else f"fit for {name}"
    )


def field_of(error: AdreelError) -> str:
    """The field of a row that an error is about."""
    return "image" if isinstance(error, PhotoError | DownloadError) else ""
