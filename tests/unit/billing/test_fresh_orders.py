"""Orders that this process has placed and whose results are not taken yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adreel.billing import fresh_orders
from adreel.billing.fresh_orders import FreshOrders
from adreel.domain.costs.ledger import CallState, PaidCall, PurchaseKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALL = PaidCall(
    key="s:a:0:1",
    session_id="s",
    user_id="u",
    kind=PurchaseKind.CLIP,
    provider="replicate",
    model="wan",
    seed=77,
    state=CallState.SUBMITTED,
    estimate=Decimal("0.145"),
    amount=Decimal(0),
    provider_id="run1",
    error=None,
    created_at=NOW,
    posted_at=NOW,
    settled_at=None,
)


def test_an_order_is_fresh_until_its_result_is_taken() -> None:
    orders = FreshOrders()
    assert orders.get(CALL.key) is None
    assert orders.remember(CALL) is CALL
    assert CALL.key in orders
    assert orders.get(CALL.key) is CALL
    assert orders.take(CALL.key) is CALL
    assert CALL.key not in orders
    assert orders.take(CALL.key) is None


def test_orders_are_kept_apart_by_their_keys() -> None:
    orders = FreshOrders()
    other = orders.remember(replace(CALL, key="s:b:0:1", provider_id="run2"))
    orders.remember(CALL)
    assert orders.take(CALL.key) is CALL
    assert orders.get(other.key) is other


def test_the_last_answer_about_an_order_counts() -> None:
    orders = FreshOrders()
    orders.remember(CALL)
    again = orders.remember(replace(CALL, provider_id="run3"))
    assert orders.take(CALL.key) is again


def test_the_oldest_orders_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh_orders, "_MOST", 2)
    orders = FreshOrders()
    first, second, third = (orders.remember(replace(CALL, key=f"s:a:{number}:1")) for number in range(3))
    assert first.key not in orders
    assert orders.get(second.key) is second
    assert orders.get(third.key) is third
