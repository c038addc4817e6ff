from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adreel.domain.errors import UnavailableError
from adreel.providers.common.provider_time import AskedTime, ProviderTime

DATE = "Tue, 02 Jan 2029 03:04:05 GMT"
MOMENT = datetime(2029, 1, 2, 3, 4, 5, tzinfo=UTC)
LOCAL = datetime(2026, 1, 1, tzinfo=UTC)


class Seconds:
    """A monotonic clock."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_is_the_date_of_the_latest_answer_and_goes_on_evenly() -> None:
    seconds = Seconds()
    clock = ProviderTime(seconds)
    assert clock.now() is None
    clock.observe(DATE)
    seconds.now += 90
    assert clock.now() == MOMENT + timedelta(seconds=90)
    clock.observe("Tue, 02 Jan 2029 03:04:50 GMT")
    assert clock.now() == MOMENT + timedelta(seconds=45)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 99 Jan 2029 03:04:05 GMT", "0"])
def test_what_is_no_date_says_nothing(date: str | None) -> None:
    clock = ProviderTime()
    clock.observe(date)
    assert clock.now() is None


async def test_a_process_without_an_answer_asks_once_a_minute() -> None:
    seconds, asked = Seconds(), list[float]()
    clock = ProviderTime(seconds)

    async def ask() -> None:
        asked.append(seconds.now)
        if len(asked) < 2:
            raise UnavailableError("away")
        clock.observe(DATE)

    time = AskedTime(clock, ask, lambda: LOCAL, clock=seconds)
    assert [await time.now(), await time.now()] == [LOCAL, LOCAL]
    seconds.now += 61
    assert await time.now() == MOMENT
    seconds.now += 61
    assert await time.now() == MOMENT + timedelta(seconds=61)
    assert asked == [100.0, 161.0]
