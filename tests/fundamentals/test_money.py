"""Money is Decimal, and a purchase is a row before it is a request."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adreel.domain.costs.ledger import CallState, marker_seed
from adreel.domain.errors import BudgetError
from adreel.services.sessions.records import Settlement
from support.sessions import Desk, purchase


async def test_money_is_reserved_before_anything_is_ordered(desk: Desk) -> None:
    """The reservation is the check: two orders at once meet in one statement, and a budget cannot be overrun."""
    session = await desk.session(cap="1.00")
    await desk.ledger.reserve(purchase("first", session.id, "0.60"))
    with pytest.raises(BudgetError):
        await desk.ledger.reserve(purchase("second", session.id, "0.60"))
    assert (await desk.sessions.record(session.id)).reserved == Decimal("0.60")


async def test_settling_turns_the_reservation_into_what_was_billed(desk: Desk) -> None:
    """A settled call is never settled again: its state and its amount are final."""
    session = await desk.session(cap="1.00")
    await desk.ledger.reserve(purchase("call", session.id, "0.60"))
    await desk.ledger.settle(Settlement("call", CallState.LOST, Decimal("0.50"), "timed out"))
    record = await desk.sessions.record(session.id)
    assert (record.reserved, record.total_cost) == (0, Decimal("0.50"))


def test_a_purchase_marks_its_order_with_a_seed() -> None:
    """The seed follows from the purchase's key. After a crash the provider's own list is searched for it before ordering."""
    assert marker_seed("session:clip-0") == marker_seed("session:clip-0")
    assert marker_seed("session:clip-0") != marker_seed("session:clip-1")
