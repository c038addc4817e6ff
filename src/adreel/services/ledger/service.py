"""The ledger: records every paid call, and reserves its price, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from adreel.db.engine import Database
from adreel.db.locks import lock_own_session, lock_session
from adreel.db.tables import CALLS, SESSIONS, USERS, PaidCallRow, RestoreRow, SessionRow, UserRow
from adreel.db.types import usd
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits, limits_of, require_cap
from adreel.domain.costs.ledger import Budget, CallState, PaidCall, Purchase, check_cap, marker_seed
from adreel.domain.errors import BudgetError, ConflictError, NotFoundError
from adreel.domain.ids import Clock, utc_now
from adreel.services.accounts.limits import read_limits
from adreel.services.ledger.daily_spending import day_of, fits_in_day, reserved_on_day, spent_on
from adreel.services.ledger.restores import doubt, latest_restore
from adreel.services.ledger.settlement import OPEN, settle_in
from adreel.services.sessions.mapping import call_of
from adreel.services.sessions.records import Settlement

_IDS_AT_ONCE = 500
"""Ids per query: databases limit the number of parameters."""


class LedgerService:
    """Purchases and budgets. A call is reserved once, settled once, and never changes after that."""

    def __init__(self, database: Database, clock: Clock = utc_now, limits: AccountLimits = NO_LIMITS) -> None:
        """`limits` are the defaults of accounts."""
        self._database = database
        self._clock = clock
        self._limits = limits
        self._restore: RestoreRow | None = None
        self._knows_restore = False

    async def reserve(self, purchase: Purchase) -> PaidCall:
        """Records the call and reserves its estimate on the session and on the account, both or neither. Idempotent by key.

        Raises BudgetError when a cap would be exceeded, NotFoundError for an unknown session, ConflictError when the key
        belongs to another session's call.
        """
        async with self._database.writing() as transaction:
            session = await lock_own_session(transaction, purchase.user_id, purchase.session_id)
            row = await transaction.get(PaidCallRow, purchase.key)
            if row is None:
                now = self._clock()
                await _reserve_on_session(transaction, purchase)
                await self._reserve_on_account(transaction, purchase, day_of(now))
                row = _intent(purchase, now)
                await self._doubt(transaction, row, purchase.previous, session.created_at)
                transaction.add(row)
            elif row.session_id != purchase.session_id:
                raise ConflictError(f"the paid call {purchase.key} belongs to another session")
            return call_of(row)

    async def _doubt(
        self, transaction: AsyncSession, row: PaidCallRow, previous: str | None, session_began: datetime
    ) -> None:
        if not self._knows_restore:
            # Backups are restored while no process runs.
            self._restore, self._knows_restore = await latest_restore(transaction), True
        if self._restore is not None:
            await doubt(transaction, row, previous, session_began, self._restore, self._clock())

    async def posting(
        self, key: str, job_id: str | None = None, provider_time: datetime | None = None
    ) -> PaidCall | None:
        """Records, before the request is sent, that it may have been sent. Returns the call.

        `provider_time` is the provider's clock, by which the order is searched if its answer is lost. With a `job_id`: returns
        None, and records nothing, when the session does not run this job (any more).
        Raises ConflictError when the request must not be sent (again).
        """
        statement = update(PaidCallRow).where(PaidCallRow.key == key, PaidCallRow.state == CallState.INTENT.value)
        if job_id is not None:
            statement = statement.where(_at_work(PaidCallRow.session_id, job_id))
        async with self._database.writing() as transaction:
            values = {"posted_at": self._clock(), "provider_posted_at": provider_time}
            updated = await transaction.scalar(statement.values(values).returning(PaidCallRow))
            if updated is not None:
                return call_of(updated)
            call = await _known(transaction, key)
            if job_id is not None and not await transaction.scalar(select(_at_work(literal(call.session_id), job_id))):
                return None
            raise ConflictError(f"the paid call {key} is {call.state} already: it must not be sent again")

    async def submitted(self, key: str, provider_id: str, created_at: datetime | None = None) -> None:
        """Stores the provider's id, and when it accepted the order by its own clock. A settled call stays settled.

        Raises ConflictError when the call has another id already.
        """
        async with self._database.writing() as transaction:
            statement = update(CALLS).where(CALLS.c.key == key, CALLS.c.state == CallState.INTENT.value)
            values = {
                "provider_id": provider_id,
                "provider_created_at": created_at,
                "state": CallState.SUBMITTED.value,
            }
            found = await transaction.scalar(statement.values(values).returning(CALLS.c.key))
            if found is None:
                call = await _known(transaction, key)
                if call.provider_id not in (None, provider_id):
                    raise ConflictError(f"the paid call {key} is {call.provider_id} at the provider, not {provider_id}")

    async def get(self, key: str) -> PaidCall | None:
        async with self._database.reading() as transaction:
            row = await transaction.get(PaidCallRow, key)
            return None if row is None else call_of(row)

    async def ordered(self, provider: str, provider_id: str) -> PaidCall | None:
        """Returns the call with this id at its provider, or None."""
        query = select(PaidCallRow).where(PaidCallRow.provider == provider, PaidCallRow.provider_id == provider_id)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query)
            return None if row is None else call_of(row)

    async def settle(self, settlement: Settlement) -> None:
        """Settles a call that produced no asset. Idempotent. Raises NotFoundError for an unknown call."""
        async with self._database.writing() as transaction:
            call = await _known(transaction, settlement.call_key)
            row = await lock_session(transaction, call.session_id)
            await settle_in(transaction, row, settlement, self._clock())

    async def open_calls(self, session_id: str | None = None) -> tuple[PaidCall, ...]:
        """Calls that are not settled, oldest first; with a `session_id`, those of one session."""
        query = select(PaidCallRow).where(PaidCallRow.state.in_(OPEN))
        if session_id is not None:
            query = query.where(PaidCallRow.session_id == session_id)
        async with self._database.reading() as transaction:
            rows = await transaction.scalars(query.order_by(PaidCallRow.created_at, PaidCallRow.key))
            return tuple(call_of(row) for row in rows)

    async def calls_in(self, session_id: str) -> tuple[PaidCall, ...]:
        """All calls of a session, oldest first."""
        query = select(PaidCallRow).where(PaidCallRow.session_id == session_id)
        async with self._database.reading() as transaction:
            rows = await transaction.scalars(query.order_by(PaidCallRow.created_at, PaidCallRow.key))
            return tuple(call_of(row) for row in rows)

    async def accepted(self, provider: str, since: datetime, until: datetime) -> frozenset[str]:
        """The ids of all orders that a provider accepted between two times of its own clock."""
        accepted_at = PaidCallRow.provider_created_at
        query = select(PaidCallRow.provider_id).where(
            PaidCallRow.provider == provider, accepted_at >= since, accepted_at <= until
        )
        async with self._database.reading() as transaction:
            return frozenset(name for name in await transaction.scalars(query) if name is not None)

    async def has_calls(self, session_id: str) -> bool:
        """Whether the ledger has any call of a session, even of a deleted one."""
        query = select(PaidCallRow.key).where(PaidCallRow.session_id == session_id).limit(1)
        async with self._database.reading() as transaction:
            return await transaction.scalar(query) is not None

    async def calls_at(self, provider: str, since: datetime) -> tuple[PaidCall, ...]:
        """Calls of one provider ordered since a time of its clock (of ours where that is unknown), oldest first."""
        ordered_at = func.coalesce(
            PaidCallRow.provider_created_at, PaidCallRow.provider_posted_at, PaidCallRow.created_at
        )
        query = select(PaidCallRow).where(PaidCallRow.provider == provider, ordered_at >= since)
        async with self._database.reading() as transaction:
            rows = await transaction.scalars(query.order_by(PaidCallRow.created_at, PaidCallRow.key))
            return tuple(call_of(row) for row in rows)

    async def calls_of(self, provider: str, provider_ids: Sequence[str]) -> tuple[PaidCall, ...]:
        """The calls of these jobs of one provider that the ledger knows."""
        found: list[PaidCall] = []
        async with self._database.reading() as transaction:
            for start in range(0, len(provider_ids), _IDS_AT_ONCE):
                batch = provider_ids[start : start + _IDS_AT_ONCE]
                query = select(PaidCallRow).where(PaidCallRow.provider == provider, PaidCallRow.provider_id.in_(batch))
                found += [call_of(row) for row in await transaction.scalars(query)]
        return tuple(found)

    async def set_budget(self, user_id: str, cap: Decimal | None) -> Budget:
        """Sets the account's own cap in US dollars; None removes it. Returns the new budget.

        Raises LimitError for a cap above the operator's limit, or for None where there is such a limit; ConflictError for a cap
        below the spent and reserved amount, InputError for one below zero, NotFoundError.
        """
        async with self._database.writing() as transaction:
            query = select(UserRow).where(UserRow.id == user_id).with_for_update()
            row = await transaction.scalar(query.execution_options(populate_existing=True))
            if row is None:
                raise _no_user(user_id)
            check_cap(cap, Budget(row.budget_cap, row.spent, row.reserved))
            limits = limits_of(user_id, self._limits, row.limits)
            require_cap(cap, limits)
            row.budget_cap = cap
            return _budget(row, limits)

    async def budget(self, user_id: str) -> Budget:
        """The account's budget; its cap is the lower of its own and the operator's limit."""
        async with self._database.reading() as transaction:
            row = await transaction.get(UserRow, user_id)
            if row is None:
                raise _no_user(user_id)
            return _budget(row, limits_of(user_id, self._limits, row.limits))

    async def tightest(self, user_id: str) -> tuple[str, Budget]:
        """The account's budget, or that of the UTC day where it has less left, by its name in errors: "account", "day".

        Raises NotFoundError.
        """
        day = day_of(self._clock())
        async with self._database.reading() as transaction:
            row = await transaction.get(UserRow, user_id)
            if row is None:
                raise _no_user(user_id)
            return _tightest(_budgets(row, limits_of(user_id, self._limits, row.limits), day))

    async def require(self, user_id: str, needed: Decimal) -> None:
        """Raises BudgetError when the account's budget or its daily limit has less than `needed` US dollars left.

        Reserves nothing: each purchase is checked against both again.
        """
        async with self._database.reading() as transaction:
            await require_left(transaction, user_id, needed, self._limits, self._clock())

    async def _reserve_on_account(self, transaction: AsyncSession, purchase: Purchase, day: str) -> None:
        """One conditional update, so that concurrent requests cannot exceed the budget together."""
        limits = await read_limits(transaction, purchase.user_id, self._limits)
        needed = purchase.estimate
        statement = update(USERS).where(USERS.c.id == purchase.user_id, *_fits_account(needed, day, limits))
        changes = {"reserved": USERS.c.reserved + usd(needed), **reserved_on_day(needed, day)}
        if await transaction.scalar(statement.values(changes).returning(USERS.c.id)) is None:
            row = await transaction.get_one(UserRow, purchase.user_id, populate_existing=True)
            raise _too_little(needed, _budgets(row, limits, day))


async def require_left(
    transaction: AsyncSession, user_id: str, needed: Decimal, defaults: AccountLimits, now: datetime
) -> None:
    """As `LedgerService.require`, within a transaction that the caller opened."""
    row = await transaction.get(UserRow, user_id)
    if row is None:
        raise _no_user(user_id)
    limits = limits_of(user_id, defaults, row.limits)
    for whose, budget in _budgets(row, limits, day_of(now)):
        if budget.left is not None and needed > budget.left:
            raise _over(whose, needed, budget)


def _intent(purchase: Purchase, now: datetime) -> PaidCallRow:
    return PaidCallRow(
        key=purchase.key,
        session_id=purchase.session_id,
        user_id=purchase.user_id,
        kind=purchase.kind.value,
        source_image_id=purchase.source_image_id,
        outside_job=purchase.outside_job,
        provider=purchase.provider,
        model=purchase.model,
        seed=marker_seed(purchase.key),
        state=CallState.INTENT.value,
        estimate=purchase.estimate,
        amount=Decimal(0),
        created_at=now,
    )


async def _reserve_on_session(transaction: AsyncSession, purchase: Purchase) -> None:
    needed = usd(purchase.estimate)
    table = SESSIONS.c
    fits = table.total_cost + table.reserved + needed <= table.budget_cap
    statement = update(SESSIONS).where(table.id == purchase.session_id, or_(table.budget_cap.is_(None), fits))
    if await transaction.scalar(statement.values(reserved=table.reserved + needed).returning(table.id)) is None:
        row = await transaction.get_one(SessionRow, purchase.session_id)
        raise _over("session", purchase.estimate, Budget(row.budget_cap, row.total_cost, row.reserved))


def _fits_account(needed: Decimal, day: str, limits: AccountLimits) -> list[ColumnElement[bool]]:
    table = USERS.c
    used = table.spent + table.reserved + usd(needed)
    fits = [or_(table.budget_cap.is_(None), used <= table.budget_cap)]
    if limits.budget is not None:
        fits.append(used <= usd(limits.budget))
    if limits.dollars_per_day is not None:
        fits.append(fits_in_day(needed, day, limits.dollars_per_day))
    return fits


def _budget(row: UserRow, limits: AccountLimits) -> Budget:
    caps = [cap for cap in (row.budget_cap, limits.budget) if cap is not None]
    return Budget(min(caps, default=None), row.spent, row.reserved)


def _budgets(row: UserRow, limits: AccountLimits, day: str) -> tuple[tuple[str, Budget], ...]:
    """The account's and the day's budgets, by their names in errors."""
    return ("account", _budget(row, limits)), ("day", Budget(limits.dollars_per_day, spent_on(row, day), Decimal(0)))


def _too_little(needed: Decimal, budgets: Sequence[tuple[str, Budget]]) -> BudgetError:
    """The error of the budget that has the least left."""
    whose, budget = _tightest(budgets)
    return _over(whose, needed, budget)


def _tightest(budgets: Sequence[tuple[str, Budget]]) -> tuple[str, Budget]:
    """The budget that has the least left; the first one where none has a limit."""
    limited = [(whose, budget) for whose, budget in budgets if budget.left is not None]
    return min(limited, key=lambda one: one[1].left or Decimal(0), default=budgets[0])


def _over(whose: str, needed: Decimal, budget: Budget) -> BudgetError:
    left, cap = budget.left or Decimal(0), budget.cap or Decimal(0)
    return BudgetError(whose, needed, left, cap)


def _at_work(session_id: ColumnElement[str] | InstrumentedAttribute[str], job_id: str) -> ColumnElement[bool]:
    return exists().where(SessionRow.id == session_id, SessionRow.job_id == job_id)


async def _known(transaction: AsyncSession, key: str) -> PaidCallRow:
    row = await transaction.get(PaidCallRow, key)
    if row is None:
        raise NotFoundError(f"there is no paid call {key}")
    return row


def _no_user(user_id: str) -> NotFoundError:
    return NotFoundError(f"there is no user {user_id}")
