from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from adreel.domain.errors import StorageError
from adreel.orchestrator.flows.heartbeat import Pace, beating

PACE = Pace(apart=0, quiet=4.0)
"""The clock decides what is quiet."""


@dataclass
class Work:
    """A Pulse by a clock of its own; each look lets a second pass."""

    now: float = 0.0
    stage: str = "waiting"
    fails: bool = False
    published: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    def clock(self) -> float:
        return self.now

    def state(self) -> str:
        return self.stage

    async def publish(self) -> None:
        self.published.append((self.now, self.stage))
        if self.fails:
            raise StorageError("the database is away")

    async def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            for _ in range(10):
                await asyncio.sleep(0)


async def test_an_event_comes_when_nothing_has_changed_for_a_while() -> None:
    work = Work()
    async with beating(work, PACE, work.clock):
        await work.wait(10)
    assert work.published == [(4, "waiting"), (8, "waiting")]


async def test_a_change_is_published_soon_and_once() -> None:
    work = Work()
    async with beating(work, PACE, work.clock):
        await work.wait(1)
        work.stage = "making"
        await work.wait(5)
    assert work.published == [(2, "making"), (6, "making")]


async def test_a_failure_to_publish_stops_nothing() -> None:
    work = Work(fails=True)
    async with beating(work, PACE, work.clock):
        await work.wait(9)
    assert [at for at, _ in work.published] == [4, 8]


async def test_nothing_is_published_after_the_end() -> None:
    work = Work()
    async with beating(work, PACE, work.clock):
        await work.wait(1)
    await work.wait(10)
    assert work.published == []
