"""Idempotency-Key: the same request sent twice starts work once and gets the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from adreel.services.idempotency_service import Claim, IdempotencyService, KeptAnswer

REPLAYED = "idempotent-replayed"


class Once:
    """Answers one request of one person. Without a key the work is simply done.

    Work that raises leaves no answer behind, since a refused request has changed nothing: the key may be used again.
    """

    def __init__(self, service: IdempotencyService, user_id: str, path: str, key: str | None) -> None:
        self._service = service
        self._user_id = user_id
        self._path = path
        self._key = key

    async def answer(
        self, request: BaseModel | str, work: Callable[[], Awaitable[BaseModel]], status: int = 200
    ) -> JSONResponse:
        """What `work` makes, or what it made before. `request` is the body, or a digest of it.

        Raises ConflictError when the key stands for another request, or for one that is still at work.
        """
        if self._key is None:
            return _response(KeptAnswer(status, (await work()).model_dump(mode="json")))
        claimed = await self._service.claim(self._user_id, self._path, self._key, _digest(request))
        if isinstance(claimed, KeptAnswer):
            return _response(claimed, replayed=True)
        return _response(await self._work(claimed, work, status))

    async def _work(self, claim: Claim, work: Callable[[], Awaitable[BaseModel]], status: int) -> KeptAnswer:
        try:
            answer = KeptAnswer(status, (await work()).model_dump(mode="json"))
        except BaseException:
            await self._service.release(claim)
            raise
        await self._service.keep(claim, answer)
        return answer


def _response(answer: KeptAnswer, *, replayed: bool = False) -> JSONResponse:
    return JSONResponse(dict(answer.body), answer.status, {REPLAYED: "true"} if replayed else None)


def _digest(request: BaseModel | str) -> str:
    text = request if isinstance(request, str) else request.model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()
