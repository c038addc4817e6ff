"""What services are given and give back, beside the records of the domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adreel.domain.ledger import CallState
from adreel.domain.session import Asset, AssetKind, Json, SessionRecord
from adreel.domain.stage import Stage


@dataclass(frozen=True, slots=True)
class NewAsset:
    """A file that was stored and is to be recorded; the fields are those of `Asset`.

    `id` is given when the file was stored under its id, and made otherwise. An asset with a `request` is recorded once.
    """

    kind: AssetKind
    storage_key: str
    content_hash: str
    content_type: str
    size_bytes: int
    id: str | None = None
    request: str | None = None
    view_type: str | None = None
    source_image_id: str | None = None
    take: int = 0
    model: str | None = None
    cost: Decimal = Decimal(0)
    generation_time: float = 0.0
    details: Json = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class CostEntry:
    """One piece of work with what it cost: `amount` in US dollars, `duration` in seconds.

    `key` is the work's own name, unique over all sessions (200 characters at most): it is recorded once however often told.
    """

    key: str
    agent: str
    model: str
    amount: Decimal
    duration: float
    success: bool = True
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a paid call came to its end: `state` PAID, LOST or RELEASED, `amount` what was billed in US dollars.

    The amount may be more than the estimate when more was billed; nothing is billed for a RELEASED call.
    """

    call_key: str
    state: CallState
    amount: Decimal = Decimal(0)
    error: str | None = None

    def __post_init__(self) -> None:
        if not self.state.is_settled:
            raise ValueError(f"a call is not settled by {self.state}")
        if self.amount < 0 or (self.state is CallState.RELEASED and self.amount != 0):
            raise ValueError(f"${self.amount} cannot be billed for a call that is {self.state}")


@dataclass(frozen=True, slots=True)
class SessionChanges:
    """What the beginning of a job changes in its session; None leaves a value as it is."""

    product_prompt: str | None = None
    video_prompt: str | None = None
    text_overlay: Json | None = None
    film_options: Json | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """An event that is to be told of a session. `progress` is 0–100."""

    stage: Stage
    progress: float
    message: str
    data: Json = field(default_factory=dict[str, Any])


Tell = Callable[[SessionRecord], Telling]
"""What is told of a session that a transaction changes: the event is kept in that same transaction."""


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in a list. `thumbnail` is an image of it: the first approved one, else the first. `final` is its film."""

    session: SessionRecord
    thumbnail: Asset | None
    final: Asset | None = None


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Sessions, newest first. `next_cursor` leads to the next page; None after the last."""

    items: tuple[SessionSummary, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Budget:
    """The money of an account or a session in US dollars. `cap` None is no limit."""

    cap: Decimal | None
    spent: Decimal
    reserved: Decimal

    @property
    def left(self) -> Decimal | None:
        """What may still be reserved; None without a cap, never below zero."""
        return None if self.cap is None else max(self.cap - self.spent - self.reserved, Decimal(0))
