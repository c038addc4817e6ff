"""Limits how many passwords are verified or queued at once in this process: each costs a tenth of a second and 64 MB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from adreel.domain.errors import BusyError
from adreel.services.accounts.login_budgets import Attempt

SEATS = 16
"""Seats for unknown devices: a second or two of work."""

KNOWN_SEATS = 8
"""Additional seats for devices on which the account has logged in before: strangers cannot take them."""

PER_CLIENT = 8
"""Seats of one address. More than one account's budget there, so that guessing at one account delays no other."""

_RETRY_SECONDS = 2


class LoginGate:
    """Never waits: an attempt without a free seat is rejected and may be repeated."""

    def __init__(self, seats: int = SEATS, known_seats: int = KNOWN_SEATS, per_client: int = PER_CLIENT) -> None:
        self._limits = {False: seats, True: known_seats}
        self._per_client = per_client
        self._taken: Counter[bool] = Counter()
        self._clients: Counter[str] = Counter()

    def check(self, attempt: Attempt) -> None:
        """Raises BusyError when all seats, or all of this client, are taken."""
        is_full = self._taken[attempt.is_known] >= self._limits[attempt.is_known]
        if is_full or (not attempt.is_known and self._clients[attempt.client_group] >= self._per_client):
            raise BusyError("many people are logging in at this moment; try again in a few seconds", _RETRY_SECONDS)

    @contextmanager
    def entered(self, attempt: Attempt) -> Generator[None]:
        """Takes a seat for the block. Raises BusyError."""
        self.check(attempt)
        self._count(attempt, 1)
        try:
            yield
        finally:
            self._count(attempt, -1)

    def _count(self, attempt: Attempt, change: int) -> None:
        self._taken[attempt.is_known] += change
        if not attempt.is_known:
            self._clients[attempt.client_group] += change
            # Drops zero counts, or every address would be kept for good.
            self._clients += Counter()
