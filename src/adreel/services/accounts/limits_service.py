"""Reads the limits and the usage of accounts, and sets limits for the operator."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import UserRow
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits, LimitName, Usage, kept, limits_of
from adreel.domain.errors import NotFoundError
from adreel.domain.ids import Clock, utc_now
from adreel.services.accounts.limits import count_files, count_jobs, count_keys, count_sessions, hour_of, sessions_in
from adreel.services.ledger.daily_spending import day_of, spent_on


class LimitsService:
    """`defaults` hold for accounts without limits of their own."""

    def __init__(self, database: Database, defaults: AccountLimits = NO_LIMITS, clock: Clock = utc_now) -> None:
        self._database = database
        self._defaults = defaults
        self._clock = clock

    async def limits(self, user_id: str) -> AccountLimits:
        """Raises NotFoundError."""
        async with self._database.reading() as transaction:
            return limits_of(user_id, self._defaults, (await _user(transaction, user_id)).limits)

    async def usage(self, user_id: str) -> Usage:
        """Raises NotFoundError."""
        now = self._clock()
        async with self._database.reading() as transaction:
            row = await _user(transaction, user_id)
            photos, stored = await count_files(transaction, user_id)
            return Usage(
                sessions=await count_sessions(transaction, user_id),
                sessions_this_hour=sessions_in(row, hour_of(now)),
                stored_bytes=stored,
                jobs=await count_jobs(transaction, user_id),
                photos=photos,
                keys=await count_keys(transaction, user_id),
                dollars_today=spent_on(row, day_of(now)),
                dollars=row.spent + row.reserved,
            )

    async def set(
        self,
        user_id: str,
        changes: Mapping[LimitName, int | Decimal | None],
        defaults: frozenset[LimitName] = frozenset(),
    ) -> AccountLimits:
        """Sets limits of an account (None: unlimited) and resets those named in `defaults`. For the operator.

        Usage beyond a new limit stays, but cannot grow. Raises NotFoundError.
        """
        async with self._database.writing() as transaction:
            row = await _user(transaction, user_id, lock=True)
            names = {name.value for name in defaults}
            left = {name: value for name, value in row.limits.items() if name not in names}
            row.limits = {**left, **{name.value: kept(value) for name, value in changes.items()}}
            return limits_of(user_id, self._defaults, row.limits)


async def _user(transaction: AsyncSession, user_id: str, *, lock: bool = False) -> UserRow:
    query = select(UserRow).where(UserRow.id == user_id)
    row = await transaction.scalar(query.with_for_update(key_share=True) if lock else query)
    if row is None:
        raise NotFoundError(f"there is no user {user_id}")
    return row
