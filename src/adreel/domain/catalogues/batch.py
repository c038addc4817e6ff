"""A batch of the service: its states, its rows, its films."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]

FRESH = timedelta(hours=20)
"""Photos at addresses that were asked for within this time are not asked for again: a daily batch asks once."""
SAMPLE_ROWS = 20
"""The most films of a sample."""


class BatchState(StrEnum):
    """PLANNED waits for the user after a dry run; PAUSED for a `Pause` to be ended; the last three are over."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (BatchState.DONE, BatchState.FAILED, BatchState.CANCELLED)

    @property
    def has_work(self) -> bool:
        """Whether a workflow works on it."""
        return self in (BatchState.PLANNING, BatchState.RUNNING)


class Pause(StrEnum):
    """Why a batch is paused: by its user, to look at its samples, for want of money, or by a fault of the service."""

    USER = "user"
    SAMPLES = "samples"
    BUDGET = "budget"
    FAULT = "fault"


class RowState(StrEnum):
    """QUEUED rows have a workflow that may begin, RUNNING ones one that has."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    MADE = "made"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RowChange(StrEnum):
    """How a film differs from the one that the catalogue has; CHECK: by nothing but perhaps its photos."""

    NEW = "new"
    CHANGED = "changed"
    CHECK = "check"
    UNCHANGED = "unchanged"


OPEN_ROWS = (RowState.WAITING, RowState.QUEUED, RowState.RUNNING)
IN_FLIGHT = (RowState.QUEUED, RowState.RUNNING)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """The most rows of a feed, its bytes, and US dollars that the films of one batch may cost; None: no limit."""

    rows: int | None = 10_000
    feed_bytes: int = 64 * 1024 * 1024
    dollars: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of the user's catalogue of this name. `order` is what was asked for, `feed` where its feed is; `run` counts its
    workflows. `last_seq` grows with every change. `gone` are films of the catalogue whose product left the feed."""

    id: str
    user_id: str
    catalogue_id: str
    catalogue: str
    state: BatchState
    pause: Pause | None
    order: Json
    feed: Json
    run: int
    last_seq: int
    is_planned: bool
    rows_read: int
    gone: int
    film_seconds: float
    error: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """The rows of a batch by state and, of those with work, by change; problems by kind; `cost` in US dollars."""

    states: Mapping[RowState, int] = field(default_factory=dict[RowState, int])
    changes: Mapping[RowChange, int] = field(default_factory=dict[RowChange, int])
    errors: int = 0
    notes: int = 0
    cost: Decimal = Decimal("0.00")

    def of(self, *states: RowState) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def work(self) -> int:
        """Rows that have, or had, something to do."""
        return sum(count for change, count in self.changes.items() if change is not RowChange.UNCHANGED)

    @property
    def done(self) -> int:
        """Those of `work` that have ended."""
        return self.work - self.of(*OPEN_ROWS)

    @property
    def progress(self) -> float:
        """0–100."""
        return 100.0 if not self.work else round(100.0 * self.done / self.work, 1)


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with its counts."""

    batch: Batch
    counts: BatchCounts


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A film of a batch, for one placement or none ("").

    `number` counts the films of a batch, `row` the rows of its feed. `script` is the hash of everything that the film says and
    how, `ad` the script itself, `links` are the addresses of its photos. `film_id` is the film that the catalogue has, or the one
    that is to be made.
    """

    number: int
    row: int
    product_id: str
    title: str
    placement: str
    change: RowChange
    script: str
    seconds: float
    ad: Json | None
    links: tuple[str, ...]
    film_id: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A planned row as it stands. `field` and `error` say what failed."""

    planned: PlannedRow
    state: RowState
    workflow: str | None
    field: str
    error: str | None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A problem of a row of the feed, or of its film. An error leaves the film out, or a part of it."""

    row: int
    product_id: str
    field: str
    is_error: bool
    message: str


@dataclass(frozen=True, slots=True)
class CatalogueFilm:
    """A finished film. Keys are of the storage; `photos` maps the addresses of its photos to their SHA-256. `batch_id` made it.
    `seconds` is its length, `took` the time of making, `cost` in US dollars."""

    id: str
    batch_id: str
    product_id: str
    placement: str
    title: str
    storage_key: str
    still_key: str
    sha256: str
    size_bytes: int
    script: str
    links: tuple[str, ...]
    photos: Mapping[str, str]
    seconds: float
    took: float
    verdict: str
    notes: tuple[str, ...]
    cost: Decimal
    created_at: datetime
    checked_at: datetime
    is_gone: bool = False
