"""Slows down guessing: failed logins are counted for each account and each address they come from."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from adreel.domain.errors import BusyError

WINDOW_SECONDS = 15 * 60
PER_ACCOUNT = 5
PER_CLIENT = 30
"""Failures within the window after which further tries are refused unheard."""

_REMEMBERED = 10_000
"""Accounts and clients that are counted at most; the ones longest untouched are forgotten first."""


class LoginLimiter:
    """Counts in this process: behind several API processes the limits are as many times as high."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def check(self, email: str, client: str) -> None:
        """Raises BusyError, which says how long to wait, after too many failures."""
        for key, limit in ((_account(email), PER_ACCOUNT), (_client(client), PER_CLIENT)):
            recent = self._recent(key)
            if len(recent) >= limit:
                wait = math.ceil(recent[-limit] + WINDOW_SECONDS - self._clock())
                raise BusyError(f"too many failed logins; try again in {wait} seconds", max(wait, 1))

    def failed(self, email: str, client: str) -> None:
        for key in (_account(email), _client(client)):
            self._failures[key] = [*self._recent(key), self._clock()]
            self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, email: str) -> None:
        """A person who knows the password is let off; the address stays counted."""
        self._failures.pop(_account(email), None)

    def _recent(self, key: str) -> list[float]:
        oldest = self._clock() - WINDOW_SECONDS
        return [moment for moment in self._failures.get(key, []) if moment > oldest]


def _account(email: str) -> str:
    return f"account {email}"


def _client(client: str) -> str:
    return f"client {client}"
