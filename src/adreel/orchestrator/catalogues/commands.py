"""What users do with batches: begin, let go on, pause, cancel, make failed rows again, delete."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adreel.domain.catalogues.batch import Batch, BatchState, BatchView, Json
from adreel.domain.errors import AdreelError, InputError
from adreel.domain.ids import MakeId, new_id
from adreel.feeds.sources import FeedSource, check_source
from adreel.orchestrator.catalogues.feeds import FeedFiles
from adreel.orchestrator.catalogues.orders import read_order
from adreel.orchestrator.catalogues.previews import FeedPreview, preview_of
from adreel.orchestrator.catalogues.sweeping import SweptEngine, enqueue, job_of
from adreel.placements.loader import Placements
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.keys import batch_folder
from adreel.services.receipts import Receipt, no_receipt

_RIGHTS = "the photos of a batch come from the addresses in its feed: confirm that you may use them"
_log = logging.getLogger(__name__)


class Engine(SweptEngine, Protocol):
    """Fulfilled by DurableEngine and DurableClient."""

    async def cancel(self, workflow_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class BatchCommands:
    """Each raises StorageError, and what `BatchService` raises."""

    batches: BatchService
    feeds: FeedFiles
    placements: Placements
    engine: Engine
    make_id: MakeId = new_id

    async def create(
        self,
        user_id: str,
        name: str,
        order: Json,
        source: Path | str,
        receipt: Receipt[BatchView] = no_receipt,
    ) -> BatchView:
        """Begins a batch of the user's catalogue of this name, from an uploaded feed, which is moved, or from an address.

        Raises InputError for an order or a feed that cannot be used, without the right to use photos, LimitError.
        """
        await asyncio.to_thread(read_order, order, self.placements)
        if not order.get("rights_confirmed") and not order.get("dry_run"):
            raise InputError(_RIGHTS)
        batch_id = self.make_id()
        if isinstance(source, str):
            check_source(FeedSource(source, order.get("columns") or {}, order.get("currency")))
            feed: Json = {"url": source, "files": []}
        else:
            self.feeds.check_size([source])
            _check_columns(await asyncio.to_thread(preview_of, self.feeds.opened([source], None, order), 1))
            feed = await self.feeds.keep(batch_id, source)
        try:
            batch = await self.batches.create(user_id, batch_id, name, order, feed, receipt)
        except AdreelError:
            await self.feeds.storage.delete_prefix(batch_folder(batch_id))
            raise
        await self._enqueue(batch)
        return await self.batches.get(user_id, batch_id)

    async def preview(self, order: Json, source: Path | str, rows: int) -> FeedPreview:
        """Reads the first rows of a feed: its columns, which fields they are taken for, and their problems. Keeps nothing."""
        await asyncio.to_thread(read_order, order, self.placements)
        if isinstance(source, Path):
            self.feeds.check_size([source])
            return await asyncio.to_thread(preview_of, self.feeds.opened([source], None, order), rows)
        async with self.feeds.looked_at(source, order) as feed:
            return await asyncio.to_thread(preview_of, feed, rows)

    async def resume(self, user_id: str, batch_id: str, *, rights_confirmed: bool = False) -> BatchView:
        """Lets a planned, paused or failed batch go on. Raises InputError without the right to use photos."""
        view = await self.batches.get(user_id, batch_id)
        if not rights_confirmed and not view.batch.order.get("rights_confirmed"):
            raise InputError(_RIGHTS)
        changes = {"dry_run": False, "rights_confirmed": True}
        await self._enqueue(await self.batches.resume(user_id, batch_id, changes))
        return await self.batches.get(user_id, batch_id)

    async def pause(self, user_id: str, batch_id: str) -> BatchView:
        await self.batches.pause(user_id, batch_id)
        return await self.batches.get(user_id, batch_id)

    async def cancel(self, user_id: str, batch_id: str) -> BatchView:
        """Ends the batch first: then nothing is recorded any more, even if the engine cannot be reached."""
        batch = await self.batches.cancel(user_id, batch_id)
        await self.engine.cancel(job_of(batch).workflow)
        return await self.batches.get(user_id, batch_id)

    async def retry(self, user_id: str, batch_id: str) -> BatchView:
        await self._enqueue(await self.batches.retry(user_id, batch_id))
        return await self.batches.get(user_id, batch_id)

    async def delete(self, user_id: str, batch_id: str) -> None:
        await self.batches.delete(user_id, batch_id)

    async def _enqueue(self, batch: Batch) -> None:
        """The sweeper does it if that fails now."""
        if batch.state not in (BatchState.PLANNING, BatchState.RUNNING):
            return
        try:
            await enqueue(self.engine, batch)
        except AdreelError as error:
            _log.warning("batch %s is recorded but could not be enqueued, the sweeper will do it: %s", batch.id, error)


def _check_columns(found: FeedPreview) -> None:
    """Raises InputError for a table without the columns that products need."""
    if found.missing:
        there = ", ".join(found.columns[:20])[:200]
        raise InputError(
            f"the feed has no column for {', '.join(found.missing)}; its columns are {there}: say which one it is"
        )
