"""Keeps calls under a provider's limits, so that they are not refused in the first place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adreel.domain.work.fair_semaphore import FairSemaphore, acting_user

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls per minute, and how many may come at once after a pause."""

    per_minute: float
    burst: int


class TokenBucket:
    """Lets calls through at a rate, those of users in turn, see `acting_for`. For one event loop."""

    def __init__(self, rate: Rate, clock: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        """`clock` gives seconds that never go back, as ``time.monotonic``."""
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(rate.burst)
        self._since = clock()
        self._turn = FairSemaphore(1)

    async def take(self) -> None:
        """Waits until one more call is allowed."""
        async with self._turn.place(acting_user()):
            while (wait := self._wait()) > 0:
                await self._sleep(wait)
            self._tokens -= 1

    def pause(self, seconds: float) -> None:
        """Lets nothing through for so long: the provider asked for it."""
        self._refill()
        per_second = self._rate.per_minute / 60
        self._tokens = min(self._tokens, 1 - seconds * per_second)

    def _wait(self) -> float:
        self._refill()
        return max(0.0, (1 - self._tokens) * 60 / self._rate.per_minute)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(float(self._rate.burst), self._tokens + (now - self._since) * self._rate.per_minute / 60)
        self._since = now
