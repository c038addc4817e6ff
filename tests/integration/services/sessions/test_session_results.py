from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from adreel.db.engine import Database
from adreel.domain.costs.ledger import CallState
from adreel.domain.errors import NotFoundError
from adreel.domain.sessions.session import Asset, AssetKind, SessionRecord
from adreel.domain.sessions.stage import Stage
from adreel.services.sessions.records import CostEntry, EventDraft, Settlement
from adreel.services.sessions.service import SessionService
from support.sessions import Desk, check_books, clip, image, purchase

PAID = Settlement("call", CallState.PAID, Decimal("0.25"), duration=31.5)


async def _bought(desk: Desk) -> str:
    """A session with one open call of 0.30."""
    session, _ = await desk.with_images()
    await desk.ledger.reserve(purchase("call", session.id, "0.30"))
    return session.id


async def test_a_file_its_cost_and_its_call_are_recorded_together(desk: Desk) -> None:
    session_id = await _bought(desk)
    made = await desk.sessions.add_made(session_id, clip("one"), PAID)
    assert await desk.sessions.asset("ann", made.id) == made
    total, [line] = await desk.sessions.costs("ann", session_id)
    assert (total, line.agent, line.amount, line.duration) == (
        Decimal("0.25"),
        "video_generator",
        Decimal("0.25"),
        31.5,
    )
    call = await desk.ledger.get("call")
    assert call is not None
    assert (call.state, call.amount) == (CallState.PAID, Decimal("0.25"))
    assert call.settled_at is not None
    budget = await desk.ledger.budget("ann")
    assert (budget.spent, budget.reserved) == (Decimal("0.25"), Decimal(0))
    await check_books(desk.database)


def _event(session: SessionRecord) -> EventDraft:
    return EventDraft(Stage.CLIP_GENERATION, 60, f"after {session.last_seq}", {"clip": "one"})


async def test_a_file_and_its_event_are_recorded_together_and_once(desk: Desk) -> None:
    session_id = await _bought(desk)
    before = (await desk.sessions.record(session_id)).last_seq
    made, event = await desk.sessions.add_with_event(session_id, clip("one"), PAID, _event)
    assert event is not None
    assert (event.seq, event.message, event.current_cost) == (before + 1, f"after {before}", Decimal("0.25"))
    again = await desk.sessions.add_with_event(session_id, clip("one"), PAID, _event)
    assert again == (made, None)
    assert await desk.sessions.asset("ann", made.id) == made
    session = await desk.sessions.record(session_id)
    assert (session.last_seq, session.total_cost, session.reserved) == (before + 1, Decimal("0.25"), Decimal(0))
    await check_books(desk.database)


async def test_a_file_whose_event_cannot_be_recorded_is_not_recorded(desk: Desk) -> None:
    session_id = await _bought(desk)

    def refuse(_session: SessionRecord) -> EventDraft:
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError, match="not now"):
        await desk.sessions.add_with_event(session_id, clip("one"), PAID, refuse)
    call = await desk.ledger.get("call")
    assert call is not None
    assert call.state is CallState.INTENT
    assert (await desk.sessions.costs("ann", session_id)) == (Decimal(0), ())
    await check_books(desk.database)


async def test_events_of_files_added_at_once_are_numbered_one_after_the_other(desk: Desk) -> None:
    session, _ = await desk.with_images()
    adding = [desk.sessions.add_with_event(session.id, clip(f"clip {n}"), None, _event) for n in range(8)]
    made = await asyncio.gather(*adding)
    by_seq = {event.seq: asset.id for asset, event in made if event is not None}
    assert sorted(by_seq) == list(range(min(by_seq), min(by_seq) + 8))
    kept = (await desk.sessions.view(session.id)).of_kind(AssetKind.CLIP)
    assert [asset.id for asset in kept] == [by_seq[seq] for seq in sorted(by_seq)]


async def test_telling_again_changes_nothing(desk: Desk) -> None:
    session_id = await _bought(desk)
    made = await desk.sessions.add_made(session_id, clip("one"), PAID)
    before = await desk.sessions.get("ann", session_id)
    for settlement in (PAID, Settlement("call", CallState.PAID, Decimal(9)), Settlement("call", CallState.RELEASED)):
        assert await desk.sessions.add_made(session_id, clip("one"), settlement) == made
    after = await desk.sessions.get("ann", session_id)
    assert after.assets == before.assets
    assert after.session.total_cost == Decimal("0.25")
    assert (await desk.sessions.costs("ann", session_id))[0] == Decimal("0.25")
    await check_books(desk.database)


async def test_a_file_added_by_many_at_once_is_recorded_once(desk: Desk) -> None:
    session_id = await _bought(desk)
    other = Database(desk.database.url)
    services = (desk.sessions, SessionService(other))
    adding = [service.add_made(session_id, clip("one"), PAID) for service in services for _ in range(6)]
    made = await asyncio.gather(*adding)
    await other.close()
    assert len({asset.id for asset in made}) == 1
    view = await desk.sessions.get("ann", session_id)
    assert sum(asset.request == "one" for asset in view.assets) == 1
    assert view.session.total_cost == Decimal("0.25")
    await check_books(desk.database)


async def test_many_files_at_once_are_all_recorded(desk: Desk) -> None:
    session, images = await desk.with_images()

    async def add(number: int) -> Asset:
        cost = CostEntry(f"w{number}", "video", "m", Decimal("0.01"), 1.0)
        return await desk.sessions.add_made(session.id, clip(f"clip {number}"), cost)

    made = await asyncio.gather(*[add(number) for number in range(12)])
    view = await desk.sessions.get("ann", session.id)
    assert {asset.id for asset in view.assets} == {asset.id for asset in (*images, *made)}
    assert view.session.total_cost == Decimal("0.12")
    await check_books(desk.database)


async def test_more_than_the_estimate_is_recorded_as_it_was_billed(desk: Desk) -> None:
    session_id = await _bought(desk)
    await desk.sessions.add_made(session_id, clip("one"), Settlement("call", CallState.PAID, Decimal("0.41")))
    budget = await desk.ledger.budget("ann")
    assert (budget.spent, budget.reserved) == (Decimal("0.41"), Decimal(0))
    await check_books(desk.database)


async def test_the_second_purchase_of_a_request_is_paid_though_the_first_file_stays(desk: Desk) -> None:
    session_id = await _bought(desk)
    first = await desk.sessions.add_made(session_id, clip("one"), PAID)
    await desk.ledger.reserve(purchase("second", session_id, "0.30"))
    again = Settlement("second", CallState.PAID, Decimal("0.30"))
    assert await desk.sessions.add_made(session_id, clip("one"), again) == first
    assert (await desk.ledger.budget("ann")).spent == Decimal("0.55")
    assert await desk.ledger.open_calls() == ()
    await check_books(desk.database)


async def test_a_failure_is_a_line_without_a_file(desk: Desk) -> None:
    session_id = await _bought(desk)
    failure = Settlement("call", CallState.RELEASED, error="refused", duration=4.0)
    for _ in range(2):
        await desk.sessions.add_cost(session_id, failure)
    total, [line] = await desk.sessions.costs("ann", session_id)
    assert (total, line.success, line.error, line.duration) == (Decimal(0), False, "refused", 4.0)
    budget = await desk.ledger.budget("ann")
    assert (budget.spent, budget.reserved) == (Decimal(0), Decimal(0))


async def test_work_that_no_call_stands_for_is_counted_once(desk: Desk) -> None:
    session = await desk.session()
    for _ in range(3):
        await desk.sessions.add_cost(session.id, CostEntry("plan", "planner", "llm", Decimal("0.000001"), 0.2))
    assert (await desk.sessions.record(session.id)).total_cost == Decimal("0.000001")
    assert (await desk.ledger.budget("ann")).spent == Decimal("0.000001")
    await check_books(desk.database)


async def test_nothing_is_recorded_when_one_part_cannot_be(desk: Desk) -> None:
    session_id = await _bought(desk)
    before = await desk.sessions.get("ann", session_id)
    with pytest.raises(NotFoundError, match="unknown"):
        await desk.sessions.add_made(session_id, clip("one"), Settlement("unknown", CallState.PAID))
    assert await desk.sessions.get("ann", session_id) == before


async def test_files_without_a_request_are_each_recorded(desk: Desk) -> None:
    session, _ = await desk.with_images()
    first, second = [await desk.sessions.add_made(session.id, image("x")) for _ in range(2)]
    assert first.id != second.id


async def test_a_call_is_settled_though_its_session_is_gone(desk: Desk) -> None:
    session_id = await _bought(desk)
    await desk.ledger.reserve(purchase("other", session_id, "0.50"))
    await desk.ledger.reserve(purchase("third", session_id, "0.70"))
    await desk.sessions.delete("ann", session_id)
    assert (await desk.ledger.budget("ann")).reserved == Decimal("1.50")
    with pytest.raises(NotFoundError, match=session_id):
        await desk.sessions.add_made(session_id, clip("one"), PAID)
    await desk.sessions.add_cost(session_id, Settlement("other", CallState.LOST, Decimal("0.50")))
    await desk.ledger.settle(Settlement("third", CallState.RELEASED))
    budget = await desk.ledger.budget("ann")
    assert (budget.spent, budget.reserved) == (Decimal("0.75"), Decimal(0))
    assert await desk.ledger.open_calls() == ()
