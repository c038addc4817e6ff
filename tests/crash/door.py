"""The API's door for customers: every request has a key, and is repeated with it until it is answered."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from support.replicate import Json

CLAIMED, WRITTEN, COMMITTED, ANSWERED = "key claimed", "effect written", "effect committed", "answer ready"
PLACES = (CLAIMED, WRITTEN, COMMITTED, ANSWERED)
"""Where a request with a key may be cut off: before its work; in its transaction; after that, with the job not handed over; and
with all done but the answer."""

_PAUSE = 0.2
_AT_WORK = "still at work"


@dataclass
class Door:
    """`patience` in seconds, for each request. Counts how often a request had to be `repeated`."""

    http: httpx.AsyncClient
    patience: float
    repeated: int = 0

    async def post(self, path: str, **request: Any) -> Json:
        """The answer. Raises AssertionError when the request is refused."""
        deadline, key = time.monotonic() + self.patience, uuid.uuid4().hex
        while time.monotonic() < deadline:
            answer = await self._answer(path, key, request)
            if answer is not None:
                assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
                return answer.json()
            self.repeated += 1
            await asyncio.sleep(_PAUSE)
        raise AssertionError(f"{path} was not answered")

    async def _answer(self, path: str, key: str, request: Json) -> httpx.Response | None:
        """None when the process died over it, or the first request is still at work."""
        try:
            answer = await self.http.post(path, headers={"Idempotency-Key": key}, **request)
        except httpx.TransportError:
            return None
        if answer.status_code >= 500 or (answer.status_code == 409 and _AT_WORK in answer.text):
            return None
        return answer
