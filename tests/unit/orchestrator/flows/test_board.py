from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adreel.domain.sessions.session import SessionEvent
from adreel.orchestrator.flows.board import CLIP, Board
from adreel.services.sessions.records import EventDraft
from support.records import NOW


@dataclass(frozen=True)
class Job:
    index: int = 0
    job_id: str = "job"
    session_id: str = "s"
    count: int = 4
    after: int = 10


def published(board: Board, draft: EventDraft) -> EventDraft:
    """The draft, after the board has read its event."""
    event = SessionEvent(
        "s", board.after + 1, draft.stage, draft.progress, draft.message, Decimal(0), draft.data, timestamp=NOW
    )
    board.note(event)
    return draft


def test_events_sum_up_all_parts() -> None:
    board = Board.of(CLIP, Job())
    first = published(board, board.one(0, 1.0, "Clip 1 is ready", {"clip": {"id": "c"}}))
    both = published(board, board.all({1: 0.5, 3: 0.5}, "Replicate is making clips 2 and 4"))
    assert [first.progress, both.progress] == [63.8, 72.5]
    assert first.data == {"job": "job", "clip": {"id": "c"}, "clip_index": 0, "clip_fraction": 1.0}
    assert both.data == {"job": "job", "clip_fractions": {"0": 1.0, "1": 0.5, "3": 0.5}}
    assert board.after == 12


def test_nothing_falls_when_a_provider_begins_again() -> None:
    board = Board.of(CLIP, Job())
    published(board, board.all({0: 0.8}, "making"))
    again = published(board, board.all({0: 0.1}, "a second attempt"))
    assert again.progress == 62
    assert again.data["clip_fractions"] == {"0": 0.8}


def test_a_board_of_a_new_process_goes_on_from_the_events() -> None:
    old, new = Board.of(CLIP, Job()), Board.of(CLIP, Job())
    for draft in (old.all({0: 0.5, 1: 0.5}, "making"), old.one(1, 1.0, "Clip 2 is ready", {})):
        published(new, published(old, draft))
    assert new.all({0: 0.0}, "waiting") == old.all({0: 0.0}, "waiting")


def test_events_of_other_jobs_count_for_their_number_only() -> None:
    board = Board.of(CLIP, Job())
    other = Board.of(CLIP, Job(job_id="other"))
    published(board, other.one(0, 1.0, "Clip 1 is ready", {}))
    assert (board.after, board.parts) == (11, {})
