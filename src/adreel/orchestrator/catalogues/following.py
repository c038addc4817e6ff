"""Follows a batch: its state whenever it has changed, whichever process changed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass

from adreel.domain.catalogues.batch import BatchView
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.rows import events_name
from adreel.services.events.wakeups import Wakeups

_POLL_SECONDS = 2.0
_LEAST_SECONDS = 0.5
"""Changes within this time are one: many films may end at once."""


@dataclass(frozen=True, slots=True)
class BatchEvents:
    """An event is the batch as it stands, with a number that grows; nothing is kept for each film."""

    batches: BatchService
    wakeups: Wakeups
    poll_seconds: float = _POLL_SECONDS
    least_seconds: float = _LEAST_SECONDS

    async def follow(self, batch_id: str, after: int = 0) -> AsyncGenerator[BatchView]:
        """Yields the batch if it has changed since number `after`, then after each change. Ends when it is deleted."""
        with self.wakeups.listening(events_name(batch_id)) as event:
            while True:
                event.clear()
                batch = await self.batches.record(batch_id)
                if batch is None:
                    return
                if batch.last_seq > after:
                    view = await self.batches.view(batch_id)
                    if view is None:
                        return
                    after = view.batch.last_seq
                    yield view
                    await asyncio.sleep(self.least_seconds)
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.poll_seconds):
                        await event.wait()
