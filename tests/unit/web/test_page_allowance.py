from __future__ import annotations

from decimal import Decimal

import pytest

from adreel.web.allowance import Allowance


@pytest.mark.parametrize(("left", "price", "pays"), [("", "99", True), ("0.50", "0.50", True), ("0.50", "0.51", False)])
def test_an_allowance_pays_what_it_has_left(left: str, price: str, pays: bool) -> None:
    assert Allowance(left, "").pays(Decimal(price)) is pays
