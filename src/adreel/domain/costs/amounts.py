"""Amounts of US dollars as text: one format for events, bodies and messages."""

from __future__ import annotations

from decimal import Decimal


def format_amount(amount: Decimal) -> str:
    """Formats US dollars with at least two decimals and no further trailing zeros (``0.80``, ``0.145``)."""
    plain = format(amount.normalize(), "f")
    whole, _, fraction = plain.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"
