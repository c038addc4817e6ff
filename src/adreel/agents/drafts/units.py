"""Work for a film in its order: of everything that can be done now, what is seen first is done first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from adreel.agents.agent import to_its_end
from adreel.domain.work.fair_semaphore import FairSemaphore

T = TypeVar("T")


class Unit(Generic[T]):
    """Work, done in a thread after `needs`, for the film's frames from `place` on. Its result, or its error, is kept."""

    def __init__(self, place: int, work: Callable[[], T], needs: Sequence[Unit[Any]] = ()) -> None:
        self.place = place
        self.needs = tuple(needs)
        self._work = work
        self._ended = asyncio.Event()
        self._results: list[T] = []
        self._error: Exception | None = None

    @classmethod
    def of(cls, place: int, result: T) -> Unit[T]:
        """A unit that has been done."""
        made = cls(place, lambda: result)
        made._results.append(result)
        made._ended.set()
        return made

    @property
    def is_ready(self) -> bool:
        """Whether all that it needs has ended."""
        return all(need.has_ended for need in self.needs)

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    @property
    def result(self) -> T:
        """Of a unit that has ended. Raises its error."""
        if self._error is not None:
            raise self._error
        return self._results[0]

    async def outcome(self) -> T:
        """Waits for the result. Raises the unit's error."""
        await self._ended.wait()
        return self.result

    async def run(self) -> None:
        """Does the work; a cancellation takes effect when its thread has ended. A unit whose needs failed fails as they did."""
        try:
            for need in self.needs:
                _ = need.result
            self._results.append(await to_its_end(asyncio.to_thread(self._work)))
        except Exception as error:  # noqa: BLE001 (raised where the result is used)
            self._error = error
        self._ended.set()


class Crew:
    """Does the units of one film, a few at a time. `slots` are those of this machine's cores, shared fairly with the films of
    other users."""

    def __init__(self, units: Sequence[Unit[Any]], slots: FairSemaphore, user_id: str, horizon: int) -> None:
        """Units from `horizon` on wait for `advance`, so that a film that is not watched is not drawn to its end."""
        self._waiting = sorted(units, key=lambda unit: unit.place)
        self._slots = slots
        self._user_id = user_id
        self._horizon = horizon
        self._changed = asyncio.Event()

    async def run(self, at_once: int) -> None:
        """Returns when every unit has ended."""
        await asyncio.gather(*(self._work() for _ in range(at_once)))

    def advance(self, horizon: int) -> None:
        self._horizon = horizon
        self._changed.set()

    async def _work(self) -> None:
        while self._waiting:
            if self._next() is None:
                self._changed.clear()
                await self._changed.wait()
                continue
            async with self._slots.place(self._user_id):
                # While the slot was waited for, an earlier one may have become ready.
                unit = self._next()
                if unit is not None:
                    self._waiting.remove(unit)
                    await unit.run()
            self._changed.set()

    def _next(self) -> Unit[Any] | None:
        return next((unit for unit in self._waiting if unit.place < self._horizon and unit.is_ready), None)
