from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adreel.domain.ledger import CallState, PaidCall
from adreel.domain.remote import JobStatus, RemoteJob
from adreel.domain.stage import Stage
from adreel.orchestrator.purchase_facts import billed, ended, read_ended
from adreel.orchestrator.reports import CLIPS, COMPOSING, RESTING

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Decimal("0.145")
CALL = PaidCall("k", "s", "ann", "p", "m", 1, CallState.SUBMITTED, PRICE, Decimal(0), "id", None, NOW, NOW, None)


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELED, JobStatus.SUCCEEDED])
def test_what_may_have_been_charged_counts_in_full(status: JobStatus) -> None:
    assert billed(CALL, RemoteJob("id", status)) == (CallState.LOST, PRICE)


def test_what_never_began_costs_nothing() -> None:
    assert billed(CALL, RemoteJob("id", JobStatus.ABORTED)) == (CallState.RELEASED, Decimal(0))


def test_remote_jobs_come_back_from_json() -> None:
    job = RemoteJob("id", JobStatus.SUCCEEDED, ("https://a/b.mp4",), None, expired=True, compute_seconds=2.5)
    assert read_ended(ended(job)) == job


def test_percentages_are_those_of_the_stages() -> None:
    assert [CLIPS.percent(part) for part in (0, 0.5, 1, 2)] == [55, 72.5, 90, 90]
    assert [COMPOSING.percent(part) for part in (-1, 0.5, 1)] == [92, 95, 98]
    assert set(RESTING) == set(Stage) - {Stage.FAILED}
