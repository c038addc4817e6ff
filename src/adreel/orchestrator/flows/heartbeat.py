"""Publishes events while work waits for something else: soon after its state has changed, and regularly while it has not."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from adreel.domain.errors import AdreelError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. `apart`: between two events at least, and from one look to the next. `quiet`: when nothing has changed, the next
    event comes at the first look after this time: within `quiet` plus `apart`.
    """

    apart: float = 1.0
    quiet: float = 3.0


class Pulse(Protocol):
    """What a heartbeat publishes."""

    def state(self) -> Hashable:
        """A value that differs when there is something new to publish."""
        ...

    async def publish(self) -> None:
        """May raise AdreelError."""
        ...


class Heartbeat:
    """Publishes between `start` and `stop`. The state at the start counts as published; an AdreelError of `pulse` stops nothing.

    `clock` gives seconds that never go back.
    """

    def __init__(self, pulse: Pulse, pace: Pace, clock: Callable[[], float]) -> None:
        self._pulse = pulse
        self._pace = pace
        self._clock = clock
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(self._pulse.state(), self._clock()))

    async def stop(self) -> None:
        """Waits for an event that is being published: cancelled, it might be half published."""
        self._ended.set()
        if self._task is not None:
            await self._task

    async def _run(self, said: Hashable, at: float) -> None:
        while not await self._ends_within(self._pace.apart):
            if self._pulse.state() == said and self._clock() - at < self._pace.quiet:
                continue
            said, at = self._pulse.state(), self._clock()
            try:
                await self._pulse.publish()
            except AdreelError as error:
                _log.warning("progress was not published: %s", error)

    async def _ends_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._ended.wait()
        return False


@asynccontextmanager
async def beating(pulse: Pulse, pace: Pace, clock: Callable[[], float]) -> AsyncGenerator[None]:
    """Publishes during the block, as `Heartbeat`."""
    heart = Heartbeat(pulse, pace, clock)
    heart.start()
    try:
        yield
    finally:
        await heart.stop()
