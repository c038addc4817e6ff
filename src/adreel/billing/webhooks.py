"""Handles webhooks of providers. A webhook only makes waiters poll at once: polling remains authoritative."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from enum import StrEnum

from adreel.domain.errors import NotFoundError
from adreel.providers.common.webhooks import TOLERANCE, WebhookReader
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import LedgerService

_MOST = 10_000
"""Ids that are remembered at a time."""

_REMEMBERED = 2 * TOLERANCE
"""A webhook that is sent again later than this is refused for its time."""


class WebhookOutcome(StrEnum):
    """The outcome of a webhook: a waiting step was notified, it is a duplicate, or its purchase is settled already."""

    NEWS = "news"
    DUPLICATE = "duplicate"
    LATE = "late"


class Webhooks:
    """Webhooks of all providers. `readers` verify and read them, by provider; `monotonic` gives seconds that never
    go back.
    """

    def __init__(
        self,
        readers: Mapping[str, WebhookReader],
        ledger: LedgerService,
        wakeups: Wakeups,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._readers = readers
        self._ledger = ledger
        self._wakeups = wakeups
        self._monotonic = monotonic
        self._seen: dict[tuple[str, str], float] = {}

    async def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> WebhookOutcome:
        """`headers` by small letters, `body` as it came.

        Raises AuthError for a forged one, InputError for one without sense, NotFoundError when the provider is not asked for
        webhooks and when no purchase has this id (yet: it may overtake the answer to its own order), GenerationError when the
        provider does not reveal its secret, StorageError.
        """
        if not self.takes(provider):
            raise NotFoundError(f"no webhooks are taken here from {provider!r}")
        message = await self._readers[provider].read(headers, body)
        if (provider, message.id) in self._seen:
            return WebhookOutcome.DUPLICATE
        call = await self._ledger.ordered(provider, message.job_id)
        if call is None:
            raise NotFoundError(f"no purchase is known as {message.job_id}")
        if not call.state.is_settled:
            await self._wakeups.notify(message.job_id)
        self._remember((provider, message.id), self._monotonic())
        return WebhookOutcome.LATE if call.state.is_settled else WebhookOutcome.NEWS

    def takes(self, provider: str) -> bool:
        """Whether this provider is asked for webhooks."""
        return provider in self._readers

    def _remember(self, message: tuple[str, str], now: float) -> None:
        """In the order in which they came; what can no longer come again is forgotten, and the oldest when there are too many."""
        self._seen[message] = now
        while len(self._seen) > _MOST or next(iter(self._seen.values())) < now - _REMEMBERED:
            del self._seen[next(iter(self._seen))]
