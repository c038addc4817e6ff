"""Checks the usage of accounts against their limits. For use within a transaction that the caller opened.

The user's row is locked first, so that concurrent requests are counted one after the other. It is last in the lock order
(see `db.locks`): after this a transaction locks no session and no call.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.batch_tables import BatchRow, CatalogueFilmRow
from adreel.db.tables import AssetRow, SessionRow, TokenRow, UserFileRow, UserRow
from adreel.domain.accounts.limits import AccountLimits, LimitName, limit_error, limits_of, mebibytes, require
from adreel.domain.accounts.user import LOCAL_USER_ID, TokenKind
from adreel.domain.catalogues.batch import BatchState
from adreel.domain.errors import RateError
from adreel.domain.sessions.session import AssetKind

_HOUR = "%Y-%m-%dT%H"
_SECONDS = 3600


async def read_limits(transaction: AsyncSession, user_id: str, defaults: AccountLimits) -> AccountLimits:
    """The limits of an account; the defaults for an unknown one."""
    if user_id == LOCAL_USER_ID:
        return limits_of(user_id, defaults, {})
    overrides = await transaction.scalar(select(UserRow.limits).where(UserRow.id == user_id))
    return limits_of(user_id, defaults, overrides or {})


async def lock_limits(transaction: AsyncSession, user_id: str, defaults: AccountLimits) -> AccountLimits:
    """As `read_limits`, and locks the account's counts until the transaction ends."""
    row = await _locked(transaction, user_id)
    return limits_of(user_id, defaults, row.limits if row is not None else {})


async def admit_session(
    transaction: AsyncSession, user_id: str, defaults: AccountLimits, now: datetime
) -> AccountLimits:
    """Counts one more session; returns the limits. Raises LimitError, and RateError when too many were made this hour."""
    row = await _locked(transaction, user_id)
    if row is None:
        return limits_of(user_id, defaults, {})
    limits = limits_of(user_id, defaults, row.limits)
    if limits.sessions is not None:
        require(limits, LimitName.SESSIONS, await count_sessions(transaction, user_id) + 1)
    hour = hour_of(now)
    made = sessions_in(row, hour) + 1
    if limits.sessions_per_hour is not None and made > limits.sessions_per_hour:
        raise _too_often(limits.sessions_per_hour, now)
    row.hour, row.hour_sessions = max(hour, row.hour or hour), made
    return limits


async def admit_job(
    transaction: AsyncSession, user_id: str, session_id: str, defaults: AccountLimits, images: int
) -> None:
    """Admits a job in a session that will make `images` images. Raises LimitError."""
    limits = await lock_limits(transaction, user_id, defaults)
    if limits.jobs is not None:
        require(limits, LimitName.JOBS, await count_jobs(transaction, user_id, besides=session_id) + 1)
    # The size of its files is unknown: it may begin while any storage is left.
    await require_room(transaction, user_id, limits, images, 1)


async def admit_key(transaction: AsyncSession, user_id: str, defaults: AccountLimits) -> None:
    """Admits one more API key. Raises LimitError."""
    limits = await lock_limits(transaction, user_id, defaults)
    if limits.keys is not None:
        require(limits, LimitName.KEYS, await count_keys(transaction, user_id) + 1)


async def require_room(transaction: AsyncSession, user_id: str, limits: AccountLimits, images: int, size: int) -> None:
    """Raises LimitError when `images` images and `size` bytes more than stored now would exceed the limits."""
    if limits.photos is None and limits.stored_mb is None:
        return
    photos, stored = await count_files(transaction, user_id)
    if images:
        require(limits, LimitName.PHOTOS, photos + images)
    if size:
        require(limits, LimitName.STORED_MB, mebibytes(stored + size))


async def count_sessions(transaction: AsyncSession, user_id: str) -> int:
    query = select(func.count()).select_from(SessionRow).where(SessionRow.user_id == user_id)
    return await transaction.scalar(query) or 0


async def count_jobs(transaction: AsyncSession, user_id: str, besides: str = "") -> int:
    """Counts the user's sessions with a running job, except the session `besides`, and their batches at work."""
    query = select(func.count()).select_from(SessionRow)
    query = query.where(SessionRow.user_id == user_id, SessionRow.job_id.is_not(None), SessionRow.id != besides)
    states = [state.value for state in BatchState if state.has_work]
    batches = select(func.count()).select_from(BatchRow)
    batches = batches.where(BatchRow.user_id == user_id, BatchRow.state.in_(states))
    return sum([await transaction.scalar(each) or 0 for each in (query, batches)])


async def count_files(transaction: AsyncSession, user_id: str) -> tuple[int, int]:
    """The number of images in the user's sessions, and the bytes of all files in them, of those for brands and films, and of the
    films of catalogues."""
    images = func.count().filter(AssetRow.kind == AssetKind.IMAGE.value)
    query = select(images, func.coalesce(func.sum(AssetRow.size_bytes), 0)).select_from(AssetRow)
    query = query.join(SessionRow, SessionRow.id == AssetRow.session_id).where(SessionRow.user_id == user_id)
    photos, stored = (await transaction.execute(query)).one()
    own = select(func.coalesce(func.sum(UserFileRow.size_bytes), 0)).where(UserFileRow.user_id == user_id)
    films = select(func.coalesce(func.sum(CatalogueFilmRow.size_bytes), 0)).where(CatalogueFilmRow.user_id == user_id)
    return int(photos), int(stored) + sum([int(await transaction.scalar(query) or 0) for query in (own, films)])


async def count_keys(transaction: AsyncSession, user_id: str) -> int:
    query = select(func.count()).select_from(TokenRow)
    return (
        await transaction.scalar(query.where(TokenRow.user_id == user_id, TokenRow.kind == TokenKind.API_KEY.value))
        or 0
    )


def sessions_in(row: UserRow, hour: str) -> int:
    """The number of sessions made in an hour, deleted ones included. A clock that is behind does not reset the count."""
    return row.hour_sessions if row.hour is not None and row.hour >= hour else 0


def hour_of(now: datetime) -> str:
    return now.strftime(_HOUR)


async def _locked(transaction: AsyncSession, user_id: str) -> UserRow | None:
    """The user's row; None for an unknown user, and for the local one, which has no limits."""
    if user_id == LOCAL_USER_ID:
        return None
    # "No key update": a transaction that adds a session or a token of the same user need not wait.
    query = select(UserRow).where(UserRow.id == user_id).with_for_update(key_share=True)
    return await transaction.scalar(query.execution_options(populate_existing=True))


def _too_often(limit: int, now: datetime) -> RateError:
    error = limit_error(LimitName.SESSIONS_PER_HOUR, limit)
    hour = now.replace(minute=0, second=0, microsecond=0)
    wait = (hour + timedelta(seconds=_SECONDS) - now).total_seconds()
    return RateError(str(error), error.name, error.limit, max(1, round(wait)))
