"""Rate limit for attempts: a burst at once, then one attempt per interval. Pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` attempts at once, and one more after each interval `every`.

    The only state is `spent_until`, the time when all spent attempts are available again (GCRA, the generic cell rate algorithm
    of ITU-T I.371). A refused attempt spends nothing, so retrying does not lengthen the wait.
    """

    burst: int
    every: timedelta

    def wait(self, spent_until: datetime, now: datetime) -> timedelta:
        """Time until the next attempt is allowed; zero if it is allowed now."""
        return max(self._known(spent_until, now) - (self.burst - 1) * self.every - now, timedelta(0))

    def spend(self, spent_until: datetime, now: datetime) -> datetime:
        """Returns the new `spent_until` after one more attempt."""
        return max(self._known(spent_until, now), now) + self.every

    def give_back(self, spent_until: datetime) -> datetime:
        """Returns the new `spent_until` after refunding an attempt that turned out not to be a guess."""
        return spent_until - self.every

    def _known(self, spent_until: datetime, now: datetime) -> datetime:
        # Further ahead than the whole burst: the clock ran ahead when the value was stored.
        return min(spent_until, now + self.burst * self.every)


def in_words(seconds: float) -> str:
    """Formats a duration as ``1 second``, ``40 seconds``, ``3 minutes`` or ``2 hours``, rounded up."""
    if seconds < _MINUTE:
        return _counted(max(1, math.ceil(seconds)), "second")
    if seconds < _HOUR:
        return _counted(math.ceil(seconds / _MINUTE), "minute")
    return _counted(math.ceil(seconds / _HOUR), "hour")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
