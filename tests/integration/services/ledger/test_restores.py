"""Purchases after a backup was put back."""

from __future__ import annotations

from datetime import datetime, timedelta

from adreel.domain.costs.ledger import CallState
from adreel.services.ledger.restores import SEARCHED, note_restore
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.records import Settlement
from support.sessions import Desk, purchase


async def test_what_may_have_been_ordered_since_the_backup_is_looked_for_first(desk: Desk) -> None:
    old = await desk.session()
    taken = desk.clock()
    desk.clock.now += timedelta(hours=5)
    restored = desk.clock()
    await note_restore(desk.database, "one", taken, restored)
    young = await desk.session()
    ledger = LedgerService(desk.database, desk.clock)
    call = await ledger.reserve(purchase("s:clip:0:1", old.id, "0.10"))
    assert (call.created_at, call.posted_at) == (taken, restored)
    # Sessions that the backup does not know have other ids, and so have their orders.
    assert (await ledger.reserve(purchase("t:clip:0:1", young.id, "0.10"))).posted_at is None
    # A purchase that was looked for and came to nothing: its next attempt is a new order.
    await ledger.settle(Settlement("s:clip:0:1", CallState.RELEASED))
    assert (await ledger.reserve(purchase("s:clip:0:2", old.id, "0.10", previous="s:clip:0:1"))).posted_at is None
    # Later there is nothing by which it could be found.
    desk.clock.now += SEARCHED
    assert (await ledger.reserve(purchase("s:clip:1:1", old.id, "0.10"))).posted_at is None


async def test_without_a_restore_purchases_are_made_at_once(desk: Desk) -> None:
    session = await desk.session()
    assert (await desk.ledger.reserve(purchase("s:clip:0:1", session.id, "0.10"))).posted_at is None


async def test_the_search_begins_at_the_providers_time_of_the_last_order_that_the_backup_knows(desk: Desk) -> None:
    """The provider's clock is two days off: none of ours says where its list must be searched from."""
    session = await desk.session()
    theirs = desk.clock() - timedelta(days=2)
    await ordered(desk, session.id, "s:clip:0:1", theirs)
    taken = desk.clock()
    desk.clock.now += timedelta(hours=5)
    await note_restore(desk.database, "one", taken, desk.clock())
    ledger = LedgerService(desk.database, desk.clock)
    first = await ledger.reserve(purchase("s:clip:1:1", session.id, "0.10"))
    assert first.provider_posted_at == theirs
    # What was ordered since the restore says nothing of what was ordered before it.
    await ordered(desk, session.id, "s:clip:2:1", theirs + timedelta(hours=6))
    later = await ledger.reserve(purchase("s:clip:3:1", session.id, "0.10"))
    assert later.provider_posted_at == theirs


async def ordered(desk: Desk, session_id: str, key: str, accepted: datetime) -> None:
    await desk.ledger.reserve(purchase(key, session_id, "0.10"))
    await desk.ledger.posting(key, provider_time=accepted)
    await desk.ledger.submitted(key, f"job-{key}", accepted)
