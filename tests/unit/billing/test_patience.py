from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from adreel.billing.patience import Patience
from adreel.billing.timeouts import Timeouts
from adreel.domain.errors import ThrottledError, UnavailableError
from adreel.domain.providers import Vendor


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_provider_that_does_not_answer_is_asked_for_so_long_whatever_an_attempt_takes() -> None:
    clock, error = Clock(), UnavailableError("Replicate cannot be reached")
    patience = Patience(Timeouts(unreachable=300), clock)
    attempts, longest = 0, 0.0
    while (given_up := patience.exhausted(error)) is None:
        pause = patience.pause(error)
        longest, attempts = max(longest, pause), attempts + 1
        clock.now += pause + 40
    assert (clock.now - 100 < 300 + 70, longest <= 30, attempts > 4) == (True, True, True)
    assert str(given_up).startswith(
        "Replicate cannot be reached; it was asked again for 5 minutes, and nothing was ordered"
    )


def test_a_provider_that_asks_to_wait_is_obeyed_within_the_limit() -> None:
    patience = Patience(Timeouts(throttled=20), Clock())
    error = ThrottledError("wait", 12.0)
    assert patience.exhausted(error) is None
    assert patience.pause(error) == 12.0
    assert patience.exhausted(error) is error


async def test_a_look_up_that_never_ends_is_given_up() -> None:
    class Silent:
        name = "replicate"

        async def check(self, _model: str) -> None:
            await asyncio.Event().wait()

    with pytest.raises(UnavailableError, match="does not answer"):
        await Patience(Timeouts(unreachable=0), Clock()).checked(cast("Vendor[Any]", Silent()), "wan")
