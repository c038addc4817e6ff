"""What drafts keep in memory: coded parts, so that an edit makes only its own again, and prepared shots."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The most recently used values by their key, up to a total size. Thread-safe."""

    def __init__(self, limit: int, size_of: Callable[[T], int]) -> None:
        self._limit = limit
        self._size_of = size_of
        self._lock = threading.Lock()
        self._values: OrderedDict[str, T] = OrderedDict()
        self._total = 0

    def find(self, key: str) -> T | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def keep(self, key: str, value: T) -> T:
        """Keeps a value and returns it."""
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._total += self._size_of(value)
            while self._total > self._limit:
                self._total -= self._size_of(self._values.popitem(last=False)[1])
        return value
