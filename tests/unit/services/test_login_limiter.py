from __future__ import annotations

import pytest

from adreel.domain.errors import BusyError
from adreel.services.login_limiter import PER_ACCOUNT, PER_CLIENT, WINDOW_SECONDS, LoginLimiter


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_account_is_closed_after_too_many_failures_and_opens_again() -> None:
    time = Time()
    limiter = LoginLimiter(time)
    for _ in range(PER_ACCOUNT):
        limiter.check("a@b", "1.2.3.4")
        limiter.failed("a@b", "1.2.3.4")
    with pytest.raises(BusyError) as told:
        limiter.check("a@b", "5.6.7.8")
    assert told.value.retry_after == WINDOW_SECONDS
    time.now += WINDOW_SECONDS
    limiter.check("a@b", "5.6.7.8")


def test_an_address_that_tries_many_accounts_is_refused_for_all() -> None:
    limiter = LoginLimiter(Time())
    for number in range(PER_CLIENT):
        limiter.failed(f"{number}@b", "1.2.3.4")
    with pytest.raises(BusyError):
        limiter.check("new@b", "1.2.3.4")
    limiter.check("new@b", "5.6.7.8")


def test_who_knows_the_password_starts_anew() -> None:
    limiter = LoginLimiter(Time())
    for _ in range(PER_ACCOUNT):
        limiter.failed("a@b", "1.2.3.4")
    limiter.succeeded("a@b")
    limiter.check("a@b", "1.2.3.4")
