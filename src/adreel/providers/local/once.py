"""What is made when it is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Something made when it is first asked for, and once, also when several threads want it at the same time.

    After a failure, which whoever asked is told, the next one to ask has it tried again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._lock = threading.Lock()
        self._make: Callable[[], T] | None = make
        self._made: list[T] = []

    def __call__(self) -> T:
        with self._lock:
            if self._make is not None:
                self._made.append(self._make())
                # With it goes what it was made of.
                self._make = None
            return self._made[0]
