"""Batches for Python programs: a film for each product of a feed, made by the service that the program opens."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adreel.agents.output import Existing, written
from adreel.domain.catalogues.batch import Batch, BatchView, CatalogueFilm, RowProblem
from adreel.media.scratch import scratch_folder
from adreel.studio.service import OpenService

if TYPE_CHECKING:
    from adreel.bootstrap.catalogues import Catalogues


class BatchesApi(OpenService):
    """The API's verbs about batches. Every method raises AdreelError."""

    async def create_batch(self, catalogue: str, source: Path | str, **order: Any) -> Batch:  # noqa: ANN401 (a body of the API)
        """Begins a batch of the films of a catalogue, from a feed's file or address. `order` is the rest of the body of
        ``POST /api/batches``: `template` or `recipe`, `placements`, `columns`, `dry_run`, `sample_films` and others. Example:

        batch = await studio.create_batch("mugs", Path("feed.csv"), recipe="auto", rights_confirmed=True)
        await studio.wait_for_batch(batch.id)
        """
        with scratch_folder(self._work, "feed-") as folder:
            if isinstance(source, Path):
                source = Path(await asyncio.to_thread(shutil.copyfile, source, folder / "feed"))
            return (await self._catalogues.commands.create(self._user, catalogue, order, source)).batch

    async def batch(self, batch_id: str) -> BatchView:
        """Returns a batch with its counts."""
        return await self._catalogues.batches.get(self._user, batch_id)

    async def batches(self, limit: int = 20) -> tuple[BatchView, ...]:
        """Lists up to `limit` batches, newest first."""
        return (await self._catalogues.batches.list(self._user, limit)).items

    async def wait_for_batch(self, batch_id: str) -> BatchView:
        """Returns a batch once nothing works on it: it is over, paused, or planned."""
        view = await self.batch(batch_id)
        async with aclosing(self._catalogues.events.follow(batch_id, view.batch.last_seq)) as events:
            while view.batch.state.has_work:
                view = await anext(events)
        return view

    def batch_films(self, batch_id: str) -> AsyncIterator[CatalogueFilm]:
        """Yields the films of a batch in the order of its feed."""
        return self._catalogues.results.all_films(self._user, batch_id)

    def batch_problems(self, batch_id: str) -> AsyncIterator[RowProblem]:
        """Yields the errors and notes of a batch."""
        return self._catalogues.results.all_problems(self._user, batch_id)

    async def pause_batch(self, batch_id: str) -> BatchView:
        """Pauses a batch: films that are being made are finished."""
        return await self._catalogues.commands.pause(self._user, batch_id)

    async def resume_batch(self, batch_id: str, *, rights_confirmed: bool = False) -> BatchView:
        """Lets a batch go on that was paused, only planned, or failed."""
        return await self._catalogues.commands.resume(self._user, batch_id, rights_confirmed=rights_confirmed)

    async def cancel_batch(self, batch_id: str) -> BatchView:
        """Cancels a batch: films that are made stay."""
        return await self._catalogues.commands.cancel(self._user, batch_id)

    async def retry_batch(self, batch_id: str) -> BatchView:
        """Makes the films again that failed."""
        return await self._catalogues.commands.retry(self._user, batch_id)

    async def save_batch(self, batch_id: str, path: Path, *, existing: Existing = Existing.REFUSE) -> Path:
        """Writes a zip of a batch's films with a list of them and the problems. Returns its path."""
        return await written(path, existing, partial(self._write_batch, batch_id))

    async def delete_batch(self, batch_id: str) -> None:
        """Deletes a batch and its films, except those that another batch of the catalogue has."""
        await self._catalogues.commands.delete(self._user, batch_id)
        await self._opened.deletions.soon(batch_id)
        await self._opened.deletions.soon()

    async def _write_batch(self, batch_id: str, path: Path) -> None:
        await self.batch(batch_id)
        with path.open("wb") as file:
            async for piece in self._catalogues.downloads.films(self._user, batch_id):
                await asyncio.to_thread(file.write, piece)

    @property
    def _catalogues(self) -> Catalogues:
        return self._opened.catalogues
