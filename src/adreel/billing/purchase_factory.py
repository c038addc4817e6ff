"""Makes purchases of each kind from shared dependencies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adreel.billing.crash_points import Checkpoint
from adreel.billing.observers import RemoteJobObserver
from adreel.billing.order_sources import Order, OrderSource, W
from adreel.billing.purchases import Purchases
from adreel.billing.timeouts import Timeouts
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.service import SessionService


@dataclass(frozen=True, slots=True)
class PurchaseFactory:
    """Makes the Purchases of each kind from shared dependencies."""

    sessions: SessionService
    ledger: LedgerService
    timeouts: Timeouts
    sleep: Callable[[float], Awaitable[object]]
    monotonic: Callable[[], float]
    checkpoint: Checkpoint
    wakeups: Wakeups

    def of(self, source: OrderSource[W, Order], observer: RemoteJobObserver[W] | None = None) -> Purchases[W, Order]:
        """Purchases of one kind."""
        return Purchases(
            source,
            self.sessions,
            self.ledger,
            self.timeouts,
            self.sleep,
            self.monotonic,
            self.checkpoint,
            self.wakeups,
            observer,
        )
