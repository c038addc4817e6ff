"""The results of a batch to be taken away: a zip of the films, a list of them, the feed with their addresses, the problems."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.catalogues.batch import CatalogueFilm, RowProblem
from adreel.domain.errors import ConflictError, StorageError
from adreel.feeds.batches.links import write_video_links
from adreel.feeds.batches.names import film_name
from adreel.media.scratch import scratch_folder
from adreel.orchestrator.catalogues.feeds import FeedFiles
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.results import BatchResults
from adreel.services.storage_service import StorageService

_CHUNK = 1024 * 1024
_HEADER = ("row", "id", "field", "kind", "message")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run as a formula by programs for tables."""

LinkOf = Callable[[str], str]
"""The signed address of a stored file by its key."""


@dataclass(frozen=True, slots=True)
class BatchDownloads:
    """Raises NotFoundError for a batch of another user. Memory does not grow with the films."""

    batches: BatchService
    results: BatchResults
    storage: StorageService
    feeds: FeedFiles
    work: Path

    async def manifest(self, user_id: str, batch_id: str, link: LinkOf) -> AsyncIterator[bytes]:
        """Yields a line of JSON for each film, with its addresses."""
        async for film in self.results.all_films(user_id, batch_id):
            yield json.dumps(film_facts(film, link), ensure_ascii=False).encode() + b"\n"

    async def problems(self, user_id: str, batch_id: str) -> AsyncIterator[bytes]:
        """Yields the problems as CSV."""
        yield _csv_line(_HEADER)
        async for problem in self.results.all_problems(user_id, batch_id):
            yield _csv_line(_cells(problem))

    async def films(self, user_id: str, batch_id: str) -> AsyncIterator[bytes]:
        """Yields a zip of the films, with the manifest and the problems, while it is made: one film at a time is on the disk."""
        target = _Pieces()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
            async for film in self.results.all_films(user_id, batch_id):
                async for piece in self._packed(packed, target, film):
                    yield piece
            for name, lines in (
                ("manifest.jsonl", self.manifest(user_id, batch_id, lambda _key: "")),
                ("problems.csv", self.problems(user_id, batch_id)),
            ):
                with packed.open(zipfile.ZipInfo(name), "w") as entry:
                    async for line in lines:
                        entry.write(line)
                        yield target.taken()
        yield target.taken()

    async def _packed(self, packed: zipfile.ZipFile, target: _Pieces, film: CatalogueFilm) -> AsyncIterator[bytes]:
        with scratch_folder(self.work, "batch-") as folder:
            path = self.storage.local_path(film.storage_key)
            if path is None:
                path = folder / "film.mp4"
                await self.storage.download_file(self.storage.url(film.storage_key), path)
            name = f"films/{film_name(film.product_id, film.placement)}.mp4"
            try:
                source = await asyncio.to_thread(path.open, "rb")
            except OSError as error:
                raise StorageError(f"the film of {film.product_id} cannot be read") from error
            with source, packed.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                while chunk := await asyncio.to_thread(source.read, _CHUNK):
                    entry.write(chunk)
                    yield target.taken()

    async def feed(self, user_id: str, batch_id: str, link: LinkOf) -> tuple[str, bytes]:
        """The feed with a column or element for the film's address, or else a table of ids and addresses; with its name.

        Of several placements the first has its films in it. Raises ConflictError while the feed was not read.
        """
        view = await self.batches.get(user_id, batch_id)
        batch = view.batch
        if not batch.is_planned or not batch.feed["files"]:
            raise ConflictError("the feed of this batch was not read yet; wait until its films are planned")
        placements = batch.order.get("placements") or [""]
        links = {
            film.product_id: link(film.storage_key)
            async for film in self.results.all_films(user_id, batch_id)
            if film.placement == placements[0] and not film.is_gone
        }
        feed, _ = await self.feeds.at_hand(batch_id, batch.feed, batch.order)
        with scratch_folder(self.work, "batch-") as folder:
            written = await asyncio.to_thread(write_video_links, feed, _Known(links), folder)
            return written[-1].name, await asyncio.to_thread(written[-1].read_bytes)


def film_facts(film: CatalogueFilm, link: LinkOf) -> Mapping[str, object]:
    """A film for lists outside the service."""
    return {
        "id": film.product_id,
        "placement": film.placement,
        "title": film.title,
        "film": f"films/{film_name(film.product_id, film.placement)}.mp4",
        "url": link(film.storage_key),
        "poster_url": link(film.still_key),
        "sha256": film.sha256,
        "script": film.script,
        "photos": dict(film.photos),
        "seconds": film.seconds,
        "took": film.took,
        "verdict": film.verdict,
        "notes": list(film.notes),
        "cost": str(film.cost),
        "made_at": film.created_at.isoformat(),
        "is_gone": film.is_gone,
    }


@dataclass(frozen=True, slots=True)
class _Known:
    """VideoLinks by id."""

    links: Mapping[str, str]

    def of(self, product_id: str) -> str:
        return self.links.get(product_id, "")

    def all(self) -> Iterator[tuple[str, str]]:
        yield from self.links.items()


class _Pieces(io.RawIOBase):
    """A file that cannot be sought, whose content is taken away as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]  # any buffer
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def seekable(self) -> bool:
        return False

    def taken(self) -> bytes:
        """What was written since the last call."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _cells(problem: RowProblem) -> tuple[str, ...]:
    kind = "error" if problem.is_error else "note"
    return str(problem.row), problem.product_id, problem.field, kind, problem.message


def _csv_line(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return line.getvalue().encode("utf-8", errors="replace")
