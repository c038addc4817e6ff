from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from adreel.domain.work.processor_shares import ProcessorShares, Turn


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _PausedError(Exception):
    pass


def goes_on(turn: Turn) -> bool:
    def paused() -> None:
        raise _PausedError

    try:
        turn.make_way(paused)
    except _PausedError:
        return False
    return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shares(clock: Clock) -> ProcessorShares:
    return ProcessorShares(2, clock)


@pytest.fixture
def greedy(shares: ProcessorShares, clock: Clock) -> Iterator[list[Turn]]:
    """Two clips of a user who has had both cores for ten seconds."""
    with ExitStack() as stack:
        turns = [stack.enter_context(shares.long_work("greedy", 1)) for _ in range(2)]
        assert all(goes_on(turn) for turn in turns)
        clock.now += 10
        yield turns


@contextmanager
def at_work(shares: ProcessorShares, user: str, cores: int) -> Generator[Turn]:
    with shares.long_work(user, cores) as turn:
        assert goes_on(turn)
        yield turn


def test_a_user_alone_never_waits(greedy: list[Turn], clock: Clock) -> None:
    for _ in range(20):
        clock.now += 1
        assert all(goes_on(turn) for turn in greedy)


def test_who_has_had_more_makes_way_for_as_many_cores_as_the_other_uses(
    shares: ProcessorShares, greedy: list[Turn], clock: Clock
) -> None:
    with at_work(shares, "modest", 1):
        assert [goes_on(turn) for turn in greedy] == [True, False]
        with at_work(shares, "modest", 1):
            assert [goes_on(turn) for turn in greedy] == [False, False]
    clock.now += 0.2
    with at_work(shares, "modest", 8):
        assert [goes_on(turn) for turn in greedy] == [False, False]
    clock.now += 0.2
    assert [goes_on(turn) for turn in greedy] == [True, True]


def test_who_goes_on_using_the_cores_gets_half_of_them_in_the_end(
    shares: ProcessorShares, greedy: list[Turn], clock: Clock
) -> None:
    ran = {"modest": 0, "greedy": 0}
    with shares.long_work("modest", 2) as modest:
        for _ in range(4000):
            clock.now += 0.05
            ran["modest"] += 2 * goes_on(modest)
            ran["greedy"] += sum([goes_on(turn) for turn in greedy])
    assert 0.35 < ran["modest"] / sum(ran.values()) < 0.65


async def test_long_work_of_who_has_had_more_makes_way_for_short_work(
    shares: ProcessorShares, greedy: list[Turn]
) -> None:
    async with shares.short_work("modest"):
        assert [goes_on(turn) for turn in greedy] == [False, False]


async def test_the_only_work_of_a_user_waits_for_no_long_work(shares: ProcessorShares, clock: Clock) -> None:
    with at_work(shares, "once greedy", 2):
        clock.now += 10
    with at_work(shares, "modest", 2) as turn:
        async with asyncio.timeout(5), shares.short_work("once greedy"):
            assert goes_on(turn)


async def test_short_work_beside_other_work_of_its_user_waits_a_while_for_long_work(
    shares: ProcessorShares, greedy: list[Turn], clock: Clock
) -> None:
    with at_work(shares, "modest", 2) as turn:
        began = asyncio.create_task(_begun(shares, "greedy"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(began), 0.1)
        clock.now += 3
        await asyncio.wait_for(began, 5)
        assert goes_on(turn)


async def test_half_of_the_cores_stay_free_of_short_work_for_users_who_were_there_just_now(
    shares: ProcessorShares, greedy: list[Turn], clock: Clock
) -> None:
    async with asyncio.timeout(5), shares.short_work("greedy"), shares.short_work("greedy"):
        pass
    async with shares.short_work("modest"):
        clock.now += 1
    clock.now += 0.2
    async with asyncio.timeout(5), shares.short_work("greedy"):
        second = asyncio.create_task(_begun(shares, "greedy"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(second), 0.1)
    await asyncio.wait_for(second, 5)


async def _begun(shares: ProcessorShares, user: str) -> None:
    async with shares.short_work(user):
        pass


async def test_short_work_waits_for_that_of_users_who_have_had_less(
    shares: ProcessorShares, greedy: list[Turn], clock: Clock
) -> None:
    async with shares.short_work("modest"):
        clock.now += 4
        began = asyncio.create_task(_begun(shares, "greedy"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(began), 0.1)
        clock.now += 4
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(began), 0.1)
    clock.now += 0.2
    await asyncio.wait_for(began, 5)


async def test_the_cores_stay_with_a_user_for_a_moment_since_the_next_request_often_follows(
    shares: ProcessorShares, greedy: list[Turn], clock: Clock
) -> None:
    async with shares.short_work("modest"):
        pass
    assert [goes_on(turn) for turn in greedy] == [False, False]
    clock.now += 0.2
    assert [goes_on(turn) for turn in greedy] == [True, True]


async def test_short_work_that_gives_up_waiting_is_forgotten(
    shares: ProcessorShares, greedy: list[Turn], clock: Clock
) -> None:
    async with shares.short_work("modest"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), shares.short_work("greedy"):
                raise AssertionError("it must wait")
    clock.now += 0.2
    assert all(goes_on(turn) for turn in greedy)


def heavier(shares: ProcessorShares, clock: Clock, seconds: float) -> None:
    """`once greedy` has had as many core seconds more than `modest`, who is at work."""
    with at_work(shares, "once greedy", 1):
        clock.now += seconds
    clock.now += 0.2


@pytest.mark.parametrize(("more", "first"), [(3.0, True), (9.0, False)])
async def test_long_work_makes_way_for_one_short_request_of_a_user_who_has_had_a_little_more(
    shares: ProcessorShares, clock: Clock, more: float, first: bool
) -> None:
    heavier(shares, clock, more)
    with at_work(shares, "modest", 2) as turn:
        async with asyncio.timeout(5), shares.short_work("once greedy"):
            assert goes_on(turn) is not first


async def test_long_work_makes_no_way_for_several_requests_at_once_of_a_user_who_has_had_more(
    shares: ProcessorShares, clock: Clock
) -> None:
    heavier(shares, clock, 3)
    with at_work(shares, "modest", 2) as turn, shares.long_work("once greedy", 1) as own:
        assert not goes_on(own)
        second = asyncio.create_task(_begun(shares, "once greedy"))
        await asyncio.sleep(0)
        assert goes_on(turn)
        second.cancel()


async def test_one_short_request_waits_for_none_of_users_who_have_had_a_little_less(
    shares: ProcessorShares, clock: Clock
) -> None:
    heavier(shares, clock, 3)
    async with shares.short_work("modest"):
        await asyncio.wait_for(_begun(shares, "once greedy"), 5)


async def test_half_of_the_cores_stay_free_of_short_work_also_for_users_who_have_had_more(
    shares: ProcessorShares, clock: Clock
) -> None:
    heavier(shares, clock, 3)
    async with asyncio.timeout(5), shares.short_work("modest"):
        second = asyncio.create_task(_begun(shares, "modest"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(second), 0.1)
        clock.now += 11
        await asyncio.wait_for(second, 5)


async def test_the_cores_stay_for_a_moment_with_who_sends_one_request_after_the_other(
    shares: ProcessorShares, clock: Clock
) -> None:
    heavier(shares, clock, 3)
    with at_work(shares, "modest", 2) as turn:
        async with shares.short_work("once greedy"):
            pass
        assert not goes_on(turn)
        clock.now += 0.2
        assert goes_on(turn)
