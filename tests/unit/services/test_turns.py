from __future__ import annotations

import asyncio

import pytest

from adreel.domain.errors import BusyError
from adreel.services.turns import Turns


async def test_a_few_work_some_wait_and_the_rest_is_sent_away() -> None:
    turns = Turns("cards", 2, 3)
    working, most, go = 0, 0, asyncio.Event()

    async def work() -> None:
        nonlocal working, most
        async with turns.take():
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


async def test_who_gives_up_leaves_the_place_to_others() -> None:
    turns = Turns("cards", 1, 1)
    go = asyncio.Event()

    async def work() -> None:
        async with turns.take():
            await go.wait()

    first, second = asyncio.create_task(work()), asyncio.create_task(work())
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    third = asyncio.create_task(work())
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(first, third)
