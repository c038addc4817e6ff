"""Paid calls: written down before they are made, settled once, never made twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class CallState(StrEnum):
    """`INTENT` reserves money and may or may not have reached the provider; `SUBMITTED` has the provider's id;
    the other three are settled: `PAID` with a result, `LOST` paid for nothing, `RELEASED` cost nothing.
    """

    INTENT = "intent"
    SUBMITTED = "submitted"
    PAID = "paid"
    LOST = "lost"
    RELEASED = "released"

    @property
    def is_settled(self) -> bool:
        return self in (CallState.PAID, CallState.LOST, CallState.RELEASED)


@dataclass(frozen=True, slots=True)
class PaidCall:
    """One purchase. `key` is session:clip:take:attempt; `seed` is derived from it and marks the order at the provider.

    `estimate` is reserved from the first moment, `amount` is what it came to in the end (US dollars).
    """

    key: str
    session_id: str
    user_id: str
    provider: str
    model: str
    seed: int
    state: CallState
    estimate: Decimal
    amount: Decimal
    provider_id: str | None
    error: str | None
    created_at: datetime
    posted_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is to be bought, before it is written down."""

    key: str
    session_id: str
    user_id: str
    provider: str
    model: str
    estimate: Decimal


def marker_seed(key: str) -> int:
    """The seed that marks a purchase, 1 to 2**31 - 1: what every model's seed field takes. Unlikely to repeat within an hour."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % (2**31 - 1) + 1
