"""A few at a time, and not too many waiting: for work that anybody may ask for as often as they like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adreel.domain.errors import BusyError

_RETRY_SECONDS = 2


class Turns:
    """`at_once` are let in, `waiting` more may wait. `what` names the work in the error: "small pictures"."""

    def __init__(self, what: str, at_once: int, waiting: int) -> None:
        self._what = what
        self._most = at_once + waiting
        self._free = asyncio.Semaphore(at_once)
        self._there = 0

    @asynccontextmanager
    async def take(self) -> AsyncGenerator[None]:
        """The block is one turn. Raises BusyError at once when too many wait."""
        if self._there >= self._most:
            raise BusyError(f"too many {self._what} are being made; try again in a moment", _RETRY_SECONDS)
        self._there += 1
        try:
            async with self._free:
                yield
        finally:
            self._there -= 1
