"""What the webhooks of all providers have in common: contents, reader and signing secret."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from adreel.domain.errors import GenerationError

TOLERANCE = 300.0
"""Seconds by which a webhook's time may differ from the provider's: a recorded webhook that is sent again later is rejected."""

_PAUSE = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """A genuine webhook. `id` is the same when it is sent again; `job_id` is the job that has ended."""

    id: str
    job_id: str


class WebhookReader(Protocol):
    """Reads the webhooks of one provider."""

    async def read(self, headers: Mapping[str, str], body: bytes) -> WebhookMessage:
        """`headers` by small letters, `body` as it came.

        Raises AuthError for a forged one and one older than `TOLERANCE`, InputError for one without sense, GenerationError when
        the provider does not reveal its secret.
        """
        ...


class WebhookSecret:
    """The secret that signs the account's webhooks: configured, or requested once. After a failure it is not requested again
    for `pause` seconds. For one event loop.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[str]],
        given: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: float = _PAUSE,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._pause = pause
        self._turn = asyncio.Lock()
        self._failed: tuple[float, GenerationError] | None = None
        self.known = given

    async def get(self) -> str:
        """Raises GenerationError and its kinds when the provider does not reveal it."""
        async with self._turn:
            if self.known is None:
                self.known = await self._asked()
            return self.known

    async def find(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Returns once it is known, however long that takes."""
        while self.known is None:
            try:
                await self.get()
            except GenerationError as error:
                _log.warning("no webhooks are asked for, results are polled for: %s", error)
                await sleep(self._pause)

    async def _asked(self) -> str:
        if self._failed is not None and self._clock() < self._failed[0] + self._pause:
            raise self._failed[1]
        try:
            return await self._ask()
        except GenerationError as error:
            self._failed = (self._clock(), error)
            raise
