"""How long a provider is asked again before an order is sent: one that does not answer, and one that asks to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adreel.billing.timeouts import Timeouts
from adreel.domain.errors import ThrottledError, UnavailableError
from adreel.domain.providers import Vendor

_LONGEST_PAUSE = 30.0
"""Seconds: a provider that answers again is noticed soon."""

_SHORTEST_LOOK = 0.1


@dataclass(slots=True)
class Patience:
    """The waits for one order. `monotonic` gives seconds that never go back."""

    timeouts: Timeouts
    monotonic: Callable[[], float]
    began: float = field(init=False)
    waited: float = 0.0
    last: str = ""

    def __post_init__(self) -> None:
        self.began = self.monotonic()

    async def checked(self, vendor: Vendor[Any], model: str) -> None:
        """Checks the model at its provider, which buys nothing. Raises UnavailableError also when the time is over."""
        left = max(_SHORTEST_LOOK, self.timeouts.unreachable - self._elapsed)
        try:
            async with asyncio.timeout(left):
                await vendor.check(model)
        except TimeoutError as error:
            raise UnavailableError(self.last or f"the provider {vendor.name} does not answer") from error

    def pause(self, error: ThrottledError | UnavailableError) -> float:
        """Seconds until the next attempt: as the provider asks, or longer each time."""
        usual = min(_LONGEST_PAUSE, max(1.0, self.waited))
        pause = error.retry_after if isinstance(error, ThrottledError) else usual
        self.waited, self.last = self.waited + pause, str(error)
        return pause

    def exhausted(self, error: ThrottledError | UnavailableError) -> ThrottledError | UnavailableError | None:
        """The error with which to give up after `error`; None while there is time left."""
        if isinstance(error, ThrottledError):
            return error if self.waited + error.retry_after > self.timeouts.throttled else None
        if max(self._elapsed, self.waited) < self.timeouts.unreachable:
            return None
        minutes = self.timeouts.unreachable / 60
        return UnavailableError(
            f"{error}; it was asked again for {minutes:.0f} minutes, and nothing was ordered: check the address and "
            "the connection, then try again"
        )

    @property
    def _elapsed(self) -> float:
        return self.monotonic() - self.began
