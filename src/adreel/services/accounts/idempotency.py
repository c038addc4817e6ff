"""Idempotency keys: a request that a client repeats does its work once and gets the first answer again.

The transaction that does the work also stores the answer (`IdempotencyService.receipt`), and only while the claim holds. So no
crash separates the two, and a process that was presumed dead cannot do the work a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, CursorResult, and_, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import IdempotencyRow
from adreel.domain.errors import ConflictError
from adreel.domain.ids import Clock, utc_now
from adreel.domain.sessions.session import Json
from adreel.services.receipts import Receipt

T = TypeVar("T")

KEPT = timedelta(hours=24)
"""How long answers are stored."""

TAKEN_OVER = timedelta(seconds=60)
"""A request without an answer by then counts as dead: the next one may take the work over. Differing clocks are harmless: the
first request, if it still runs, finds its claim gone when it commits."""

_AT_WORK = 0
_RETRY_SECONDS = 2
_TRIES = 3


class StillAtWorkError(ConflictError):
    """The first request with this key has not been answered yet. `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("the first request with this Idempotency-Key is still at work; ask again in a moment")
        self.retry_after = retry_after


class LostClaimError(StillAtWorkError):
    """Another request with this key has taken the work over: this one must not do it."""

    def __init__(self) -> None:
        super().__init__(_RETRY_SECONDS)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work of one key. `claimed_at` distinguishes it from an older claim that was taken over."""

    user_id: str
    key: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The first answer, as it was stored."""

    status: int
    body: Json


class IdempotencyService:
    """Keys belong to one user and one path."""

    def __init__(self, db: Database, clock: Clock = utc_now) -> None:
        self._db = db
        self._clock = clock

    async def claim(self, user_id: str, path: str, key: str, request_hash: str) -> Claim | KeptAnswer:
        """Returns the stored answer, or a claim to do the work, which must end in `receipt`, `keep` or `release`.

        Raises ConflictError when the key was sent with another body, StillAtWorkError while the first request runs.
        """
        claim = Claim(user_id, _kept_key(path, key), self._clock())
        for _ in range(_TRIES):
            try:
                async with self._db.writing() as tx:
                    return await self._claim_in(tx, claim, request_hash)
            except IntegrityError:
                # Another request with this key was faster: now its row can be read.
                continue
        raise StillAtWorkError(_RETRY_SECONDS)

    def receipt(self, claim: Claim, answer: Callable[[T], KeptAnswer]) -> Receipt[T]:
        """A receipt that stores the answer in the transaction of the work. LostClaimError rolls that transaction back."""

        async def keep(tx: AsyncSession, done: T) -> None:
            if not await _keep_in(tx, claim, answer(done)):
                raise LostClaimError

        return keep

    async def keep(self, claim: Claim, answer: KeptAnswer) -> None:
        """Stores the answer to work that changed nothing, unless one is stored or the work was taken over."""
        async with self._db.writing() as tx:
            await _keep_in(tx, claim, answer)

    async def kept(self, claim: Claim) -> KeptAnswer | None:
        """The stored answer, if there is one."""
        async with self._db.reading() as tx:
            found = await tx.get(IdempotencyRow, (claim.user_id, claim.key))
            return None if found is None or found.status == _AT_WORK else KeptAnswer(found.status, found.body)

    async def release(self, claim: Claim) -> None:
        """Deletes the key after work that failed and changed nothing: the same request may be retried."""
        async with self._db.writing() as tx:
            await tx.execute(delete(IdempotencyRow).where(_is(claim), IdempotencyRow.status == _AT_WORK))

    async def forget_expired(self) -> int:
        """Deletes expired answers; returns how many."""
        async with self._db.writing() as tx:
            gone = await tx.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < self._clock() - KEPT))
        return gone.rowcount if isinstance(gone, CursorResult) else 0

    async def _claim_in(self, tx: AsyncSession, claim: Claim, request_hash: str) -> Claim | KeptAnswer:
        found = await tx.get(IdempotencyRow, (claim.user_id, claim.key), with_for_update=True)
        if found is None:
            await tx.execute(insert(IdempotencyRow).values(**_fresh(claim, request_hash)))
            return claim
        age = claim.claimed_at - found.created_at
        if age < KEPT and found.request_hash != request_hash:
            raise ConflictError("this Idempotency-Key was sent with another request; use a new key for a new request")
        if age < KEPT and found.status != _AT_WORK:
            return KeptAnswer(found.status, found.body)
        if -TAKEN_OVER < age < TAKEN_OVER:
            raise StillAtWorkError(_RETRY_SECONDS)
        await tx.execute(
            update(IdempotencyRow)
            .where(IdempotencyRow.user_id == claim.user_id, IdempotencyRow.key == claim.key)
            .values(**_fresh(claim, request_hash))
        )
        return claim


async def _keep_in(tx: AsyncSession, claim: Claim, answer: KeptAnswer) -> bool:
    changed = await tx.execute(
        update(IdempotencyRow)
        .where(_is(claim), IdempotencyRow.status == _AT_WORK)
        .values(status=answer.status, body=dict(answer.body))
    )
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def _kept_key(path: str, key: str) -> str:
    return hashlib.sha256(f"{path}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()


def _fresh(claim: Claim, request_hash: str) -> dict[str, object]:
    return {
        "user_id": claim.user_id,
        "key": claim.key,
        "request_hash": request_hash,
        "status": _AT_WORK,
        "body": {},
        "created_at": claim.claimed_at,
    }


def _is(claim: Claim) -> ColumnElement[bool]:
    return and_(
        IdempotencyRow.user_id == claim.user_id,
        IdempotencyRow.key == claim.key,
        IdempotencyRow.created_at == claim.claimed_at,
    )
