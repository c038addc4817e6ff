"""US dollars as people read them."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")


def tidy(amount: Decimal) -> Decimal:
    """The same amount with two decimals, or as many more as it needs."""
    cents = amount.quantize(_CENT)
    return cents if cents == amount else amount.normalize()
