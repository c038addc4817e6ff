"""The JSON of an ended remote job between the steps of a flow, and the settlement of a purchase."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adreel.domain.costs.ledger import CallState, FailureKind, PaidCall
from adreel.domain.costs.refusals import is_refusal
from adreel.domain.providers import JobStatus, RemoteJob
from adreel.domain.sessions.session import Json
from adreel.services.sessions.records import Settlement

_NOTHING = Decimal(0)


def payment_of(call: PaidCall, seconds: float) -> Settlement:
    """The settlement of a purchase with a usable result, `seconds` after the order: its price is billed."""
    return Settlement(call.key, CallState.PAID, call.estimate, duration=seconds)


def release_of(call: PaidCall, error: str) -> Settlement:
    """The settlement of a purchase that was never accepted, because of `error`: nothing is billed."""
    return Settlement(call.key, CallState.RELEASED, _NOTHING, error)


def loss_of(call: PaidCall, remote: RemoteJob, error: str, seconds: float | None) -> Settlement:
    """The settlement of a purchase without a usable result, because of `error`.

    Whether a provider charges for a failed or stopped job depends on the model and cannot be queried: it counts at its full
    estimate, so that a budget is never exceeded unnoticed. Only a job that ended before it began costs nothing. A refusal of the
    picture, by the provider's own words, is recorded as such.
    """
    duration = max(0.0, seconds or 0.0)
    if remote.status is JobStatus.ABORTED:
        return Settlement(call.key, CallState.RELEASED, _NOTHING, error, duration)
    failure = FailureKind.INPUT_REFUSED if is_refusal(remote.error) else None
    return Settlement(call.key, CallState.LOST, call.estimate, error, duration, failure)


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


@dataclass(frozen=True, slots=True)
class EndedJob:
    """A remote job at its end, `waited` seconds after the order."""

    job: RemoteJob
    waited: float

    @classmethod
    def read(cls, facts: Json) -> EndedJob:
        return cls(read_ended(facts), float(facts["waited"]))

    def to_json(self) -> dict[str, Any]:
        return {**ended(self.job), "waited": self.waited}
