"""Formats the limits of an account for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from adreel.domain.accounts.limits import AccountLimits, LimitName, Usage
from adreel.domain.costs.money import dollars

_LABELS: Mapping[LimitName, str] = {
    LimitName.SESSIONS: "Films and drafts",
    LimitName.SESSIONS_PER_HOUR: "New films this hour",
    LimitName.STORED_MB: "Stored files",
    LimitName.PHOTOS: "Images",
    LimitName.JOBS: "Jobs at once",
    LimitName.KEYS: "API keys",
    LimitName.DOLLARS_PER_DAY: "Spent today (UTC)",
    LimitName.BUDGET: "Total spent",
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """`text`: "12 of 1000", or "12" without a limit. `full`: the limit is reached."""

    name: str
    label: str
    text: str
    full: bool


def limit_lines(limits: AccountLimits, usage: Usage) -> list[LimitLine]:
    """Returns the lines in display order."""
    return [_line(name, label, limits.of(name), usage.of(name)) for name, label in _LABELS.items()]


def _line(name: LimitName, label: str, limit: int | Decimal | None, used: int | Decimal) -> LimitLine:
    text = _amount(name, used) if limit is None else f"{_amount(name, used)} of {_amount(name, limit)}"
    return LimitLine(name.value, label, text, limit is not None and used >= limit)


def _amount(name: LimitName, amount: int | Decimal) -> str:
    if isinstance(amount, Decimal) or name.is_money:
        return dollars(Decimal(amount))
    return f"{amount} MB" if name is LimitName.STORED_MB else str(amount)
