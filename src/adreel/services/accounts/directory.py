"""All accounts, for admins and the operator: list, disable, change roles."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import SessionRow, TokenRow, UserRow
from adreel.domain.accounts.user import AccountRecord, Role
from adreel.domain.errors import ConflictError, NotFoundError
from adreel.domain.ids import Clock, utc_now


class AccountDirectory:
    """Each method is one transaction. `ended` is called with the ids of logins and keys that are refused from now on.

    The last enabled admin stays one, so that accounts can be managed over the API.
    """

    def __init__(
        self, database: Database, clock: Clock = utc_now, ended: Callable[[Collection[str]], None] = lambda _: None
    ) -> None:
        self._database = database
        self._clock = clock
        self._ended = ended

    async def list(self) -> tuple[AccountRecord, ...]:
        """Every account that can log in, oldest first."""
        async with self._database.reading() as transaction:
            rows = await transaction.execute(_accounts().order_by(UserRow.created_at, UserRow.id))
            return tuple(_record(*row) for row in rows.all())

    async def get(self, user_id: str) -> AccountRecord:
        """Raises NotFoundError."""
        async with self._database.reading() as transaction:
            return await _get(transaction, user_id)

    async def set_role(self, user_id: str, role: Role) -> AccountRecord:
        """Raises NotFoundError, ConflictError for the last admin."""
        async with self._database.writing() as transaction:
            row = await _locked(transaction, user_id)
            if role is not Role.ADMIN:
                await _check_not_last(transaction, row)
            row.role = role.value
            await transaction.flush()
            return await _get(transaction, user_id)

    async def disable(self, user_id: str) -> AccountRecord:
        """Refuses the account's logins and keys from now on. Raises NotFoundError, ConflictError for the last admin."""
        async with self._database.writing() as transaction:
            row = await _locked(transaction, user_id)
            await _check_not_last(transaction, row)
            row.disabled_at = row.disabled_at or self._clock()
            await transaction.flush()
            tokens = (await transaction.scalars(select(TokenRow.id).where(TokenRow.user_id == user_id))).all()
            record = await _get(transaction, user_id)
        self._ended(tokens)
        return record

    async def enable(self, user_id: str) -> AccountRecord:
        """Accepts the account's logins and keys again. Raises NotFoundError."""
        async with self._database.writing() as transaction:
            (await _locked(transaction, user_id)).disabled_at = None
            await transaction.flush()
            return await _get(transaction, user_id)

    async def check_removable(self, user_id: str) -> None:
        """Raises NotFoundError, ConflictError for the last admin."""
        async with self._database.writing() as transaction:
            await _check_not_last(transaction, await _locked(transaction, user_id))


def _accounts() -> Select[tuple[UserRow, int, datetime]]:
    """Rows of accounts, with their numbers of sessions and when their tokens were used last (null for never)."""
    sessions = select(func.count()).where(SessionRow.user_id == UserRow.id).scalar_subquery()
    used = select(func.max(TokenRow.last_used_at)).where(TokenRow.user_id == UserRow.id).scalar_subquery()
    return select(UserRow, sessions, used).where(UserRow.email.is_not(None))


async def _get(transaction: AsyncSession, user_id: str) -> AccountRecord:
    row = (await transaction.execute(_accounts().where(UserRow.id == user_id))).one_or_none()
    if row is None:
        raise NotFoundError("there is no such account")
    return _record(*row)


async def _locked(transaction: AsyncSession, user_id: str) -> UserRow:
    # All admins are locked, in one order, so that two of them cannot remove each other at once.
    query = select(UserRow).where((UserRow.id == user_id) | (UserRow.role == Role.ADMIN.value)).order_by(UserRow.id)
    rows = (await transaction.scalars(query.with_for_update().execution_options(populate_existing=True))).all()
    found = next((row for row in rows if row.id == user_id and row.email is not None), None)
    if found is None:
        raise NotFoundError("there is no such account")
    return found


async def _check_not_last(transaction: AsyncSession, row: UserRow) -> None:
    if row.role != Role.ADMIN.value or row.disabled_at is not None:
        return
    others = select(func.count()).select_from(UserRow)
    others = others.where(UserRow.role == Role.ADMIN.value, UserRow.disabled_at.is_(None), UserRow.id != row.id)
    if not await transaction.scalar(others):
        raise ConflictError(f"{row.email} is the last admin; make another account an admin first")


def _record(row: UserRow, sessions: int, used: datetime | None) -> AccountRecord:
    return AccountRecord(
        id=row.id,
        email=row.email or "",
        role=Role(row.role),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        last_used_at=used,
        sessions=sessions,
        spent=row.spent or Decimal(0),
    )
