"""Items that are asked for at the same time are carried out together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from adreel.db.batcher import Batcher


class Work:
    """Doubles numbers, a batch at a time; a batch waits for `go_on`, unless it is the first of a free batcher."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        await self.go_on.wait()
        if 13 in items:
            raise ValueError("13 is refused")
        return [2 * item for item in items]


async def until_waiting() -> None:
    """Lets every task run until it waits for something else."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_single_item_is_not_delayed() -> None:
    work = Work()
    work.go_on.set()
    assert await Batcher(work).run(1) == 2
    assert work.batches == [[1]]


async def test_items_of_the_same_moment_are_one_batch_and_each_gets_its_answer() -> None:
    work = Work()
    work.go_on.set()
    batcher = Batcher(work)
    assert await asyncio.gather(*(batcher.run(item) for item in (3, 1, 2))) == [6, 2, 4]
    assert work.batches == [[3, 1, 2]]


async def test_items_that_arrive_during_a_batch_form_the_next_one() -> None:
    work = Work()
    batcher = Batcher(work)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(batcher.run(1))
        await until_waiting()
        later = [group.create_task(batcher.run(item)) for item in (2, 3)]
        await until_waiting()
        assert work.batches == [[1]]
        work.go_on.set()
    assert [first.result(), *(each.result() for each in later)] == [2, 4, 6]
    assert work.batches == [[1], [2, 3]]


async def test_an_error_reaches_all_of_its_batch_and_no_other() -> None:
    work = Work()
    batcher = Batcher(work)
    failing = [asyncio.create_task(batcher.run(item)) for item in (13, 1)]
    await until_waiting()
    later = asyncio.create_task(batcher.run(2))
    work.go_on.set()
    for task in failing:
        with pytest.raises(ValueError, match="13 is refused"):
            await task
    assert await later == 4
    assert await batcher.run(5) == 10


async def test_a_caller_that_is_cancelled_does_not_disturb_the_others() -> None:
    work = Work()
    batcher = Batcher(work)
    cancelled, other = (asyncio.create_task(batcher.run(item)) for item in (1, 2))
    await until_waiting()
    cancelled.cancel()
    work.go_on.set()
    assert await other == 4
    assert cancelled.cancelled()
    assert await batcher.run(3) == 6


async def test_a_batch_that_is_stopped_stops_its_callers() -> None:
    async def stopped(items: Sequence[int]) -> Sequence[int]:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Batcher(stopped).run(1)


async def test_too_few_answers_are_an_error_of_all() -> None:
    async def forgetful(items: Sequence[int]) -> Sequence[int]:
        return items[1:]

    batcher: Batcher[int, int] = Batcher(forgetful)
    with pytest.raises(ValueError, match="shorter"):
        async with asyncio.timeout(5):
            await batcher.run(1)
