from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adreel.domain.providers import JobStatus, RemoteJob
from adreel.orchestrator.flows.hosted_parts import HostedPart, describe, duration, names_of

BEGAN = datetime(2031, 5, 5, tzinfo=UTC)
"""By the provider's clock."""

NOW = 1000.0
"""By ours."""


def part(index: int = 0, typical: float | None = 45.0) -> HostedPart:
    return HostedPart(index, "Replicate", typical, since=NOW)


def remote(status: JobStatus, seconds: float, running: float | None = None, done: float | None = None) -> RemoteJob:
    """A remote job that was ordered `seconds` ago and has run for `running` of them."""
    seen = BEGAN + timedelta(seconds=seconds)
    started = None if running is None else seen - timedelta(seconds=running)
    return RemoteJob("id", status, created_at=BEGAN, seen_at=seen, started_at=started, fraction=done)


def observed(*news: RemoteJob, index: int = 0, typical: float | None = 45.0) -> HostedPart:
    found = part(index, typical)
    for each in news:
        found.observe(each, NOW)
    return found


WAITING = observed(remote(JobStatus.STARTING, 12), index=2)
LOGGED = observed(remote(JobStatus.PROCESSING, 24, 20, 0.34), index=1)
SILENT = observed(remote(JobStatus.PROCESSING, 20, 18), index=3)


def late() -> HostedPart:
    """A part whose order is not answered."""
    return HostedPart(0, "Replicate", 45.0, NOW - 30)


def unanswered() -> HostedPart:
    """A part that is being made, at a provider that does not answer."""
    found = observed(remote(JobStatus.PROCESSING, 24, 20, 0.34), index=1)
    found.is_unanswered = True
    return found


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([part()], "Ordering clip 1 at Replicate (0 s so far)"),
        ([late()], "Waiting for an answer from Replicate, which is asked again: clip 1 (30 s so far)"),
        (
            [unanswered(), SILENT],
            "Replicate is making clip 4; waiting for an answer from Replicate, which is asked again: clip 2 (24 s so far)",
        ),
        ([WAITING], "Waiting for a machine at Replicate: clip 3 (12 s so far)"),
        ([LOGGED], "Replicate is making clip 2: 34 % (24 s so far)"),
        ([SILENT], "Replicate is making clip 4 (20 s so far, usually about 45 s)"),
        ([observed(remote(JobStatus.SUCCEEDED, 130))], "Receiving clip 1 from Replicate (2 min 10 s so far)"),
        (
            [WAITING, LOGGED, SILENT],
            "Replicate is making clips 2 and 4: 34 %; waiting for a machine at Replicate: clip 3 (24 s so far)",
        ),
        ([observed(remote(JobStatus.PROCESSING, 9), typical=None)], "Replicate is making clip 1 (9 s so far)"),
    ],
)
def test_the_message_says_where_each_part_is(parts: list[HostedPart], message: str) -> None:
    assert describe("clip", parts, NOW) == message


def test_few_parts_are_named_and_many_are_counted() -> None:
    assert [names_of("image", indices) for indices in ([0], [4, 0], [0, 1, 2])] == [
        "image 1",
        "images 1 and 5",
        "3 images",
    ]


def test_times_are_short() -> None:
    assert [duration(seconds) for seconds in (-1, 24.4, 99, 125)] == ["0 s", "24 s", "99 s", "2 min 5 s"]


def test_the_fraction_is_that_of_the_log() -> None:
    assert LOGGED.fraction(NOW) == pytest.approx(0.05 + 0.34 * 0.85)
    assert LOGGED.fraction(NOW + 100) == LOGGED.fraction(NOW)


def test_without_a_log_time_passes_between_polls() -> None:
    later = [SILENT.fraction(NOW + seconds) for seconds in (0, 10, 27, 600)]
    assert later == sorted(set(later))
    assert later[2] == pytest.approx(0.05 + 0.8 * 0.85)
    assert later[3] < 0.9


def test_without_a_log_and_a_typical_time_nothing_is_guessed() -> None:
    found = observed(remote(JobStatus.PROCESSING, 9), typical=None)
    assert found.fraction(NOW) == found.fraction(NOW + 60)


def test_a_part_that_failed_begins_again() -> None:
    found = observed(remote(JobStatus.PROCESSING, 24, 20, 0.9), remote(JobStatus.FAILED, 25))
    assert describe("clip", [found], NOW) == "Ordering clip 1 at Replicate (25 s so far)"
    assert found.fraction(NOW) == 0


def test_a_provider_that_shows_no_times_is_timed_from_here() -> None:
    found = part()
    found.observe(RemoteJob("id", JobStatus.PROCESSING), NOW + 5)
    found.observe(RemoteJob("id", JobStatus.PROCESSING), NOW + 15)
    assert describe("clip", [found], NOW + 20) == "Replicate is making clip 1 (20 s so far, usually about 45 s)"
    assert found.fraction(NOW + 50) == pytest.approx(0.05 + 0.8 * 0.85)
