"""Waits for the ends of workflows: one query at a time for all waiters of this process."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from adreel.domain.errors import AdreelError
from adreel.orchestrator.engine.client import DurableClient, Outcome

_SHORTEST = 0.005
"""Minimum seconds between two queries."""

_SOON = 1.0
"""Seconds of more frequent polls for a workflow that has just ended in this process: its outcome is being stored."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Wait:
    """A waiter for the ends of several workflows."""

    open: set[str]
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, outcomes: Mapping[str, Outcome]) -> None:
        for workflow_id in self.open & outcomes.keys():
            self.outcomes[workflow_id] = outcomes[workflow_id]
            self.open.remove(workflow_id)
        if not self.open:
            self.over.set()


class OutcomePoller:
    """Polls every `poll_seconds` while there are waiters."""

    def __init__(self, client: DurableClient, poll_seconds: float) -> None:
        self.client = client
        self._poll_seconds = poll_seconds
        self._waits: list[_Wait] = []
        self._expected: dict[str, float] = {}
        self._poller: asyncio.Task[None] | None = None
        self._more = asyncio.Event()

    def expect(self, workflow_id: str) -> None:
        """Announces that a flow has ended in this process and its outcome is being stored: waiters for it alone are polled for
        more often."""
        if any(workflow_id in wait.open for wait in self._waits):
            self._expected[workflow_id] = time.monotonic() + _SOON
            if self._is_soon():
                self._more.set()

    async def outcomes(self, workflow_ids: Sequence[str]) -> list[Outcome]:
        """Waits until the workflows are over, without a time limit."""
        wait = _Wait(set(workflow_ids))
        self._waits.append(wait)
        self._more.set()
        if self._poller is None or self._poller.done():
            # An empty context, so that the engine does not attribute the queries to the waiting step.
            self._poller = asyncio.create_task(self._poll(), context=contextvars.Context())
        try:
            await wait.over.wait()
            return [wait.outcomes[workflow_id] for workflow_id in workflow_ids]
        finally:
            self._leave(wait)

    async def close(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    def _leave(self, wait: _Wait) -> None:
        self._waits.remove(wait)
        for workflow_id in self._expected.keys() - self._open():
            del self._expected[workflow_id]

    def _open(self) -> set[str]:
        return set[str]().union(*(wait.open for wait in self._waits))

    async def _poll(self) -> None:
        while self._waits:
            self._more.clear()
            try:
                outcomes = await self.client.outcomes(self._open())
            except AdreelError as error:
                _log.warning("cannot see whether work is done, trying again: %s", error)
            else:
                for wait in self._waits:
                    wait.take(outcomes)
            await self._rest()

    async def _rest(self) -> None:
        """Pauses between two polls. A new waiter ends the pause: its workflows may be over already."""
        await asyncio.sleep(_SHORTEST)
        if not self._is_soon():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await self._more.wait()

    def _is_soon(self) -> bool:
        """Whether a waiter's open workflows are all expected to end now."""
        now = time.monotonic()
        return any(wait.open and all(self._expected.get(one, 0.0) > now for one in wait.open) for wait in self._waits)
