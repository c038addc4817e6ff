"""Compares the ledger with a provider's list of runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from adreel.domain.costs.ledger import CallState, PaidCall
from adreel.domain.costs.money import format_amount
from adreel.domain.providers import JobStatus


class Verdict(StrEnum):
    """The result of comparing a paid call with a provider's run."""

    MATCHED = "matched"
    OPEN = "open"
    DIFFERS = "amount differs"
    UNKNOWN_THERE = "not at the provider"
    UNKNOWN_HERE = "not in the ledger"

    @property
    def agrees(self) -> bool:
        return self in (Verdict.MATCHED, Verdict.OPEN)


@dataclass(frozen=True, slots=True)
class Run:
    """One run at a provider. `model` is the provider's name of it; `marker` is the order's, while the provider keeps inputs."""

    id: str
    model: str
    status: JobStatus
    created_at: datetime | None
    marker: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A call, a run, or both. `note` explains the verdict."""

    verdict: Verdict
    call: PaidCall | None
    run: Run | None
    note: str = ""


def compare(calls: Sequence[PaidCall], runs: Sequence[Run], since: datetime) -> list[Entry]:
    """Returns one entry for each run since `since` and for each call without a run, in order of time.

    `calls` are all calls since then and those of any of the runs; `runs` may go back further, to find the outcome of calls.
    """
    by_id = {call.provider_id: call for call in calls if call.provider_id is not None}
    lost = {call.seed: call for call in calls if call.provider_id is None and call.posted_at is not None}
    entries = [_of_run(run, by_id.get(run.id), lost) for run in runs if run.id in by_id or _is_since(run, since)]
    listed = {run.id for run in runs}
    alone = [call for call in calls if call.provider_id not in listed and _ordered_at(call) >= since]
    entries += [entry for entry in map(_of_call, alone) if entry is not None]
    return sorted(entries, key=_moment)


def expected(call: PaidCall, status: JobStatus) -> Decimal:
    """Returns the expected cost of a call. Providers report no prices: it is the estimate, and 0 for a run that never began."""
    return Decimal(0) if status is JobStatus.ABORTED else call.estimate


def _of_run(run: Run, call: PaidCall | None, lost: Mapping[int, PaidCall]) -> Entry:
    if call is None:
        marked = lost.get(run.marker) if run.marker is not None else None
        note = (
            f"carries the mark of {marked.key}: an order whose answer was lost"
            if marked
            else "not ordered here, or lost"
        )
        return Entry(Verdict.UNKNOWN_HERE, None, run, note)
    if not call.state.is_settled:
        note = (
            "has ended, and is collected by the next try or settled by the sweep"
            if run.status.is_final
            else "under way"
        )
        return Entry(Verdict.OPEN, call, run, note)
    amount = expected(call, run.status)
    if call.amount == amount:
        return Entry(Verdict.MATCHED, call, run)
    return Entry(Verdict.DIFFERS, call, run, f"expected ${format_amount(amount)} for a run that is {run.status}")


def _of_call(call: PaidCall) -> Entry | None:
    """Returns None for a call that cannot have reached the provider."""
    if call.state is CallState.RELEASED and call.provider_id is None:
        return None
    if call.state is CallState.INTENT:
        note = (
            "not ordered yet"
            if call.posted_at is None
            else "the answer to the order is not known; it is looked for, and its price stays reserved until it is"
        )
        return Entry(Verdict.OPEN, call, None, note)
    note = call.error or "the provider does not list it"
    return Entry(Verdict.UNKNOWN_THERE, call, None, note)


def _is_since(run: Run, since: datetime) -> bool:
    return run.created_at is None or run.created_at >= since


def _ordered_at(call: PaidCall) -> datetime:
    """The provider's time, or the machine's for calls that have none (of version 0.1, or not ordered yet)."""
    return call.provider_created_at or call.provider_posted_at or call.posted_at or call.created_at


def _moment(entry: Entry) -> str:
    if entry.call is not None:
        return _ordered_at(entry.call).isoformat()
    created = entry.run.created_at if entry.run else None
    return created.isoformat() if created else ""
