"""Compares the ledger with a provider's list of runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from adreel.domain.costs.ledger import CallState, PaidCall, PurchaseKind
from adreel.domain.costs.reconciliation import Entry, Run, Verdict, compare
from adreel.domain.providers import JobStatus

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = NOW - timedelta(hours=24)
CALL = PaidCall(
    key="s:a:0:1",
    session_id="s",
    user_id="u",
    kind=PurchaseKind.CLIP,
    provider="replicate",
    model="wan",
    seed=77,
    state=CallState.PAID,
    estimate=Decimal("0.145"),
    amount=Decimal("0.145"),
    provider_id="run1",
    error=None,
    created_at=NOW,
    posted_at=NOW,
    settled_at=NOW,
)
RUN = Run("run1", "wan-video/wan", JobStatus.SUCCEEDED, NOW, 77)


def verdicts(entries: list[Entry]) -> list[Verdict]:
    return [entry.verdict for entry in entries]


def test_a_paid_run_matches() -> None:
    assert compare([CALL], [RUN], SINCE) == [Entry(Verdict.MATCHED, CALL, RUN)]


def test_amounts_follow_from_how_a_run_ended() -> None:
    lost = replace(CALL, state=CallState.LOST)
    free = replace(CALL, state=CallState.RELEASED, amount=Decimal(0))
    failed, aborted = replace(RUN, status=JobStatus.FAILED), replace(RUN, status=JobStatus.ABORTED)
    assert verdicts(compare([lost], [failed], SINCE)) == [Verdict.MATCHED]
    assert verdicts(compare([free], [aborted], SINCE)) == [Verdict.MATCHED]
    (entry,) = compare([free], [RUN], SINCE)
    assert (entry.verdict, entry.note) == (Verdict.DIFFERS, "expected $0.145 for a run that is succeeded")
    assert verdicts(compare([lost], [aborted], SINCE)) == [Verdict.DIFFERS]


def test_open_calls_agree_and_say_where_they_are() -> None:
    sent = replace(CALL, state=CallState.SUBMITTED, amount=Decimal(0))
    (under_way,) = compare([sent], [replace(RUN, status=JobStatus.PROCESSING)], SINCE)
    (ended,) = compare([sent], [RUN], SINCE)
    assert (under_way.verdict, under_way.note) == (Verdict.OPEN, "under way")
    assert (ended.verdict, ended.note.startswith("has ended")) == (Verdict.OPEN, True)
    intent = replace(sent, state=CallState.INTENT, provider_id=None)
    assert verdicts(compare([intent], [], SINCE)) == [Verdict.OPEN]
    assert verdicts(compare([replace(intent, posted_at=None)], [], SINCE)) == [Verdict.OPEN]


def test_what_only_one_side_knows_is_reported() -> None:
    stray = replace(RUN, id="other", marker=None)
    found = compare([CALL], [stray], SINCE)
    assert sorted(verdicts(found)) == [Verdict.UNKNOWN_THERE, Verdict.UNKNOWN_HERE]
    assert not any(entry.verdict.agrees for entry in found)


def test_an_order_whose_answer_was_lost_is_known_by_its_mark() -> None:
    given_up = replace(CALL, state=CallState.RELEASED, amount=Decimal(0), provider_id=None)
    (entry,) = compare([given_up], [RUN], SINCE)
    assert entry.verdict is Verdict.UNKNOWN_HERE
    assert "carries the mark of s:a:0:1" in entry.note


def test_what_was_never_ordered_or_is_too_old_is_not_reported() -> None:
    never = replace(CALL, state=CallState.RELEASED, amount=Decimal(0), provider_id=None, posted_at=None)
    old = replace(RUN, id="old", created_at=SINCE - timedelta(minutes=1), marker=None)
    assert compare([never], [old], SINCE) == []
    earlier = replace(CALL, created_at=SINCE - timedelta(hours=1), posted_at=SINCE - timedelta(minutes=1))
    assert verdicts(compare([earlier], [replace(RUN, created_at=SINCE - timedelta(seconds=50))], SINCE)) == [
        Verdict.MATCHED
    ]
    assert compare([earlier], [], SINCE) == []
