"""What is kept of a purchase between its steps, as JSON, and what the end of its job means for the books."""

from __future__ import annotations

from decimal import Decimal

from adreel.domain.ledger import CallState, PaidCall
from adreel.domain.remote import JobStatus, RemoteJob
from adreel.domain.session import Json

_NOTHING = Decimal(0)


def billed(call: PaidCall, remote: RemoteJob) -> tuple[CallState, Decimal]:
    """What a job that gave no usable clip has cost.

    Whether a provider charges for a job that failed or was stopped depends on the model and cannot be asked: it counts at
    its full estimate, so that a budget is never overrun unnoticed. Only one that ended before it began cost nothing.
    """
    if remote.status is JobStatus.ABORTED:
        return CallState.RELEASED, _NOTHING
    return CallState.LOST, call.estimate


def placed_facts(call: PaidCall) -> Json:
    """A purchase that was ordered."""
    ordered = call.posted_at or call.created_at
    return {
        "key": call.key,
        "estimate": str(call.estimate),
        "provider_id": call.provider_id or "",
        "ordered": ordered.isoformat(),
    }


def ended(remote: RemoteJob) -> Json:
    """A remote job as JSON."""
    return {
        "id": remote.id,
        "status": remote.status,
        "outputs": list(remote.outputs),
        "error": remote.error,
        "expired": remote.expired,
        "compute_seconds": remote.compute_seconds,
    }


def read_ended(facts: Json) -> RemoteJob:
    """The inverse of `ended`."""
    return RemoteJob(
        id=facts["id"],
        status=JobStatus(facts["status"]),
        outputs=tuple(facts["outputs"]),
        error=facts["error"],
        expired=facts["expired"],
        compute_seconds=facts["compute_seconds"],
    )
