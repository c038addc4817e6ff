from __future__ import annotations

from decimal import Decimal

import pytest

from adreel.domain.costs.money import dollars, dollars_left, dollars_needed
from adreel.domain.errors import BudgetError


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.300000", "$0.30"),
        ("1.08", "$1.08"),
        ("0.145", "$0.15"),
        ("0.004", "under $0.01"),
        ("0", "$0.00"),
        ("12", "$12.00"),
    ],
)
def test_amounts_are_shown_in_cents(amount: str, shown: str) -> None:
    assert dollars(Decimal(amount)) == shown


def test_what_is_needed_is_never_understated_and_what_is_left_never_overstated() -> None:
    assert dollars_needed(Decimal("0.400001")) == "$0.41"
    assert dollars_left(Decimal("0.409999")) == "$0.40"


def test_a_refused_purchase_is_explained_in_cents() -> None:
    error = BudgetError("session", Decimal("0.400001"), Decimal("0.400000"), Decimal("1.000000"))
    assert "would cost $0.41, but only $0.40 of the film's budget of $1.00 is left" in str(error)
