from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adreel.domain.errors import BusyError
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.services.sessions.concurrency import ConcurrencyLimiter

Work = Callable[[str], Awaitable[None]]


async def test_a_few_work_some_wait_and_the_rest_is_sent_away() -> None:
    turns = ConcurrencyLimiter("cards", 2, 3)
    working, most, go = 0, 0, asyncio.Event()

    async def work() -> None:
        nonlocal working, most
        async with turns.acquire("alice"):
            working += 1
            most = max(most, working)
            await go.wait()
            working -= 1

    tasks = [asyncio.create_task(work()) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="too many cards"):
        await work()
    go.set()
    await asyncio.gather(*tasks)
    assert most == 2


async def test_who_fills_the_room_keeps_no_other_user_out() -> None:
    turns = ConcurrencyLimiter("cards", 1, 2)
    served: list[str] = []
    go = asyncio.Semaphore(0)

    async def work(user: str) -> None:
        async with turns.acquire(user):
            served.append(user)
            await go.acquire()

    tasks = [asyncio.create_task(work("alice")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await work("alice")
    tasks += [asyncio.create_task(work("bob")) for _ in range(2)]
    await asyncio.sleep(0)
    for _ in range(5):
        go.release()
    await asyncio.gather(*tasks)
    assert served == ["alice", "alice", "bob", "alice", "bob"]


async def test_the_room_has_an_end_for_all_users_together() -> None:
    turns = ConcurrencyLimiter("cards", 1, 1)
    go = asyncio.Event()

    async def work(user: str) -> None:
        async with turns.acquire(user):
            await go.wait()

    tasks = [asyncio.create_task(work(str(user))) for user in range(9)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await work("one more")
    go.set()
    await asyncio.gather(*tasks)


async def test_who_gives_up_leaves_the_place_to_others() -> None:
    turns = ConcurrencyLimiter("cards", 1, 1)
    go = asyncio.Event()

    async def work() -> None:
        async with turns.acquire("alice"):
            await go.wait()

    first, second = asyncio.create_task(work()), asyncio.create_task(work())
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    third = asyncio.create_task(work())
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(first, third)


async def test_a_place_that_was_given_to_who_has_just_given_up_goes_on() -> None:
    places = FairSemaphore(1)
    entered: list[str] = []

    async def work(user: str) -> None:
        async with places.place(user):
            entered.append(user)

    async with places:
        second, third = asyncio.create_task(work("bob")), asyncio.create_task(work("carol"))
        await asyncio.sleep(0)
    # The place is bob's by now, though he has not run since.
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.wait_for(third, 5)
    assert entered == ["carol"]
    async with asyncio.timeout(5), places.place("bob"):
        assert places.waiting("bob") == 0
