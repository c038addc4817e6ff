"""A provider's own time, from its answers: the only clock that its other times (``created_at``) may be compared with."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from adreel.domain.errors import GenerationError

_PAUSE = 60.0


class ProviderTime:
    """The header Date of the latest answer, carried on by a monotonic clock: this machine's own time is never looked at.

    It is behind the provider's clock by the answer's way and up to a second, and by as long as this machine was suspended;
    never ahead.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: tuple[datetime, float] | None = None

    def observe(self, date: str | None) -> None:
        """Takes the header Date (RFC 9110) of an answer that came just now. One that cannot be read says nothing."""
        try:
            moment = parsedate_to_datetime(date) if date else None
        except (TypeError, ValueError):
            return
        if moment is not None:
            self._last = (moment if moment.tzinfo else moment.replace(tzinfo=UTC), self._clock())

    def now(self) -> datetime | None:
        """None before the first answer with a date."""
        if self._last is None:
            return None
        moment, since = self._last
        return moment + timedelta(seconds=self._clock() - since)


class AskedTime:
    """A provider's time for a process that may have had no answer yet: then `ask` gets one, once in `pause` seconds at most.

    `ask` is any call to the provider. `local` serves where the provider does not answer or sends no Date.
    """

    def __init__(
        self,
        observed: ProviderTime,
        ask: Callable[[], Awaitable[object]],
        local: Callable[[], datetime],
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: float = _PAUSE,
    ) -> None:
        self._observed = observed
        self._ask = ask
        self._local = local
        self._clock = clock
        self._pause = pause
        self._asked = float("-inf")

    async def now(self) -> datetime:
        if self._observed.now() is None and self._clock() - self._asked > self._pause:
            self._asked = self._clock()
            with suppress(GenerationError):
                await self._ask()
        return self._observed.now() or self._local()
