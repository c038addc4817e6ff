"""Limits concurrent work in this process, fairly among users: for work that users may request without limit."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adreel.domain.errors import BusyError
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.domain.work.processor_shares import ProcessorShares

_RETRY_SECONDS = 2
_USERS = 8
"""The queue holds the full share of this many users, so that one user never fills it."""


class ConcurrencyLimiter:
    """Runs `at_once` blocks, users in turn; `waiting` more may wait for each user, eight times as many for all together. `what`
    names the work in the error, as "small pictures". With a `processor`, up to `at_once` more run for users who
    have none running, and the work of those who have had more of it makes way.
    """

    def __init__(self, what: str, at_once: int, waiting: int, processor: ProcessorShares | None = None) -> None:
        self._what = what
        self._capacity = at_once + waiting * _USERS
        self._share = waiting
        self._places = FairSemaphore(at_once, newcomers=at_once if processor else 0)
        self._processor = processor or ProcessorShares()
        self._inside = 0

    @asynccontextmanager
    async def acquire(self, user_id: str) -> AsyncGenerator[None]:
        """Waits for a turn to run the block. Raises BusyError at once when too many wait, in all or of this user."""
        if self._inside >= self._capacity or self._places.waiting(user_id) >= self._share:
            raise BusyError(f"too many {self._what} are being made; try again in a moment", _RETRY_SECONDS)
        self._inside += 1
        try:
            async with self._places.place(user_id), self._processor.short_work(user_id):
                yield
        finally:
            self._inside -= 1
