"""What a run has to do: each product's script, and whether its film is new, changed or as it was. Nothing is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from adreel.agents.script import script_film
from adreel.domain.ad import Ad
from adreel.domain.errors import AdreelError, PhotoError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.film_options import to_json as options_json
from adreel.domain.films.formats import to_seconds
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.feeds.batches.conditions import Condition, all_hold
from adreel.feeds.batches.manifest import FilmRecord, Manifest
from adreel.feeds.batches.names import film_name
from adreel.feeds.photos import FeedPhotos, host_of, is_address, state_of
from adreel.feeds.product import FeedRow, Problem, Product
from adreel.feeds.reading import Feed
from adreel.placements.lengths import film_seconds
from adreel.placements.placement import Placement


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class ScriptSource(Protocol):
    def ad(self, product: Product, photos: int, now: datetime) -> Ad:
        """The script of a product with so many photos at a time. Raises InputError for one that cannot have it."""
        ...


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """A batch into the folder `out`. `limit` is the number of products from the beginning of the feed, `conditions` choose among
    them; `remote_photos`: the user may use the photos that the feed has addresses of. With `placements` each product has a film
    for each of them.

    `base_url` is where the films will be found on the web, for the feed that is written back. `delete_gone`: films of products
    that left the feed are deleted, not only marked.
    """

    out: Path
    script: ScriptSource
    film: FilmOptions = field(default_factory=FilmOptions)
    clip_seconds: float = 3.0
    limit: int | None = None
    conditions: tuple[Condition, ...] = ()
    remote_photos: bool = False
    base_url: str | None = None
    delete_gone: bool = False
    placements: tuple[Placement, ...] = ()
    engine: str = ""
    fast: bool = False

    @property
    def linked(self) -> str:
        """The placement whose films the feed that is written back has: the first one, "" for none."""
        return self.placements[0].name if self.placements else ""


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """The film of a product, for one placement or none. `links` are its photos that can be used, `script` is the hash of what it
    says, `seconds` its length without crossfades; `is_due`: some photos are to be asked for again.
    """

    product: Product
    ad: Ad
    links: tuple[str, ...]
    change: Change
    script: str
    seconds: float
    is_due: bool
    record: FilmRecord | None
    placement: Placement | None = None

    @property
    def name(self) -> str:
        return film_name(self.product.id, _name(self.placement))

    @property
    def is_work(self) -> bool:
        return self.change is not Change.UNCHANGED or self.is_due


class BatchPlanner:
    """Plans films of a feed, one after the other. Photos are read only where a film exists and their files have changed."""

    def __init__(self, order: BatchOrder, feed: Feed, photos: FeedPhotos, manifest: Manifest, now: datetime) -> None:
        self._order = order
        self._feed = feed
        self._photos = photos
        self._manifest = manifest
        self._now = now
        self._options = [options_json(order.film), order.film.aspect, order.clip_seconds]
        self._options += [order.engine] if order.engine else []
        self.ids: set[str] = set()
        """Ids of all rows of the feed, broken ones too."""
        self.is_whole = True
        """False once a feed has broken off or a row has no id: a missing product may be there."""
        self.hosts: set[str] = set()
        """Hosts of photos that may not be used yet."""

    def films(self, note: Problems) -> Iterator[PlannedFilm]:
        """Yields the film of each chosen product; problems go to `note`. Raises InputError for a file that is no feed."""
        count = 0
        for row in self._feed.rows():
            self.is_whole = self.is_whole and not row.ends_early and row.id != ""
            self.ids.add(row.id)
            if self._order.limit is not None and count >= self._order.limit:
                continue
            if row.product is None or all_hold(self._order.conditions, row.product):
                count += row.product is not None
                yield from self._planned(row, note)

    def _planned(self, row: FeedRow, note: Problems) -> Iterator[PlannedFilm]:
        for problem in row.problems:
            note.add(problem)
        if row.product is None:
            return
        try:
            yield from self._films(row.product, note)
        except AdreelError as error:
            field = "image" if isinstance(error, PhotoError) else "script"
            note.add(Problem(row.row, row.id, field, str(error)))

    def _films(self, product: Product, note: Problems) -> Iterator[PlannedFilm]:
        links = self._usable(product, note)
        ad = self._order.script.ad(product, len(links), self._now)
        check_ad(ad)
        lengths = script_film(ad, self._order.film, ad.prompt, self._order.clip_seconds).lengths
        seconds = to_seconds(lengths.intro + sum(lengths.beats) + lengths.end)
        contents = [to_document(ad), *self._options, self._music()]
        due = self._order.remote_photos and any(map(self._photos.is_due, links))
        for placement in self._order.placements or (None,):
            name, length = _name(placement), _seconds_for(placement, seconds)
            record = self._manifest.find(product.id, name)
            script = _digest([*contents, name] if name else contents)
            change = self._change(record, script, links)
            yield PlannedFilm(product, ad, links, change, script, length, due, record, placement)

    def _usable(self, product: Product, note: Problems) -> tuple[str, ...]:
        """The product's photos without those that are missing. Raises PhotoError when none is left."""
        links: list[str] = []
        for link in product.images:
            try:
                if is_address(link) and not self._order.remote_photos:
                    self.hosts.add(host_of(link))
                self._photos.find(link)
                links.append(link)
            except PhotoError as error:
                if len(product.images) == 1:
                    raise
                note.add(Problem(product.row, product.id, "image", str(error), is_error=False))
        if not links:
            raise PhotoError("none of the photos exists")
        return tuple(links)

    def _change(self, record: FilmRecord | None, script: str, links: Sequence[str]) -> Change:
        if record is None:
            return Change.NEW
        film = self._order.out / record.film
        if record.script != script or record.is_gone or not film.is_file() or film.stat().st_size != record.size:
            return Change.CHANGED
        return Change.UNCHANGED if self._same_photos(record, links) else Change.CHANGED

    def _same_photos(self, record: FilmRecord, links: Sequence[str]) -> bool:
        if tuple(links) != record.links:
            return False
        for photo in record.photos:
            path = self._photos.find(photo.link)
            # A downloaded photo that was removed from the cache is asked for when the film changes.
            if path is not None and state_of(photo.link, path, photo).sha256 != photo.sha256:
                return False
        return True

    def _music(self) -> list[object]:
        """The user's own music and font: another file of the same name is another film."""
        named = (self._order.film.music, self._order.film.font)
        paths = [Path(name) for name in named if name and Path(name).is_file()]
        return [[path.stat().st_size, path.stat().st_mtime_ns] for path in paths]


def _name(placement: Placement | None) -> str:
    return "" if placement is None else placement.name


def _seconds_for(placement: Placement | None, seconds: float) -> float:
    return seconds if placement is None else film_seconds(placement, seconds) or seconds


class Problems(Protocol):
    def add(self, problem: Problem) -> None: ...


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=asdict)
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
