from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adreel.billing.purchase_json import ended, loss_of, payment_of, read_ended
from adreel.domain.costs.ledger import CallState, FailureKind, PaidCall, PurchaseKind
from adreel.domain.providers import JobStatus, RemoteJob
from adreel.services.sessions.records import Settlement

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Decimal("0.11")
CALL = PaidCall(
    key="k",
    session_id="s",
    user_id="ann",
    kind=PurchaseKind.CLIP,
    provider="p",
    model="m",
    seed=1,
    state=CallState.SUBMITTED,
    estimate=PRICE,
    amount=Decimal(0),
    provider_id="id",
    error=None,
    created_at=NOW,
    posted_at=NOW,
    settled_at=None,
)


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELED, JobStatus.SUCCEEDED])
def test_what_may_have_been_charged_counts_in_full(status: JobStatus) -> None:
    assert loss_of(CALL, RemoteJob("id", status), "broken", 2.0) == Settlement(
        "k", CallState.LOST, PRICE, "broken", 2.0
    )


@pytest.mark.parametrize(
    ("reason", "failure"),
    [("Unsupported image format", FailureKind.INPUT_REFUSED), ("NSFW content detected", None), (None, None)],
)
def test_a_refusal_of_the_picture_is_recorded_whatever_our_message_says(
    reason: str | None, failure: FailureKind | None
) -> None:
    remote = RemoteJob("id", JobStatus.FAILED, error=reason)
    assert loss_of(CALL, remote, "a message for people", 2.0).failure is failure


def test_what_never_began_costs_nothing() -> None:
    loss = loss_of(CALL, RemoteJob("id", JobStatus.ABORTED, error="invalid image"), "stopped", None)
    assert loss == Settlement("k", CallState.RELEASED, Decimal(0), "stopped", 0.0)


def test_a_usable_result_is_paid_at_the_reserved_price() -> None:
    assert payment_of(CALL, 3.5) == Settlement("k", CallState.PAID, PRICE, duration=3.5)


def test_remote_jobs_come_back_from_json() -> None:
    job = RemoteJob("id", JobStatus.SUCCEEDED, ("https://a/b.mp4",), None, expired=True, compute_seconds=2.5)
    assert read_ended(ended(job)) == job
