"""Answers kept for requests that are sent again: work is started once, however often a client has to repeat itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, and_, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import IdempotencyRow
from adreel.domain.errors import ConflictError
from adreel.domain.session import Json
from adreel.services.defaults import Clock, utc_now

KEPT = timedelta(hours=24)
"""How long an answer can be had again."""

TAKEN_OVER = timedelta(seconds=60)
"""A request that has not answered by then has died with its process: the next one may do the work."""

_AT_WORK = 0
_RETRY_SECONDS = 2
_TRIES = 3


class StillAtWorkError(ConflictError):
    """The first request with this key has not been answered yet. `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("the first request with this Idempotency-Key is still at work; ask again in a moment")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work of one key. `claimed_at` tells it from an older claim that was taken over."""

    user_id: str
    key: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered the first time."""

    status: int
    body: Json


class IdempotencyService:
    """Keys belong to one user and one path."""

    def __init__(self, db: Database, clock: Clock = utc_now) -> None:
        self._db = db
        self._clock = clock

    async def claim(self, user_id: str, path: str, key: str, request_hash: str) -> Claim | KeptAnswer:
        """The answer that was given, or the claim to do the work, which is to end in `keep` or `release`.

        Raises ConflictError when the key was sent with another body, StillAtWorkError while the first is at work.
        """
        claim = Claim(user_id, _kept_key(path, key), self._clock())
        for _ in range(_TRIES):
            try:
                async with self._db.writing() as tx:
                    return await self._claim_in(tx, claim, request_hash)
            except IntegrityError:
                # Another request with this key was first by a hair: now its row is there to be read.
                continue
        raise StillAtWorkError(_RETRY_SECONDS)

    async def keep(self, claim: Claim, answer: KeptAnswer) -> None:
        """Keeps the answer, unless the work was taken over meanwhile."""
        async with self._db.writing() as tx:
            await tx.execute(
                update(IdempotencyRow)
                .where(_is(claim), IdempotencyRow.status == _AT_WORK)
                .values(status=answer.status, body=dict(answer.body))
            )

    async def release(self, claim: Claim) -> None:
        """Forgets the key after work that failed and changed nothing: the same request may be tried again."""
        async with self._db.writing() as tx:
            await tx.execute(delete(IdempotencyRow).where(_is(claim), IdempotencyRow.status == _AT_WORK))

    async def forget_expired(self) -> int:
        """Removes answers that were kept long enough; says how many."""
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
        if age < TAKEN_OVER:
            raise StillAtWorkError(_RETRY_SECONDS)
        await tx.execute(
            update(IdempotencyRow)
            .where(IdempotencyRow.user_id == claim.user_id, IdempotencyRow.key == claim.key)
            .values(**_fresh(claim, request_hash))
        )
        return claim


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
