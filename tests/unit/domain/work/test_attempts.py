from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adreel.domain.work.attempts import Allowance, in_words

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
THREE = Allowance(3, MINUTE)


def spent(tries: int, allowance: Allowance = THREE, now: datetime = NOW) -> datetime:
    until = now
    for _ in range(tries):
        assert allowance.wait(until, now) == timedelta(0)
        until = allowance.spend(until, now)
    return until


def test_a_burst_is_let_through_and_then_one_at_a_time() -> None:
    until = spent(3)
    assert THREE.wait(until, NOW) == MINUTE
    assert THREE.wait(until, NOW + MINUTE) == timedelta(0)
    until = THREE.spend(until, NOW + MINUTE)
    assert THREE.wait(until, NOW + MINUTE) == MINUTE


def test_after_a_long_pause_the_burst_is_whole_again_and_no_larger() -> None:
    later = NOW + timedelta(days=1)
    until = spent(3, now=NOW)
    for _ in range(3):
        assert THREE.wait(until, later) == timedelta(0)
        until = THREE.spend(until, later)
    assert THREE.wait(until, later) == MINUTE


def test_what_is_given_back_can_be_spent_again() -> None:
    assert THREE.wait(THREE.give_back(spent(3)), NOW) == timedelta(0)


def test_a_clock_that_was_ahead_shuts_out_for_one_turn_at_most() -> None:
    ahead = spent(3, now=NOW + timedelta(days=365))
    assert THREE.wait(ahead, NOW) == MINUTE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (40, "40 seconds"),
        (59.5, "60 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (180, "3 minutes"),
        (3600, "1 hour"),
        (3601, "2 hours"),
    ],
)
def test_a_wait_in_words_is_over_by_then(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
