"""US dollars as text: for people in cents (decision 0082), for programs and lists exact."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def dollars(amount: Decimal) -> str:
    """An amount that was spent or set: ``$1.08``; ``under $0.01`` for less than a cent.

    >>> dollars(Decimal("0.300000"))
    '$0.30'
    """
    if 0 < amount < _CENT:
        return f"under ${_CENT}"
    return f"${amount.quantize(_CENT, ROUND_HALF_UP)}"


def dollars_needed(amount: Decimal) -> str:
    """An amount that something costs, rounded up: no purchase costs more than was shown."""
    return f"${amount.quantize(_CENT, ROUND_CEILING)}"


def dollars_left(amount: Decimal) -> str:
    """The rest of a budget, rounded down."""
    return f"${amount.quantize(_CENT, ROUND_FLOOR)}"


def format_amount(amount: Decimal) -> str:
    """The exact amount with at least two decimals and no further trailing zeros: ``0.80``, ``0.145``."""
    plain = format(amount.normalize(), "f")
    whole, _, fraction = plain.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"
