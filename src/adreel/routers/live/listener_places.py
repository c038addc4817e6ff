"""Limits on WebSockets in this process: per user and in total."""

from __future__ import annotations

from collections import Counter

TOO_MANY, FULL = 4429, 1013
"""Close codes: the user's limit (4429, after HTTP's 429); the total, "try again later" (1013, IANA WebSocket close codes)."""


class ListenerPlaces:
    def __init__(self, per_user: int, in_all: int) -> None:
        self._per_user = per_user
        self._in_all = in_all
        self._open: Counter[str] = Counter()

    def refusal(self, user_id: str) -> tuple[int, str] | None:
        """The close code and reason for one more WebSocket of this user; None when there is room."""
        if self._open[user_id] >= self._per_user:
            return TOO_MANY, f"{self._per_user} connections follow sessions for you already; close some"
        if self._open.total() >= self._in_all:
            return FULL, "too many connections follow sessions here; try again later"
        return None

    def take(self, user_id: str) -> None:
        self._open[user_id] += 1

    def leave(self, user_id: str) -> None:
        self._open[user_id] -= 1
        if not self._open[user_id]:
            del self._open[user_id]
