"""Waits for the ends of workflows: one query at a time for all that anybody in this process waits for."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Mapping
from contextlib import suppress

from adreel.domain.errors import AdreelError
from adreel.orchestrator.durable_client import DurableClient, Outcome

_SHORTEST = 0.01
"""Seconds between two queries at least."""

_SOON = 1.0
"""Seconds for which a workflow that came to its end in this process is asked for more often: its outcome is being written."""

_log = logging.getLogger(__name__)


class OutcomeWatch:
    """Polls every `poll_seconds` while somebody waits, and not at all otherwise."""

    def __init__(self, client: DurableClient, poll_seconds: float) -> None:
        self.client = client
        self._poll_seconds = poll_seconds
        self._waiting: dict[str, set[asyncio.Future[Outcome]]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self._expected: dict[str, float] = {}

    def expect(self, workflow_id: str) -> None:
        """Its flow has come to its end here: whoever waits for it is told as soon as this is kept."""
        if workflow_id in self._waiting:
            self._expected[workflow_id] = time.monotonic() + _SOON
            self._more.set()

    async def outcome(self, workflow_id: str) -> Outcome:
        """Waits until the workflow is over, for ever if need be."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(workflow_id, set()).add(future)
        self._more.set()
        if self._poller is None or self._poller.done():
            # An empty context: the engine must not take the queries for a part of the step that waits.
            self._poller = asyncio.create_task(self._poll(), context=contextvars.Context())
        try:
            return await future
        finally:
            self._leave(workflow_id, future)

    async def close(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    def _leave(self, workflow_id: str, future: asyncio.Future[Outcome]) -> None:
        futures = self._waiting.get(workflow_id, set())
        futures.discard(future)
        if not futures:
            self._waiting.pop(workflow_id, None)
            self._expected.pop(workflow_id, None)

    async def _poll(self) -> None:
        while self._waiting:
            self._more.clear()
            try:
                self._tell(await self.client.outcomes(self._unanswered()))
            except AdreelError as error:
                _log.warning("cannot see whether work is done, trying on: %s", error)
            await self._rest()

    async def _rest(self) -> None:
        """Somebody who has just come is answered soon: what they wait for may be over already."""
        await asyncio.sleep(_SHORTEST)
        if any(until > time.monotonic() for until in self._expected.values()):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await self._more.wait()

    def _unanswered(self) -> list[str]:
        """Those who wait for several workflows keep the answers that they have."""
        return [name for name, futures in self._waiting.items() if not all(future.done() for future in futures)]

    def _tell(self, outcomes: Mapping[str, Outcome]) -> None:
        for workflow_id, outcome in outcomes.items():
            self._expected.pop(workflow_id, None)
            for future in self._waiting.get(workflow_id, set()):
                if not future.done():
                    future.set_result(outcome)
