"""What an operator watches: waiting jobs, purchases, and the work of a process."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adreel.domain.costs.ledger import CallState, PurchaseKind


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """The jobs that wait in a queue; `oldest` is the age of the oldest in seconds, 0 when none waits."""

    queue: str
    waiting: int
    oldest: float


@dataclass(frozen=True, slots=True)
class PurchaseTotal:
    """The purchases of one kind at one provider in one state: their number, and the US dollars billed or reserved."""

    kind: PurchaseKind
    provider: str
    state: CallState
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Usage:
    """`spent` in US dollars. Deleted sessions are included in it and in `purchases`."""

    jobs_under_way: int
    spent: Decimal
    purchases: tuple[PurchaseTotal, ...] = ()
    queues: tuple[QueueLoad, ...] = ()
