"""An account's spending on a UTC day, stored in the user's row, so that the update that reserves money can check it.

Purchases count on the day on which they are reserved. The day never goes back: a machine whose clock is behind counts to
the later day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, literal

from adreel.db.tables import USERS, UserRow
from adreel.db.types import usd

_TABLE = USERS.c


def day_of(moment: datetime) -> str:
    """The UTC day of a moment, which is in UTC."""
    return moment.date().isoformat()


def spent_on(row: UserRow, day: str) -> Decimal:
    """US dollars spent or reserved on a day, or a later one."""
    return row.day_spent if row.day is not None and row.day >= day else Decimal(0)


def fits_in_day(needed: Decimal, day: str, limit: Decimal) -> ColumnElement[bool]:
    """Whether `needed` more US dollars may be reserved on a day."""
    return _spent(day) + usd(needed) <= usd(limit)


def reserved_on_day(needed: Decimal, day: str) -> Mapping[str, ColumnElement[Any]]:
    """The changes of the user's row when `needed` US dollars are reserved on a day."""
    return {"day": case((_is_over(day), literal(day)), else_=_TABLE.day), "day_spent": _spent(day) + usd(needed)}


def settled_on_day(freed: Decimal, billed: Decimal, day: str) -> Mapping[str, ColumnElement[Decimal]]:
    """The changes of the user's row when a purchase reserved on a day is settled; none once that day is over."""
    moved = case((_TABLE.day == day, _TABLE.day_spent - usd(freed) + usd(billed)), else_=_TABLE.day_spent)
    return {"day_spent": moved}


def _is_over(day: str) -> ColumnElement[bool]:
    """Whether the row's day is before `day`."""
    return _TABLE.day.is_(None) | (_TABLE.day < day)


def _spent(day: str) -> ColumnElement[Decimal]:
    return case((_is_over(day), usd(Decimal(0))), else_=_TABLE.day_spent)
