"""The ledger: every paid call is written down, and its price reserved, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from adreel.db.engine import Database
from adreel.db.tables import CALLS, SESSIONS, USERS, PaidCallRow, SessionRow, UserRow
from adreel.db.types import usd
from adreel.domain.errors import BudgetError, ConflictError, NotFoundError
from adreel.domain.ledger import CallState, PaidCall, Purchase, marker_seed
from adreel.domain.money import tidy
from adreel.services.caps import check_cap
from adreel.services.defaults import Clock, utc_now
from adreel.services.locking import lock_own_session, lock_session
from adreel.services.records import Budget, Settlement
from adreel.services.rows import call_of
from adreel.services.settling import OPEN, settle_in

_IDS_AT_ONCE = 500
"""How many ids one query may name: databases have their limits."""


class LedgerService:
    """Purchases and budgets. A call is reserved once, settled once, and never changes after that."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def reserve(self, purchase: Purchase) -> PaidCall:
        """Writes the call down and reserves its estimate on the session and on the account, both or neither.

        A key that is there already gives its call as it is and reserves nothing more. Raises BudgetError when a cap would be
        overrun, NotFoundError for an unknown session, ConflictError when the key stands for another session's call.
        """
        async with self._database.writing() as transaction:
            await lock_own_session(transaction, purchase.user_id, purchase.session_id)
            row = await transaction.get(PaidCallRow, purchase.key)
            if row is None:
                await _reserve_on_session(transaction, purchase)
                await _reserve_on_account(transaction, purchase)
                row = _intent(purchase, self._clock())
                transaction.add(row)
            elif row.session_id != purchase.session_id:
                raise ConflictError(f"the paid call {purchase.key} belongs to another session")
            return call_of(row)

    async def posting(self, key: str, job_id: str | None = None) -> PaidCall | None:
        """Notes, before the request leaves, that it may have left from now on: the call as it is then.

        With a `job_id`: None, and nothing noted, when its session is not at work on this job (any more).
        ConflictError when it must not be sent (again).
        """
        statement = update(PaidCallRow).where(PaidCallRow.key == key, PaidCallRow.state == CallState.INTENT.value)
        if job_id is not None:
            statement = statement.where(_at_work(PaidCallRow.session_id, job_id))
        async with self._database.writing() as transaction:
            noted = await transaction.scalar(statement.values(posted_at=self._clock()).returning(PaidCallRow))
            if noted is not None:
                return call_of(noted)
            call = await _known(transaction, key)
            if job_id is not None and not await transaction.scalar(select(_at_work(literal(call.session_id), job_id))):
                return None
            raise ConflictError(f"the paid call {key} is {call.state} already: it must not be sent again")

    async def submitted(self, key: str, provider_id: str) -> None:
        """Keeps the provider's id. A call that is settled stays so. ConflictError when it has another id already."""
        async with self._database.writing() as transaction:
            statement = update(CALLS).where(CALLS.c.key == key, CALLS.c.state == CallState.INTENT.value)
            values = {"provider_id": provider_id, "state": CallState.SUBMITTED.value}
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
        """The call that has this id at its provider."""
        query = select(PaidCallRow).where(PaidCallRow.provider == provider, PaidCallRow.provider_id == provider_id)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query)
            return None if row is None else call_of(row)

    async def settle(self, settlement: Settlement) -> None:
        """Ends a call that leaves no asset; nothing happens when it has ended before. NotFoundError for an unknown call."""
        async with self._database.writing() as transaction:
            call = await _known(transaction, settlement.call_key)
            row = await lock_session(transaction, call.session_id)
            await settle_in(transaction, row, settlement, self._clock())

    async def open_calls(
        self, older_than: datetime | None = None, session_id: str | None = None
    ) -> tuple[PaidCall, ...]:
        """Calls that are not settled, oldest first; those written down before `older_than`, those of one session."""
        query = select(PaidCallRow).where(PaidCallRow.state.in_(OPEN))
        if older_than is not None:
            query = query.where(PaidCallRow.created_at < older_than)
        if session_id is not None:
            query = query.where(PaidCallRow.session_id == session_id)
        async with self._database.reading() as transaction:
            rows = await transaction.scalars(query.order_by(PaidCallRow.created_at, PaidCallRow.key))
            return tuple(call_of(row) for row in rows)

    async def has_calls(self, session_id: str) -> bool:
        """Whether anything was ever bought, or meant to be, for a session; also for one that is gone."""
        query = select(PaidCallRow.key).where(PaidCallRow.session_id == session_id).limit(1)
        async with self._database.reading() as transaction:
            return await transaction.scalar(query) is not None

    async def calls_at(self, provider: str, since: datetime) -> tuple[PaidCall, ...]:
        """Calls of one provider that were written down since a moment, oldest first."""
        query = select(PaidCallRow).where(PaidCallRow.provider == provider, PaidCallRow.created_at >= since)
        async with self._database.reading() as transaction:
            rows = await transaction.scalars(query.order_by(PaidCallRow.created_at, PaidCallRow.key))
            return tuple(call_of(row) for row in rows)

    async def calls_of(self, provider: str, provider_ids: Sequence[str]) -> tuple[PaidCall, ...]:
        """Those of one provider's jobs that the ledger knows."""
        found: list[PaidCall] = []
        async with self._database.reading() as transaction:
            for start in range(0, len(provider_ids), _IDS_AT_ONCE):
                some = provider_ids[start : start + _IDS_AT_ONCE]
                query = select(PaidCallRow).where(PaidCallRow.provider == provider, PaidCallRow.provider_id.in_(some))
                found += [call_of(row) for row in await transaction.scalars(query)]
        return tuple(found)

    async def set_budget(self, user_id: str, cap: Decimal | None) -> Budget:
        """Sets the account's cap in US dollars; None removes it. Gives the budget as it is then.

        Raises ConflictError for a cap below what is spent or reserved, InputError for one below zero, NotFoundError.
        """
        async with self._database.writing() as transaction:
            query = select(UserRow).where(UserRow.id == user_id).with_for_update()
            row = await transaction.scalar(query.execution_options(populate_existing=True))
            if row is None:
                raise _no_user(user_id)
            check_cap(cap, Budget(row.budget_cap, row.spent, row.reserved))
            row.budget_cap = cap
            return Budget(cap, row.spent, row.reserved)

    async def budget(self, user_id: str) -> Budget:
        async with self._database.reading() as transaction:
            row = await transaction.get(UserRow, user_id)
            if row is None:
                raise _no_user(user_id)
            return Budget(row.budget_cap, row.spent, row.reserved)


def _intent(purchase: Purchase, now: datetime) -> PaidCallRow:
    return PaidCallRow(
        key=purchase.key,
        session_id=purchase.session_id,
        user_id=purchase.user_id,
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


async def _reserve_on_account(transaction: AsyncSession, purchase: Purchase) -> None:
    needed = usd(purchase.estimate)
    table = USERS.c
    fits = table.spent + table.reserved + needed <= table.budget_cap
    statement = update(USERS).where(table.id == purchase.user_id, or_(table.budget_cap.is_(None), fits))
    if await transaction.scalar(statement.values(reserved=table.reserved + needed).returning(table.id)) is None:
        row = await transaction.get_one(UserRow, purchase.user_id)
        raise _over("account", purchase.estimate, Budget(row.budget_cap, row.spent, row.reserved))


def _over(whose: str, needed: Decimal, budget: Budget) -> BudgetError:
    left, cap = budget.left or Decimal(0), budget.cap or Decimal(0)
    return BudgetError(whose, tidy(needed), tidy(left), tidy(cap))


def _at_work(session_id: ColumnElement[str] | InstrumentedAttribute[str], job_id: str) -> ColumnElement[bool]:
    return exists().where(SessionRow.id == session_id, SessionRow.job_id == job_id)


async def _known(transaction: AsyncSession, key: str) -> PaidCallRow:
    row = await transaction.get(PaidCallRow, key)
    if row is None:
        raise NotFoundError(f"there is no paid call {key}")
    return row


def _no_user(user_id: str) -> NotFoundError:
    return NotFoundError(f"there is no user {user_id}")
