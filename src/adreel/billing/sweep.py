"""Settles abandoned purchases: cancelled while no worker ran, or left by a worker that crashed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from adreel.billing.timeouts import Timeouts
from adreel.domain.costs.ledger import PaidCall, PurchaseKind
from adreel.domain.errors import AdreelError, NotFoundError, SetupError
from adreel.domain.sessions.stage import Action
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.service import SessionService

_BUYING = frozenset({Action.GENERATE_IMAGES, Action.GENERATE_CLIPS, Action.REGENERATE_CLIP, Action.WRITE_SCRIPT})

_WHOLE = timedelta(seconds=Timeouts().whole)

_log = logging.getLogger(__name__)


class Abandons(Protocol):
    """Purchases of one kind."""

    @property
    def kind(self) -> PurchaseKind: ...

    def handles(self, model: str) -> bool: ...

    async def abandon(self, key: str) -> bool: ...


class LedgerSweep:
    """`purchases` are those of all kinds.

    Calls recorded within `patience` of now are left to the worker that has just begun them. That only avoids a race, so calls
    that seem to come from the future (of a machine whose clock is ahead, or from before this one's was set back) are not waited
    for. Nothing says whether the program behind a call outside of a job still runs: it is left alone for `whole`, the time that
    a purchase takes at most.
    """

    def __init__(
        self,
        sessions: SessionService,
        ledger: LedgerService,
        purchases: Sequence[Abandons],
        clock: Callable[[], datetime],
        patience: timedelta = timedelta(seconds=30),
        whole: timedelta = _WHOLE,
    ) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._purchases = purchases
        self._clock = clock
        self._patience = patience
        self._whole = whole

    async def sweep(self) -> None:
        """Stops and settles what it can; the next sweep handles the rest. Raises StorageError."""
        await self.sweep_ledger(self._clock())

    async def sweep_ledger(self, now: datetime) -> int:
        """As `sweep`, at a given time; returns how many calls were settled."""
        settled = 0
        for call in await self._ledger.open_calls():
            if self._is_recent(call, now) or await self._may_resume(call):
                continue
            try:
                settled += await self._of(call).abandon(call.key)
            except AdreelError as error:
                _log.warning("the purchase %s could not be settled, trying again: %s", call.key, error)
        return settled

    def _is_recent(self, call: PaidCall, now: datetime) -> bool:
        return abs(now - call.created_at) < (self._whole if call.outside_job else self._patience)

    def _of(self, call: PaidCall) -> Abandons:
        of_kind = (purchases for purchases in self._purchases if purchases.kind is call.kind)
        found = next((purchases for purchases in of_kind if purchases.handles(call.model)), None)
        if found is None:
            raise SetupError(
                f"the provider of {call.model} is not set up any more; set it up, so that the purchase can be settled"
            )
        return found

    async def _may_resume(self, call: PaidCall) -> bool:
        """Whether a job that may resume the purchase is running in its session."""
        try:
            session = await self._sessions.record(call.session_id)
        except NotFoundError:
            return False
        return session.job is not None and session.job.action in _BUYING
