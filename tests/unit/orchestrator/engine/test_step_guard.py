from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import pytest

from adreel.domain.errors import KilledError, MachineError, RenderError, StorageError
from adreel.orchestrator.engine.step_guard import CountingGuard


@dataclass
class Memory:
    """Attempts that outlive a process."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    is_away: bool = False

    async def begin(self, workflow_id: str, step: str) -> int:
        self.counts[workflow_id, step] += 1
        return self.counts[workflow_id, step]

    async def take_back(self, workflow_id: str, step: str) -> None:
        self.counts[workflow_id, step] -= 1

    async def end(self, workflow_id: str, step: str) -> None:
        if self.is_away:
            raise StorageError("away")
        del self.counts[workflow_id, step]

    def died(self, workflow_id: str, times: int = 1) -> None:
        """What a process that died in the step leaves."""
        self.counts[workflow_id, "draw"] += times


@dataclass
class Process:
    memory: Memory = field(default_factory=Memory)
    inside: list[str] = field(default_factory=list[str])
    most: int = 0

    def __post_init__(self) -> None:
        self.guard = CountingGuard(self.memory)

    async def work(self, workflow_id: str, go: asyncio.Event | None = None, *, heavy: bool = True) -> None:
        async with self.guard.section(workflow_id, "draw", heavy=heavy):
            self.inside.append(workflow_id)
            self.most = max(self.most, len(self.inside))
            await (go.wait() if go else asyncio.sleep(0))
            self.inside.remove(workflow_id)

    def begin(self, workflow_id: str, go: asyncio.Event, *, heavy: bool = True) -> asyncio.Task[None]:
        return asyncio.create_task(self.work(workflow_id, go, heavy=heavy))


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_steps_that_never_died_run_beside_each_other_and_leave_nothing() -> None:
    process, go = Process(), asyncio.Event()
    tasks = [process.begin(one, go) for one in "abc"]
    await settled()
    assert sorted(process.inside) == ["a", "b", "c"]
    go.set()
    await asyncio.gather(*tasks)
    assert not process.memory.counts


async def test_one_that_died_runs_alone_and_those_after_it_wait() -> None:
    process, go = Process(), asyncio.Event()
    process.memory.died("b")
    first = process.begin("a", go)
    await settled()
    second = process.begin("b", go)
    await settled()
    third = process.begin("c", go)
    await settled()
    assert process.inside == ["a"]
    go.set()
    await asyncio.gather(first, second, third)
    assert process.most == 1


async def test_who_waits_to_run_alone_is_not_blamed_for_a_death_meanwhile() -> None:
    process, never = Process(), asyncio.Event()
    for one in "ab":
        process.memory.died(one)
    tasks = [process.begin(one, never) for one in "ab"]
    await settled()
    assert process.inside == ["a"]
    # The process dies now: the second is blamed for the first death only.
    assert process.memory.counts == {("a", "draw"): 2, ("b", "draw"): 1}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_after_three_deaths_a_step_is_not_begun_and_is_forgotten() -> None:
    process = Process()
    process.memory.died("a", times=2)
    await process.work("a")
    process.memory.died("a", times=3)
    with pytest.raises(KilledError, match="3 times"):
        await process.work("a")
    assert not process.memory.counts
    await process.work("a")


async def test_light_steps_are_counted_but_do_not_wait() -> None:
    process, go = Process(), asyncio.Event()
    heavy = process.begin("a", go)
    process.memory.died("b")
    await settled()
    await asyncio.wait_for(process.work("b", heavy=False), 5)
    process.memory.died("b", times=3)
    with pytest.raises(KilledError):
        await process.work("b", heavy=False)
    go.set()
    await heavy


async def test_an_error_ends_a_step_and_a_killed_tool_counts_as_a_death() -> None:
    process = Process()
    for error, left in ((RenderError("x"), 0), (asyncio.CancelledError(), 0), (MachineError("killed"), 1)):
        with pytest.raises(type(error)):
            async with process.guard.section("a", "draw", heavy=True):
                raise error
        assert process.memory.counts["a", "draw"] == left


async def test_an_end_that_cannot_be_noted_does_not_fail_the_step() -> None:
    process = Process()
    process.memory.is_away = True
    await process.work("a")
    assert process.inside == []
