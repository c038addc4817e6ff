"""What providers tell by webhook. It only makes those look at once who would have looked later: polling stays the truth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from adreel.domain.errors import NotFoundError
from adreel.providers.replicate.webhooks import TOLERANCE, ended_job, verify
from adreel.services.bell import Bell
from adreel.services.ledger_service import LedgerService

_PROVIDER = "replicate"
_MOST = 10_000
"""Ids that are remembered at a time."""

_REMEMBERED = timedelta(seconds=2 * TOLERANCE)
"""A webhook that is sent again later than this is refused for its time."""


class Taken(StrEnum):
    """What became of a webhook: somebody was woken, it had come before, or its purchase is settled."""

    NEWS = "news"
    DUPLICATE = "duplicate"
    LATE = "late"


class Webhooks:
    """Those of Replicate. `secret` is what they are signed with."""

    def __init__(
        self,
        secret: Callable[[], Awaitable[str]],
        ledger: LedgerService,
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        self._secret = secret
        self._ledger = ledger
        self._bell = bell
        self._clock = clock
        self._seen: dict[str, datetime] = {}

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Taken:
        """`headers` by small letters, `body` as it came.

        Raises AuthError for a forged one, InputError for one without sense, NotFoundError when no purchase has this id (yet: it
        may overtake the answer to its own order), GenerationError when the provider does not tell its secret, StorageError.
        """
        now = self._clock()
        message = verify(await self._secret(), headers, body, now)
        if message in self._seen:
            return Taken.DUPLICATE
        job_id = ended_job(body)
        call = await self._ledger.ordered(_PROVIDER, job_id)
        if call is None:
            raise NotFoundError(f"no purchase is known as {job_id}")
        if not call.state.is_settled:
            await self._bell.ring(job_id)
        self._remember(message, now)
        return Taken.LATE if call.state.is_settled else Taken.NEWS

    def _remember(self, message: str, now: datetime) -> None:
        """In the order in which they came; what can no longer come again is forgotten, and the oldest when there are too many."""
        self._seen[message] = now
        while len(self._seen) > _MOST or next(iter(self._seen.values())) < now - _REMEMBERED:
            del self._seen[next(iter(self._seen))]
