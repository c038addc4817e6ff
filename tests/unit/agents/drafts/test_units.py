from __future__ import annotations

import asyncio
import threading

import pytest

from adreel.agents.drafts.cache import Recent
from adreel.agents.drafts.units import Crew, Unit
from adreel.domain.errors import PhotoError
from adreel.domain.work.fair_semaphore import FairSemaphore

ALL = 10**6


async def test_what_is_seen_first_is_made_first_once_it_can_be() -> None:
    made: list[str] = []
    first = Unit(0, lambda: made.append("staged 0"))
    units = [
        Unit(90, lambda: made.append("staged 90")),
        first,
        Unit(30, lambda: made.append("part 30"), [first]),
        Unit(0, lambda: made.append("part 0"), [first]),
    ]
    await Crew(units, FairSemaphore(1), "", ALL).run(1)
    assert made == ["staged 0", "part 0", "part 30", "staged 90"]


async def test_a_unit_fails_with_what_it_needs_and_the_others_go_on() -> None:
    def fail() -> int:
        raise PhotoError("no photo")

    broken = Unit(0, fail)
    after, beside = Unit(0, lambda: 1, [broken]), Unit(30, lambda: 2)
    await Crew([broken, after, beside], FairSemaphore(2), "", ALL).run(2)
    assert await beside.outcome() == 2
    with pytest.raises(PhotoError, match="no photo"):
        await after.outcome()


async def test_what_lies_beyond_the_horizon_waits() -> None:
    near, far = Unit(0, lambda: "near"), Unit(60, lambda: "far")
    crew = Crew([near, far], FairSemaphore(1), "", 30)
    running = asyncio.create_task(crew.run(2))
    assert await near.outcome() == "near"
    await asyncio.sleep(0)
    assert not far.has_ended
    crew.advance(90)
    assert await far.outcome() == "far"
    await running


async def test_a_cancelled_crew_ends_with_its_threads() -> None:
    begun, let_go = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        let_go.wait()

    slots = FairSemaphore(1)
    later = Unit(1, lambda: None)
    running = asyncio.create_task(Crew([Unit(0, work), later], slots, "", ALL).run(1))
    await asyncio.to_thread(begun.wait)
    running.cancel()
    let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not later.has_ended
    async with slots:
        pass


def test_the_cache_keeps_what_was_used_last_up_to_its_size() -> None:
    kept: Recent[str] = Recent(6, len)
    for text in ("aaa", "bbb"):
        kept.keep(text[0], text)
    assert kept.find("a") == "aaa"
    kept.keep("c", "ccc")
    assert [kept.find(key) for key in "abc"] == ["aaa", None, "ccc"]
