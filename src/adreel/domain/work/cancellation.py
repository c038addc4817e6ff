"""Cancellation of work that runs in threads. A thread cannot be killed: it checks a token before every frame."""

from __future__ import annotations

import threading

from adreel.domain.errors import CancelledError


class CancellationToken:
    """Requests that work stops. All methods may be called from any thread, often; `check` costs next to nothing."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Makes every later `check` raise CancelledError; there is no way back."""
        self._cancelled.set()

    def check(self) -> None:
        """Raises CancelledError after `cancel`."""
        if self._cancelled.is_set():
            raise CancelledError("stopped")
