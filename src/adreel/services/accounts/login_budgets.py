"""Limits the guessing of passwords: each attempt is counted before the password is verified, for all API processes together.

An attempt counts for the account at the client's address, for the address, and for the account as a whole. Budgets refill with
time: attempts are delayed, never blocked for good. A device on which the account has logged in before has its own budget,
which strangers cannot spend.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import LoginBudgetRow
from adreel.domain.errors import BusyError
from adreel.domain.ids import Clock, utc_now
from adreel.domain.network import client_group
from adreel.domain.work.attempts import Allowance, in_words

PER_ACCOUNT_AND_CLIENT = Allowance(5, timedelta(minutes=3))
PER_CLIENT = Allowance(30, timedelta(seconds=30))
PER_ACCOUNT = Allowance(20, timedelta(minutes=1))
PER_DEVICE = Allowance(10, timedelta(minutes=1))
"""A user who mistypes has five attempts and then one every three minutes. All strangers together have some 1,460 guesses a day at
one account: about the thousand most common passwords, which the minimum of ten characters mostly excludes."""

_TIDY_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to log in. `device` is the id of a device on which this account has logged in before, else None."""

    account: str
    client: str
    device: str | None = None

    @property
    def is_known(self) -> bool:
        return self.device is not None

    @property
    def client_group(self) -> str:
        """One name for all addresses that this client can use."""
        return client_group(self.client)

    @property
    def budgets(self) -> Mapping[str, Allowance]:
        """The budgets that the attempt spends, by the keys of their rows."""
        if self.device is not None:
            return {_key("device", self.account, self.device): PER_DEVICE}
        return {
            _key("pair", self.account, self.client_group): PER_ACCOUNT_AND_CLIENT,
            _key("client", self.client_group): PER_CLIENT,
            _key("account", self.account): PER_ACCOUNT,
        }

    @property
    def own_key(self) -> str:
        """The key of this client's own budget: that of the device, or of the account at this address."""
        return next(iter(self.budgets))


class LoginBudgets:
    """Rows of ``login_budgets``. The typed e-mail is stored as a hash only: people type passwords there."""

    def __init__(self, db: Database, clock: Clock = utc_now) -> None:
        self._db = db
        self._clock = clock

    async def reserve(self, attempt: Attempt) -> None:
        """Counts the attempt. Raises BusyError, which says how long to wait, and then counts nothing."""
        async with self._db.reading() as tx:
            # Most attempts of an attack are rejected: they cost no write.
            now = self._clock()
            _check(attempt, await _spent(tx, attempt, now), now)
        async with self._db.writing() as tx:
            spent = await self._locked(tx, attempt, now)
            # Read again: an attempt that waited for others must not count as earlier than they.
            now = self._clock()
            _check(attempt, spent, now)
            for key, allowance in attempt.budgets.items():
                await _set(tx, key, allowance.spend(spent[key], now))

    async def succeeded(self, attempt: Attempt) -> None:
        """Returns the attempt and refills the budget of the device, or of the account at this address."""
        await self._return(attempt, filled=attempt.own_key)

    async def give_back(self, attempt: Attempt) -> None:
        """Returns an attempt whose password was not verified."""
        await self._return(attempt, filled=None)

    async def _return(self, attempt: Attempt, filled: str | None) -> None:
        now = self._clock()
        async with self._db.writing() as tx:
            spent = await self._locked(tx, attempt, now)
            for key, allowance in attempt.budgets.items():
                await _set(tx, key, now if key == filled else allowance.give_back(spent[key]))

    async def forget_account(self, account: str) -> None:
        """Refills all budgets of an account."""
        async with self._db.writing() as tx:
            await tx.execute(delete(LoginBudgetRow).where(LoginBudgetRow.account == _digest(account)))

    async def forget_full(self) -> None:
        """Deletes the rows of full budgets."""
        full = select(LoginBudgetRow.key).where(LoginBudgetRow.spent_until <= self._clock()).limit(_TIDY_AT_ONCE)
        async with self._db.writing() as tx:
            # Rows of running attempts are skipped: waiting for them could deadlock.
            keys = (await tx.scalars(full.with_for_update(skip_locked=True))).all()
            if keys:
                await tx.execute(delete(LoginBudgetRow).where(LoginBudgetRow.key.in_(keys)))

    async def _locked(self, tx: AsyncSession, attempt: Attempt, now: datetime) -> Mapping[str, datetime]:
        """Locks the rows of the attempt until the end of the transaction, after creating the missing ones."""
        rows = [
            {"key": key, "account": None if key.startswith("client ") else _digest(attempt.account), "spent_until": now}
            for key in sorted(attempt.budgets)
        ]
        insert = sqlite.insert if self._db.is_sqlite else postgresql.insert
        for row in rows:
            await tx.execute(insert(LoginBudgetRow).values(**row).on_conflict_do_nothing())
        return await _spent(tx, attempt, now, lock=True)


async def _spent(tx: AsyncSession, attempt: Attempt, now: datetime, *, lock: bool = False) -> Mapping[str, datetime]:
    query = select(LoginBudgetRow.key, LoginBudgetRow.spent_until).where(LoginBudgetRow.key.in_(attempt.budgets))
    if lock:
        # Always in the same order, so that two attempts never deadlock.
        query = query.order_by(LoginBudgetRow.key).with_for_update()
    found = {row.key: row.spent_until for row in (await tx.execute(query)).all()}
    return {key: found.get(key, now) for key in attempt.budgets}


async def _set(tx: AsyncSession, key: str, spent_until: datetime) -> None:
    await tx.execute(update(LoginBudgetRow).where(LoginBudgetRow.key == key).values(spent_until=spent_until))


def _check(attempt: Attempt, spent: Mapping[str, datetime], now: datetime) -> None:
    waits = [allowance.wait(spent[key], now) for key, allowance in attempt.budgets.items()]
    seconds = max(waits).total_seconds()
    if seconds > 0:
        raise too_many(seconds)


def too_many(seconds: float) -> BusyError:
    """The error of an attempt that may be repeated after `seconds`."""
    message = f"too many attempts to log in; try again in {in_words(seconds)}"
    return BusyError(message, max(1, -int(-seconds // 1)))


def _key(kind: str, *parts: str) -> str:
    return f"{kind} {_digest(chr(10).join(parts))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
