"""The feed of a batch: fetched or uploaded once, kept in storage, read wherever a worker needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.catalogues.batch import BatchLimits, Json
from adreel.domain.errors import InputError, LimitError, PhotoError
from adreel.feeds.batches.manifest import FilmRecord, Manifest
from adreel.feeds.photos import FeedPhotos, is_address
from adreel.feeds.reading import MOST_ROWS, Feed
from adreel.feeds.sources import FeedSource, open_source
from adreel.media.scratch import scratch_folder
from adreel.media.segments.store import file_digest
from adreel.services.catalogues.keys import feed_key
from adreel.services.storage.downloads import Downloader
from adreel.services.storage.keys import OTHER_TYPE
from adreel.services.storage_service import LocalFiles, StorageService

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FeedFiles:
    """Fetches feeds by `downloader`, keeps them in `storage`; `files` gives them back on this machine."""

    storage: StorageService
    files: LocalFiles
    downloader: Downloader
    work: Path
    limits: BatchLimits

    async def keep(self, batch_id: str, path: Path) -> Json:
        """Stores an uploaded feed, which is moved; returns where it is. Raises LimitError, StorageError."""
        self.check_size([path])
        return {"url": None, "files": [await self._stored(batch_id, 1, path)]}

    async def at_hand(self, batch_id: str, feed: Json, order: Json) -> tuple[Feed, Json]:
        """The feed on this machine, and where it is kept: one that is known by its address is fetched now.

        Raises DownloadError, LimitError, StorageError.
        """
        if not feed["files"]:
            feed = await self._fetched(batch_id, str(feed["url"]), order)
        paths = [await self.files.path(each["key"], each["content_hash"]) for each in feed["files"]]
        return self.opened(paths, feed.get("url"), order), feed

    @asynccontextmanager
    async def looked_at(self, url: str, order: Json) -> AsyncGenerator[Feed]:
        """A feed from an address for the duration of the block. Raises DownloadError, LimitError."""
        with scratch_folder(self.work, "feed-") as folder:
            yield await self._downloaded(url, order, folder)

    def opened(self, paths: list[Path], url: str | None, order: Json) -> Feed:
        """A feed in files of this machine."""
        most = MOST_ROWS if self.limits.rows is None else min(self.limits.rows, MOST_ROWS)
        return Feed(tuple(paths), self.work, url, order.get("columns") or {}, order.get("currency"), most)

    async def _fetched(self, batch_id: str, url: str, order: Json) -> Json:
        with scratch_folder(self.work, "feed-") as folder:
            fetched = await self._downloaded(url, order, folder)
            files = [await self._stored(batch_id, number, path) for number, path in enumerate(fetched.paths, start=1)]
        return {"url": url, "files": files}

    async def _downloaded(self, url: str, order: Json, folder: Path) -> Feed:
        if not is_address(url):
            # Anything else would be a file of this machine.
            raise InputError(f"{url[:100]!r} is not an https address of a feed")
        source = FeedSource(url, order.get("columns") or {}, order.get("currency"))
        feed = await open_source(source, folder, self.downloader)
        self.check_size(feed.paths)
        return feed

    def check_size(self, paths: Sequence[Path]) -> None:
        """Raises InputError for an empty feed, LimitError for one that is too large."""
        most = self.limits.feed_bytes
        size = sum(path.stat().st_size for path in paths)
        if not size:
            raise InputError("the feed is empty: export it again")
        if size > most:
            megabytes = f"{size / _MEGABYTE:.1f} MB"
            raise LimitError(
                f"the feed has {megabytes}, and a batch takes {most // _MEGABYTE} MB at most: divide it, or ask the operator to "
                "allow more",
                "batch_mb",
                most // _MEGABYTE,
            )

    async def _stored(self, batch_id: str, number: int, path: Path) -> Json:
        key, digest = feed_key(batch_id, number), await asyncio.to_thread(file_digest, path)
        await self.storage.take_file(path, OTHER_TYPE, key)
        return {"key": key, "content_hash": digest}


class AddressPhotos(FeedPhotos):
    """Photos of a feed that is not on the machine of its user: only addresses."""

    def find(self, link: str) -> Path | None:
        if not is_address(link):
            raise PhotoError(
                f"{link[:100]!r} is a path; the photos of a catalogue in the service are at https addresses"
            )
        return super().find(link)


class NoFilms(Manifest):
    """The manifest of a batch whose films are in the database: what changed is decided there."""

    def __init__(self) -> None:
        pass

    def find(self, product_id: str, placement: str = "") -> FilmRecord | None:  # noqa: ARG002 (of a manifest)
        return None


@contextmanager
def naming(paths: tuple[Path, ...]) -> Generator[None]:
    """Calls the files of a feed so in errors: their paths are the service's own."""
    try:
        yield
    except InputError as error:
        text = str(error)
        for path in paths:
            text = text.replace(str(path), "the feed")
        raise InputError(text) from error
