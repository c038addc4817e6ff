"""Limits concurrent work by the memory it needs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager


class MemoryBudget:
    """`total` bytes shared by several threads. First in, first out: small requests cannot starve a large one.

    Several requests at a time get no more than `shared` bytes in all; a request for more waits until it is alone.
    """

    def __init__(self, total: int, shared: int | None = None) -> None:
        self.total = total
        self._shared = total if shared is None else shared
        self._used = 0
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def reserved(self, needed: int) -> Generator[None]:
        """Waits for `needed` bytes and reserves them for the block. Blocks: call it from a worker thread.

        Raises MemoryError immediately for more than `total`, which would never be free.
        """
        if needed > self.total:
            raise MemoryError(f"{needed} bytes are more than the budget of {self.total}")
        self._wait(needed)
        try:
            yield
        finally:
            with self._changed:
                self._used -= needed
                self._changed.notify_all()

    def _wait(self, needed: int) -> None:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._queue[0] is ticket and self._has(needed))
                self._used += needed
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _has(self, needed: int) -> bool:
        return self._used == 0 or self._used + needed <= self._shared
