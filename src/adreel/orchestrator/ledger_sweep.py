"""Settles purchases that nobody waits for any more: cancelled while no worker was there, or left by one that died."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from adreel.domain.errors import AdreelError, NotFoundError, SetupError
from adreel.domain.ledger import PaidCall
from adreel.domain.stage import Action
from adreel.services.ledger_service import LedgerService
from adreel.services.session_service import SessionService

_BUYING = frozenset({Action.GENERATE_IMAGES, Action.GENERATE_CLIPS, Action.REGENERATE_CLIP})

_log = logging.getLogger(__name__)


class Abandons(Protocol):
    """Purchases of one kind."""

    def deals_in(self, model: str) -> bool: ...

    async def abandon(self, key: str) -> bool: ...


class LedgerSweep:
    """`purchases` are those of all kinds that are sold here.

    Calls younger than `patience` are left to whoever is at work on them.
    """

    def __init__(
        self,
        sessions: SessionService,
        ledger: LedgerService,
        purchases: Sequence[Abandons],
        clock: Callable[[], datetime],
        patience: timedelta = timedelta(seconds=30),
    ) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._purchases = purchases
        self._clock = clock
        self._patience = patience

    async def sweep(self) -> None:
        """Stops and settles what can be; the rest is left to the next sweep. Raises StorageError."""
        await self.sweep_ledger(self._clock())

    async def sweep_ledger(self, now: datetime) -> int:
        """As `sweep`, at a given time; how many calls were settled."""
        settled = 0
        for call in await self._ledger.open_calls(older_than=now - self._patience):
            if await self._is_wanted(call):
                continue
            try:
                settled += await self._of(call.model).abandon(call.key)
            except AdreelError as error:
                _log.warning("the purchase %s could not be settled, trying again: %s", call.key, error)
        return settled

    def _of(self, model: str) -> Abandons:
        found = next((purchases for purchases in self._purchases if purchases.deals_in(model)), None)
        if found is None:
            raise SetupError(
                f"{model} is not sold here any more; set its provider up, so that its purchase can be settled"
            )
        return found

    async def _is_wanted(self, call: PaidCall) -> bool:
        """Whether a job that may go on with the purchase is under way in its session."""
        try:
            session = await self._sessions.record(call.session_id)
        except NotFoundError:
            return False
        return session.job is not None and session.job.action in _BUYING
