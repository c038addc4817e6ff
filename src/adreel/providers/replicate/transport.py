"""Calls to Replicate's API: the token, limits, timeouts, and what may be repeated."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx

from adreel.domain.errors import GenerationError, RefusedError, SetupError, ThrottledError, UnavailableError
from adreel.providers.common.provider_time import ProviderTime
from adreel.providers.common.throttle import Rate, Sleep, TokenBucket
from adreel.providers.replicate.responses import (
    ambiguous,
    connection_error,
    error_of,
    submit_connection_error,
    submit_error,
)

CREATES = Rate(600, 60)
"""What Replicate allows for new predictions; an account with less than $5 has ``Rate(6, 1)``."""

OTHERS = Rate(3000, 300)

API = "https://api.replicate.com/v1"

Answer = httpx.Response

_CROWDED_WAIT = 10.0
"""Seconds after which to try again when our own calls stand in a queue."""

_SHORTEST_WAIT = 0.5
"""Seconds; a provider that asks to wait none at all is not asked again at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the adapter is. Times in seconds.

    `timeout` bounds each wait for the other side, `attempts` how often a call that may be repeated is tried, with pauses
    that double from `first_pause`. A call leaves within `longest_wait`, whatever limits and the provider ask for, or not at
    all. An image that goes ahead of its order is uploaded within `upload`. So an order has left, if ever, by
    `upload` + `longest_wait` after it was called for, and is answered or given up `timeout` + `connect_timeout` later.
    """

    creates: Rate = CREATES
    others: Rate = OTHERS
    timeout: float = 30.0
    connect_timeout: float = 10.0
    attempts: int = 4
    first_pause: float = 0.5
    longest_wait: float = 60.0
    upload: float = 40.0

    @property
    def submit(self) -> float:
        """Seconds after which an order that was called for can no longer be under way."""
        return self.upload + self.longest_wait + self.timeout + self.connect_timeout


@dataclass(frozen=True, slots=True)
class Time:
    """Where time comes from: seconds that never go back, and a way to wait."""

    clock: Callable[[], float] = time.monotonic
    sleep: Sleep = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `path` is below the API's address, or a whole address that the API gave."""

    method: str
    path: str
    json: object = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Transport:
    """Sends to one API address, with the token; no other address is ever given it. For one event loop."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: str,
        base_url: str,
        policy: Policy,
        time: Time,
        provider_time: ProviderTime,
    ) -> None:
        """`provider_time` observes the Date of every answer."""
        self._http = http
        self._provider_time = provider_time
        self._bearer = {"authorization": f"Bearer {_sendable(token)}"}
        self._base = base_url.rstrip("/")
        self._ours = _door(httpx.URL(self._base))
        self._policy = policy
        self._time = time
        self._creates = TokenBucket(policy.creates, time.clock, time.sleep)
        self._others = TokenBucket(policy.others, time.clock, time.sleep)

    def is_ours(self, url: str) -> bool:
        """True for an address of the API itself: the only one that may see the token."""
        return _door(httpx.URL(url)) == self._ours

    async def repeat(self, call: Call) -> Answer:
        """A call that does no harm when it comes twice: tried again when the connection or the server fails."""
        return await self._honouring_waits(self._others, lambda: self._tried(call))

    async def submit(self, call: Call) -> Answer:
        """An order: sent once. Sent again only when the provider says that it has not taken it (429)."""

        async def once() -> Answer:
            # httpx bounds each wait only: an answer that trickles in could take for ever.
            try:
                async with asyncio.timeout(self._policy.timeout + self._policy.connect_timeout):
                    answer = await self._send(call)
            except TimeoutError as error:
                raise ambiguous("no answer in time") from error
            except httpx.TransportError as error:
                raise submit_connection_error(error) from error
            return _checked(answer, submit_error(answer))

        return await self._honouring_waits(self._creates, once)

    async def _honouring_waits(self, bucket: TokenBucket, once: Callable[[], Awaitable[Answer]]) -> Answer:
        deadline = self._time.clock() + self._policy.longest_wait
        while True:
            await self._turn(bucket, deadline)
            try:
                return await once()
            except ThrottledError as error:
                wait = max(error.retry_after, _SHORTEST_WAIT)
                bucket.pause(wait)
                if self._time.clock() + wait > deadline:
                    raise

    async def _turn(self, bucket: TokenBucket, deadline: float) -> None:
        try:
            async with asyncio.timeout(deadline - self._time.clock()):
                await bucket.take()
        except TimeoutError as error:
            raise ThrottledError("too many calls to Replicate are waiting; try again later", _CROWDED_WAIT) from error

    async def _tried(self, call: Call) -> Answer:
        for attempt in range(self._policy.attempts - 1):
            try:
                return await self._once(call)
            except UnavailableError:
                await self._time.sleep(self._policy.first_pause * 2**attempt)
        return await self._once(call)

    async def _once(self, call: Call) -> Answer:
        try:
            answer = await self._send(call)
        except httpx.TransportError as error:
            raise connection_error(error) from error
        return _checked(answer, error_of(answer))

    async def _send(self, call: Call) -> Answer:
        url = httpx.URL(call.path if "://" in call.path else f"{self._base}{call.path}")
        if _door(url) != self._ours:
            raise RefusedError(f"{url.host} is not Replicate's API; nothing was sent there")
        answer = await self._http.request(
            call.method,
            url,
            json=call.json,
            files=call.files,
            headers={**call.headers, **self._bearer},
            timeout=httpx.Timeout(self._policy.timeout, connect=self._policy.connect_timeout),
            follow_redirects=False,
        )
        self._provider_time.observe(answer.headers.get("date"))
        return answer


def _sendable(token: str) -> str:
    """The token. Raises SetupError for one that no header can carry; the message shows nothing of it."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SetupError("the token for Replicate has a character that no token has; copy it again from the account")
    return token


def _door(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _checked(answer: Answer, error: GenerationError | None) -> Answer:
    if error is not None:
        raise error
    return answer
