"""Returns freed memory that the C library keeps (decision 0138). Does nothing in processes that adreel does not tune."""

from __future__ import annotations

from collections.abc import Callable


class FreedMemory:
    """What malloc keeps of freed memory: with one arena and large thresholds (decision 0037), up to 256 MiB and all gaps."""

    def __init__(self) -> None:
        self._trim: Callable[[int], int] | None = None

    def is_kept(self, trim: Callable[[int], int]) -> None:
        """Says that this process keeps freed memory, which `trim` (malloc_trim of the GNU C library) returns."""
        self._trim = trim

    def give_back(self) -> None:
        """Returns freed memory to the system, in about 10 ms. Thread-safe.

        Call it where much was freed and what follows allocates anew: the new blocks rarely fit the old gaps.
        """
        if self._trim is not None:
            self._trim(0)


FREED = FreedMemory()
"""That of this process."""
