from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from adreel.domain.errors import NoSpaceError
from adreel.orchestrator.stranded import StrandedWork


@dataclass
class Engine:
    """An engine in which some workflows are stranded."""

    left: set[str]
    resumed: list[str] = field(default_factory=list[str])
    stays: bool = False
    now: float = 0.0
    full: bool = False

    async def stranded(self) -> frozenset[str]:
        return frozenset(self.left)

    async def resume(self, workflow_ids: Collection[str]) -> None:
        self.resumed += workflow_ids
        if not self.stays:
            self.left -= set(workflow_ids)

    async def check(self) -> None:
        if self.full:
            raise NoSpaceError("full")


def watch(engine: Engine) -> StrandedWork:
    return StrandedWork(engine, engine.check, patience_seconds=10, monotonic=lambda: engine.now)


async def test_what_is_seen_for_long_enough_is_resumed_once() -> None:
    engine = Engine({"a"})
    work = watch(engine)
    assert await work.poll() == 0
    engine.now = 9
    assert await work.poll() == 0
    engine.now = 10
    assert await work.poll() == 1
    engine.now = 100
    assert await work.poll() == 0
    assert engine.resumed == ["a"]


async def test_what_was_only_just_beginning_or_ending_is_left_alone() -> None:
    engine = Engine({"a"})
    work = watch(engine)
    await work.poll()
    engine.left, engine.now = set(), 6
    await work.poll()
    engine.left, engine.now = {"a"}, 12
    assert await work.poll() == 0
    engine.now = 21
    assert await work.poll() == 0


async def test_nothing_is_resumed_while_there_is_no_room_and_no_attempt_is_spent() -> None:
    engine = Engine({"a", "b"}, full=True)
    work = watch(engine)
    await work.poll()
    for engine.now in (10.0, 20.0, 30.0):
        with pytest.raises(NoSpaceError):
            await work.poll()
    engine.full = False
    assert await work.poll() == 2
    assert sorted(engine.resumed) == ["a", "b"]


async def test_what_strands_again_and_again_waits_longer_each_time() -> None:
    engine = Engine({"a"}, stays=True)
    work = watch(engine)
    times: list[float] = []
    for second in range(400):
        engine.now = float(second)
        if await work.poll():
            times.append(engine.now)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == 10
    assert gaps == sorted(gaps)
    assert len(times) < 7
