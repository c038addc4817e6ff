from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from adreel.db.types import Money
from adreel.domain.costs.money import format_amount

DIALECTS = (sqlite.dialect(), postgresql.dialect())


@given(st.decimals(-(10**9), 10**9, places=6))
def test_money_comes_back_as_it_was(amount: Decimal) -> None:
    for dialect in DIALECTS:
        kept = Money().process_bind_param(amount, dialect)
        assert isinstance(kept, int)
        assert Money().process_result_value(kept, dialect) == amount


def test_no_money_is_not_zero() -> None:
    assert Money().process_bind_param(None, DIALECTS[0]) is None
    assert Money().process_result_value(None, DIALECTS[0]) is None


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1", "1.00"), ("0.400000", "0.40"), ("0.4005", "0.4005"), ("0.000001", "0.000001"), ("100", "100.00")],
)
def test_amounts_are_shown_with_cents_or_as_finely_as_they_are(amount: str, shown: str) -> None:
    assert format_amount(Decimal(amount)) == shown
