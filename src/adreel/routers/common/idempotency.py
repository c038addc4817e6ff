"""Idempotency-Key: a repeated request is carried out once and gets the same answer."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from adreel.domain.errors import StorageError
from adreel.services.accounts.idempotency import Claim, IdempotencyService, KeptAnswer
from adreel.services.receipts import Receipt, no_receipt

REPLAYED = "idempotent-replayed"

T = TypeVar("T")
_log = logging.getLogger(__name__)


class IdempotentRequest:
    """Answers one request of one user idempotently. Without a key it is not deduplicated.

    Work that raises stores no answer, since a refused request has changed nothing: the key may be used again.
    """

    def __init__(self, service: IdempotencyService, user_id: str, path: str, key: str | None) -> None:
        self._service = service
        self._user_id = user_id
        self._path = path
        self._key = key

    async def answer(
        self,
        request: BaseModel | str,
        work: Callable[[Receipt[T]], Awaitable[T]],
        shape: Callable[[T], BaseModel],
        status: int = 200,
    ) -> JSONResponse:
        """Runs `work` and returns its result as a response, or replays the stored answer. `request` is the body or its digest.
        `work` calls the receipt in its transaction, so that effect and answer are committed together.

        Raises ConflictError when the key belongs to another request, or to one that is still running.
        """

        def shaped(done: T) -> KeptAnswer:
            return KeptAnswer(status, shape(done).model_dump(mode="json"))

        if self._key is None:
            return _response(shaped(await work(no_receipt)))
        claimed = await self._service.claim(self._user_id, self._path, self._key, _digest(request))
        if isinstance(claimed, KeptAnswer):
            return _response(claimed, replayed=True)
        return _response(await self._work(claimed, work, shaped))

    async def _work(
        self, claim: Claim, work: Callable[[Receipt[T]], Awaitable[T]], shaped: Callable[[T], KeptAnswer]
    ) -> KeptAnswer:
        answers: list[KeptAnswer] = []

        def noted(done: T) -> KeptAnswer:
            answers.append(shaped(done))
            return answers[-1]

        try:
            done = await work(self._service.receipt(claim, noted))
        except Exception as error:
            kept = await self._settled(claim)
            if kept is None:
                raise
            _log.warning("a request failed after it was carried out: %s", error)
            return kept
        except BaseException:
            await self._settled(claim)
            raise
        if not answers:
            # `work` changed nothing and called no receipt.
            await self._service.keep(claim, noted(done))
        return answers[-1]

    async def _settled(self, claim: Claim) -> KeptAnswer | None:
        """Releases the key after work that raised. Returns the stored answer if the work was committed, by any request."""
        try:
            await self._service.release(claim)
            return await self._service.kept(claim)
        except StorageError as error:
            _log.warning("an idempotency key stays claimed until it expires: %s", error)
            return None


def _response(answer: KeptAnswer, *, replayed: bool = False) -> JSONResponse:
    return JSONResponse(dict(answer.body), answer.status, {REPLAYED: "true"} if replayed else None)


def _digest(request: BaseModel | str) -> str:
    text = request if isinstance(request, str) else request.model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()
