from __future__ import annotations

import asyncio

import pytest

from adreel.domain.work.fair_semaphore import acting_for, acting_user
from adreel.providers.common.throttle import Rate, TokenBucket


class Watch:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def bucket(watch: Watch, per_minute: float, burst: int) -> TokenBucket:
    return TokenBucket(Rate(per_minute, burst), watch.clock, watch.sleep)


async def test_a_burst_goes_through_at_once_and_the_rest_at_the_rate() -> None:
    watch = Watch()
    limited = bucket(watch, per_minute=60, burst=3)
    moments: list[float] = []
    for _ in range(5):
        await limited.take()
        moments.append(watch.now - 100)
    assert moments == pytest.approx([0, 0, 0, 1, 2])


async def test_calls_at_the_same_time_share_the_rate() -> None:
    watch = Watch()
    limited = bucket(watch, per_minute=6, burst=1)
    await asyncio.gather(*(limited.take() for _ in range(4)))
    assert watch.now - 100 == pytest.approx(30)


async def test_a_pause_lets_nothing_through_for_so_long() -> None:
    watch = Watch()
    limited = bucket(watch, per_minute=600, burst=10)
    limited.pause(5)
    await limited.take()
    assert watch.now - 100 == pytest.approx(5)


async def test_a_rest_does_not_save_up_more_than_a_burst() -> None:
    watch = Watch()
    limited = bucket(watch, per_minute=60, burst=2)
    watch.now += 3600
    for _ in range(3):
        await limited.take()
    assert watch.now - 3700 == pytest.approx(1)


async def test_users_take_turns_at_a_provider_that_allows_little() -> None:
    watch = Watch()
    limited, order = bucket(watch, per_minute=6, burst=1), list[str]()

    async def call(user: str) -> None:
        with acting_for(user):
            await limited.take()
        order.append(user)

    await asyncio.gather(*(call(user) for user in ["alice"] * 5 + ["bob"] * 2))
    assert order == ["alice", "alice", "alice", "bob", "alice", "bob", "alice"]
    assert acting_user() == ""
