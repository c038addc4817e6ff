"""The ledger's types: paid calls, which are recorded before they are made, settled once and never made twice; budgets and the
checks of their caps. Amounts are US dollars."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from adreel.domain.costs.money import dollars, dollars_needed
from adreel.domain.errors import ConflictError, InputError


class CallState(StrEnum):
    """`INTENT` reserves money and may or may not have reached the provider; `SUBMITTED` has the provider's id;
    the other three are settled: `PAID` with a result, `LOST` paid without a result, `RELEASED` cost nothing.
    """

    INTENT = "intent"
    SUBMITTED = "submitted"
    PAID = "paid"
    LOST = "lost"
    RELEASED = "released"

    @property
    def is_settled(self) -> bool:
        return self in (CallState.PAID, CallState.LOST, CallState.RELEASED)


class FailureKind(StrEnum):
    """Why a purchase has no result, where later purchases depend on it. `INPUT_REFUSED`: the provider refuses the picture itself,
    and would do so again each time.
    """

    INPUT_REFUSED = "input_refused"


class PurchaseKind(StrEnum):
    """The kind of a purchase: a clip, an image, an answer of a language model, or a spoken line."""

    CLIP = "clip"
    IMAGE = "image"
    TEXT = "text"
    SPEECH = "speech"

    @property
    def agent(self) -> str:
        """The agent that the costs of this kind are recorded for."""
        return _AGENTS[self]


_AGENTS: Mapping[PurchaseKind, str] = MappingProxyType(
    {
        PurchaseKind.CLIP: "video_generator",
        PurchaseKind.IMAGE: "image_generator",
        PurchaseKind.TEXT: "language_model",
        PurchaseKind.SPEECH: "voice",
    }
)


@dataclass(frozen=True, slots=True)
class PaidCall:
    """One purchase. `seed` is derived from `key` and marks the order at the provider; nothing else may be read from the key.

    `estimate` is reserved from the start, `amount` is the final cost (US dollars). `source_image_id` is the image of the session
    that a clip is made of. `outside_job`: bought by a caller that runs no job of the session. `error` is for people; `failure` is
    set where the next purchase of the same work depends on it. `provider_posted_at` (just before the order was sent) and
    `provider_created_at` (when it was accepted) are times of the provider's clock, the others of the machine that wrote them.
    """

    key: str
    session_id: str
    user_id: str
    kind: PurchaseKind
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
    provider_posted_at: datetime | None = None
    provider_created_at: datetime | None = None
    source_image_id: str | None = None
    outside_job: bool = False
    failure: FailureKind | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase to be recorded. `previous` is the key of the failed attempt at the same work, if any; the other fields are
    those of `PaidCall`.
    """

    key: str
    session_id: str
    user_id: str
    kind: PurchaseKind
    provider: str
    model: str
    estimate: Decimal
    source_image_id: str | None = None
    outside_job: bool = False
    previous: str | None = None


def marker_seed(key: str) -> int:
    """Returns the seed that marks a purchase, 1 to 2**31 - 1: every model's seed field accepts it. Rarely repeats."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % (2**31 - 1) + 1


def check_cap(cap: Decimal | None, now: Budget) -> None:
    """Raises InputError for a cap below zero, ConflictError for one that is already exceeded."""
    if cap is None:
        return
    if cap < 0:
        raise InputError(f"a budget of {dollars(cap)} is not possible: give 0 or more")
    used = now.spent + now.reserved
    if cap < used:
        spent, reserved = dollars(now.spent), dollars(now.reserved)
        raise ConflictError(
            f"a budget of {dollars(cap)} is not possible: {spent} is spent and {reserved} set aside for work under way; "
            f"give {dollars_needed(used)} or more"
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of an account or a session in US dollars. `cap` None: no limit."""

    cap: Decimal | None
    spent: Decimal
    reserved: Decimal

    @property
    def left(self) -> Decimal | None:
        """The amount that can still be reserved; None without a cap, never below zero."""
        return None if self.cap is None else max(self.cap - self.spent - self.reserved, Decimal(0))
