"""Parses and formats the limits of accounts for the operator."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from adreel.domain.accounts.limits import UNLIMITED, AccountLimits, LimitName, Usage, parse_limit
from adreel.domain.costs.money import format_amount
from adreel.services.accounts.limits_service import LimitsService

DEFAULT = "default"


async def set_limits(service: LimitsService, user_id: str, texts: Mapping[str, str]) -> None:
    """Sets limits. `texts`: by name a number, "unlimited" or "default". Raises InputError before any change, NotFoundError."""
    if not texts:
        return
    named = {LimitName(name): text for name, text in texts.items()}
    defaults = frozenset(name for name, text in named.items() if text.strip().lower() == DEFAULT)
    changes = {name: parse_limit(name, text) for name, text in named.items() if name not in defaults}
    await service.set(user_id, changes, defaults)


def describe(limits: AccountLimits, usage: Usage) -> list[str]:
    """Returns a line for each limit: its name, the usage, the limit."""
    return [f"{name.value:<18} {_formatted(usage.of(name)):>10} of {_formatted(limits.of(name))}" for name in LimitName]


def _formatted(value: int | Decimal | None) -> str:
    if value is None:
        return UNLIMITED
    return f"${format_amount(value)}" if isinstance(value, Decimal) else str(value)
