"""A semaphore that serves waiting users round-robin, and the context variable that names the acting user of a task."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from types import TracebackType

from adreel.domain.work.fairness import RoundRobin

_acting: ContextVar[str] = ContextVar("acting_user", default="")


@contextmanager
def acting_for(user_id: str) -> Generator[None]:
    """Sets the acting user within the block, for low-level code that gets no user, such as a concurrency limit."""
    token = _acting.set(user_id)
    try:
        yield
    finally:
        _acting.reset(token)


def acting_user() -> str:
    """Returns the user of the innermost enclosing `acting_for`; empty outside of any."""
    return _acting.get()


class FairSemaphore:
    """Allows `at_once` holders and serves waiting users round-robin. For one event loop.

    Up to `newcomers` more may be held by users who hold none: they do not wait for the end of others' work.
    ``async with semaphore`` acquires a slot for no particular user.
    """

    def __init__(self, at_once: int, newcomers: int = 0) -> None:
        self._at_once = at_once
        self._newcomers = newcomers
        self._held: Counter[str] = Counter()
        self._waiting: RoundRobin[asyncio.Future[None]] = RoundRobin()

    @asynccontextmanager
    async def place(self, user_id: str) -> AsyncGenerator[None]:
        """Holds a slot for the duration of the block."""
        await self._acquire(user_id)
        try:
            yield
        finally:
            self._release(user_id)

    def waiting(self, user_id: str) -> int:
        """Number of a user's waiters."""
        return self._waiting.count(user_id)

    async def __aenter__(self) -> None:
        await self._acquire("")

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._release("")

    def _may_go(self, user_id: str) -> bool:
        taken = self._held.total()
        return taken < self._at_once or (taken < self._at_once + self._newcomers and not self._held[user_id])

    async def _acquire(self, user_id: str) -> None:
        if self._may_go(user_id):
            self._held[user_id] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.add(user_id, turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(user_id, turn)
            raise

    def _give_up(self, user_id: str, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            # The slot was assigned just before the cancellation: pass it to the next waiter.
            self._release(user_id)
        else:
            self._waiting.discard(user_id, turn)

    def _release(self, user_id: str) -> None:
        self._held[user_id] -= 1
        if not self._held[user_id]:
            del self._held[user_id]
        while (found := self._waiting.take(self._may_go)) is not None:
            user, turn = found
            if not turn.done():
                self._held[user] += 1
                turn.set_result(None)
                return
