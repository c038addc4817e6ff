"""The operator's limits for one account. Pure: the services do the counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from adreel.domain.accounts.user import LOCAL_USER_ID
from adreel.domain.costs.money import format_amount
from adreel.domain.errors import InputError, LimitError

MEBIBYTE = 1024 * 1024
UNLIMITED = "unlimited"
_MOST_COUNT = 10**9
_MOST_DOLLARS = Decimal(10**6)


class LimitName(StrEnum):
    """The fields of `Limits`."""

    SESSIONS = "sessions"
    SESSIONS_PER_HOUR = "sessions_per_hour"
    STORED_MB = "stored_mb"
    JOBS = "jobs"
    PHOTOS = "photos"
    KEYS = "keys"
    DOLLARS_PER_DAY = "dollars_per_day"
    BUDGET = "budget"

    @property
    def is_money(self) -> bool:
        return self in (LimitName.DOLLARS_PER_DAY, LimitName.BUDGET)


_WORDS: Mapping[LimitName, tuple[str, str]] = {
    LimitName.SESSIONS: ("{} sessions", "delete a session that is no longer needed"),
    LimitName.SESSIONS_PER_HOUR: ("{} new sessions an hour", "wait for the next hour"),
    LimitName.STORED_MB: ("{} MB of stored files", "delete sessions or images that are no longer needed"),
    LimitName.JOBS: ("{} jobs at once", "wait for one of them to end, or cancel one"),
    LimitName.PHOTOS: ("{} images in all sessions", "delete sessions or images that are no longer needed"),
    LimitName.KEYS: ("{} API keys", "revoke a key that is no longer used"),
    LimitName.DOLLARS_PER_DAY: ("${} a day", "wait until midnight UTC"),
    LimitName.BUDGET: ("a budget of ${}", "give a budget within that"),
}
"""The wording of each limit, and what the user can do about it besides asking the operator for more."""


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """The limits of one account; None: no limit. `stored_mb` in mebibytes; money in US dollars: `dollars_per_day` for purchases
    that begin on one UTC day, `budget` the highest budget that the account may set for itself or a session. `photos` counts
    images of all sessions, uploaded or generated; `jobs` those running at once."""

    sessions: int | None = None
    sessions_per_hour: int | None = None
    stored_mb: int | None = None
    jobs: int | None = None
    photos: int | None = None
    keys: int | None = None
    dollars_per_day: Decimal | None = None
    budget: Decimal | None = None

    def of(self, name: LimitName) -> int | Decimal | None:
        value: int | Decimal | None = getattr(self, name.value)
        return value


NO_LIMITS = AccountLimits()


@dataclass(frozen=True, slots=True)
class Usage:
    """An account's usage of everything that is limited; `stored_bytes` in bytes, money in US dollars."""

    sessions: int
    sessions_this_hour: int
    stored_bytes: int
    jobs: int
    photos: int
    keys: int
    dollars_today: Decimal
    dollars: Decimal

    def of(self, name: LimitName) -> int | Decimal:
        """Returns the usage in the limit's unit, mebibytes rounded up."""
        used: Mapping[LimitName, int | Decimal] = {
            LimitName.SESSIONS: self.sessions,
            LimitName.SESSIONS_PER_HOUR: self.sessions_this_hour,
            LimitName.STORED_MB: mebibytes(self.stored_bytes),
            LimitName.JOBS: self.jobs,
            LimitName.PHOTOS: self.photos,
            LimitName.KEYS: self.keys,
            LimitName.DOLLARS_PER_DAY: self.dollars_today,
            LimitName.BUDGET: self.dollars,
        }
        return used[name]


def limits_of(user_id: str, defaults: AccountLimits, overrides: Mapping[str, Any]) -> AccountLimits:
    """Returns an account's limits: the defaults with its `overrides`, in the JSON form that `kept` produces.

    The local user of an installation without logins is its operator and has no limits.
    """
    if user_id == LOCAL_USER_ID:
        return NO_LIMITS
    known = {field.name for field in fields(AccountLimits)}
    changes = {name: _read(LimitName(name), value) for name, value in overrides.items() if name in known}
    return replace(defaults, **changes)


def kept(value: int | Decimal | None) -> int | str | None:
    """Converts a limit to its JSON form."""
    return str(value) if isinstance(value, Decimal) else value


def _read(name: LimitName, value: int | str | None) -> int | Decimal | None:
    return None if value is None else Decimal(value) if name.is_money else int(value)


def parse_limit(name: LimitName, text: str) -> int | Decimal | None:
    """Parses a limit that a user typed: a number, or "unlimited". Raises InputError for anything else."""
    if text.strip().lower() == UNLIMITED:
        return None
    try:
        value = Decimal(text) if name.is_money else int(text)
    except (InvalidOperation, ValueError) as error:
        raise _no_limit(name, text) from error
    most = _MOST_DOLLARS if name.is_money else _MOST_COUNT
    # Not only "0 <= value": NaN is no amount, and comparing it raises.
    if not Decimal(value).is_finite() or value < 0 or value > most:
        raise _no_limit(name, text)
    return value


def _no_limit(name: LimitName, text: str) -> InputError:
    number = "an amount of US dollars" if name.is_money else "a whole number"
    return InputError(f"{text!r} is no limit of {name.value}: give {number} from 0 on, or {UNLIMITED}")


def require(limits: AccountLimits, name: LimitName, would_be: int | Decimal) -> None:
    """Raises LimitError when `would_be`, in the limit's unit, exceeds the limit."""
    limit = limits.of(name)
    if limit is not None and would_be > limit:
        raise limit_error(name, limit)


def limit_error(name: LimitName, limit: int | Decimal) -> LimitError:
    wording, advice = _WORDS[name]
    value = format_amount(limit) if isinstance(limit, Decimal) else limit
    message = f"this account is allowed {wording.format(value)}: {advice}, or ask the operator to allow more"
    return LimitError(message, name.value, limit)


def mebibytes(size: int) -> int:
    """Converts bytes to whole mebibytes, rounded up."""
    return -(-size // MEBIBYTE)


def require_cap(cap: Decimal | None, limits: AccountLimits) -> None:
    """Raises LimitError for a cap above what the operator allows the account, and for none at all where that is limited."""
    if limits.budget is not None and (cap is None or cap > limits.budget):
        raise limit_error(LimitName.BUDGET, limits.budget)
