"""Which caps a budget may be given."""

from __future__ import annotations

from decimal import Decimal

from adreel.domain.errors import ConflictError, InputError
from adreel.domain.money import tidy
from adreel.services.records import Budget


def check_cap(cap: Decimal | None, now: Budget) -> None:
    """Raises InputError for a cap below zero, ConflictError for one that is overrun already."""
    if cap is None:
        return
    if cap < 0:
        raise InputError(f"a budget of ${cap} is not possible: give 0 or more")
    used = now.spent + now.reserved
    if cap < used:
        spent, reserved = tidy(now.spent), tidy(now.reserved)
        raise ConflictError(
            f"a budget of ${tidy(cap)} is not possible: ${spent} is spent and ${reserved} reserved for work under way; "
            f"give ${tidy(used)} or more"
        )
