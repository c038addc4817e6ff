"""The stand-in's own time, which can be moved forward, run faster, and differ from the clocks of others."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """Seconds since the epoch as the stand-in sees them.

    Once begun it goes by `ticks`, not by the wall clock: on a machine whose time is set back, jobs would take that much longer.
    `skew` is added to every time that is shown (``created_at``, the Date header, a webhook's timestamp) and changes nothing
    else: jobs take as long as ever, on a provider whose clock differs from its customers'.
    """

    def __init__(self, ticks: Callable[[], float] = time.monotonic, today: Callable[[], float] = time.time) -> None:
        self._ticks = ticks
        self._today = today
        self.restart()

    def now(self) -> float:
        return self._base + (self._ticks() - self._since) * self._speed

    def shown(self, moment: float) -> float:
        """A moment as the stand-in's clock shows it."""
        return moment + self.skew

    def restart(self) -> None:
        """Back to real time at real speed."""
        self.skew = 0.0
        self._speed = 1.0
        self._base, self._since = self._today(), self._ticks()

    @property
    def speed(self) -> float:
        """Seconds here for each real second."""
        return self._speed

    def change(self, speed: float | None = None, advance: float = 0.0, skew: float | None = None) -> None:
        """Jumps `advance` seconds ahead, and runs at `speed` and differs by `skew` seconds from then on."""
        self._base, self._since = self.now() + advance, self._ticks()
        self._speed = self._speed if speed is None else speed
        self.skew = self.skew if skew is None else skew

    def state(self) -> dict[str, float]:
        return {"base": self._base, "since": self._since, "speed": self._speed, "skew": self.skew}

    def restore(self, state: dict[str, float]) -> None:
        """Goes on as if it had never stopped; since the machine was started again, from where it was."""
        self._base, self._since, self._speed = state["base"], min(state["since"], self._ticks()), state["speed"]
        self.skew = state.get("skew", 0.0)


def rounded(moment: float) -> datetime:
    """A time with the microseconds with which it is written: compared so, nothing is after its own time."""
    return datetime.fromtimestamp(moment, UTC)


def iso(moment: float) -> str:
    """As the API writes times: UTC with microseconds and a Z."""
    return rounded(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")


def http_date(moment: float) -> str:
    """As the header Date has it: whole seconds, RFC 9110."""
    return format_datetime(datetime.fromtimestamp(int(moment), UTC), usegmt=True)
