"""Reads amounts of money from the command line."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import typer


def dollars(text: str) -> Decimal:
    """Returns an amount in US dollars. Raises typer.BadParameter for anything else."""
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{text!r} is not an amount in US dollars such as 5.00")
    return amount
