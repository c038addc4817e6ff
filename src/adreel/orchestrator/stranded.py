"""Finds and resumes workflows that were begun and that nothing runs any more, although their process is alive."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from adreel.domain.errors import AdreelError

_log = logging.getLogger(__name__)
_LONGEST_SECONDS = 300.0
_REMEMBERED_SECONDS = 3600.0


class Resuming(Protocol):
    """The engine of this process."""

    async def stranded(self) -> frozenset[str]: ...

    async def resume(self, workflow_ids: Collection[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class _Resumed:
    times: int
    at: float


class StrandedWork:
    """A workflow is stranded when its step or its end could not be stored: the disk was full, the database away.

    A workflow that every poll finds for `patience_seconds` returns to its queue, provided that `check` passes (of the disk's
    free space, for example): else the same would happen again. The same workflow waits twice as long the next time. The engine
    limits how often it is resumed, and counts each time as a recovery.
    """

    def __init__(
        self,
        engine: Resuming,
        check: Callable[[], Awaitable[None]],
        *,
        every_seconds: float = 5.0,
        patience_seconds: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._check = check
        self._every_seconds = every_seconds
        self._patience_seconds = patience_seconds
        self._monotonic = monotonic
        self._since: dict[str, float] = {}
        self._resumed: dict[str, _Resumed] = {}

    async def run(self) -> None:
        """Polls every `every_seconds`, until cancelled."""
        while True:
            try:
                await self.poll()
            except AdreelError as error:
                _log.warning("stranded work cannot be resumed now, trying again: %s", error)
            await asyncio.sleep(self._every_seconds)

    async def poll(self) -> int:
        """Polls once. Returns how many workflows were resumed. Raises AdreelError."""
        found = await self._engine.stranded()
        now = self._monotonic()
        self._since = {one: self._since.get(one, now) for one in found}
        self._resumed = {one: last for one, last in self._resumed.items() if now - last.at < _REMEMBERED_SECONDS}
        due = [one for one, since in self._since.items() if now - since >= self._patience_for(one)]
        if not due:
            return 0
        await self._check()
        await self._engine.resume(due)
        for one in due:
            del self._since[one]
            self._resumed[one] = _Resumed(self._times(one) + 1, now)
        _log.warning("%d workflows were stranded; they are resumed", len(due))
        return len(due)

    def _patience_for(self, workflow_id: str) -> float:
        return min(_LONGEST_SECONDS, self._patience_seconds * 2.0 ** self._times(workflow_id))

    def _times(self, workflow_id: str) -> int:
        last = self._resumed.get(workflow_id)
        return 0 if last is None else last.times
