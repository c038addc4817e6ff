"""Parameters and results of the services, besides the records of the domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adreel.domain.costs.ledger import CallState, FailureKind
from adreel.domain.sessions.details import Details, ImageDetails, check_details
from adreel.domain.sessions.session import Asset, AssetKind, Json, SessionRecord
from adreel.domain.sessions.stage import Stage


@dataclass(frozen=True, slots=True)
class NewAsset:
    """A stored file to be recorded; the fields are those of `Asset`. Raises InternalError for details of another kind.

    Give an `id` when the file is stored under its id; else one is made. An asset with a `request` is recorded once.
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
    details: Details = ImageDetails()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        check_details(self.kind, self.details)


@dataclass(frozen=True, slots=True)
class CostEntry:
    """The cost of one piece of work that is not bought: `amount` in US dollars, `duration` in seconds.

    `key` identifies the work over all sessions (200 characters at most): an entry is recorded once for each key.
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
    """The end of a paid call: `state` PAID, LOST or RELEASED, `amount` billed in US dollars, `duration` in seconds.

    The amount may exceed the estimate when more was billed; it is 0 for a RELEASED call. `error` is for people, `failure` for the
    next purchase of the same work. The cost entry of the call follows from the settlement and the ledger.
    """

    call_key: str
    state: CallState
    amount: Decimal = Decimal(0)
    error: str | None = None
    duration: float = 0.0
    failure: FailureKind | None = None

    def __post_init__(self) -> None:
        if not self.state.is_settled:
            raise ValueError(f"a call is not settled by {self.state}")
        if self.amount < 0 or (self.state is CallState.RELEASED and self.amount != 0):
            raise ValueError(f"${self.amount} cannot be billed for a call that is {self.state}")


Charge = CostEntry | Settlement
"""The cost of work: of its own, or that of its purchase."""


@dataclass(frozen=True, slots=True)
class SessionChanges:
    """Changes of a session when a job starts; None leaves a value as it is. `brand_kit`: "" for none."""

    product_prompt: str | None = None
    video_prompt: str | None = None
    text_overlay: Json | None = None
    film_options: Json | None = None
    brand_kit: str | None = None


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event of a session before it is numbered and stored. `progress` is 0–100."""

    stage: Stage
    progress: float
    message: str
    data: Json = field(default_factory=dict[str, Any])


EventFactory = Callable[[SessionRecord], EventDraft]
"""Makes the event for a change of a session; the transaction that changes the session also stores the event."""


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
