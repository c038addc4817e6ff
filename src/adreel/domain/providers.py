"""Ports of hosted providers: an order is placed, polled and fetched; every accepted order is paid for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from adreel.domain.films.scene import CameraMovement


class JobStatus(StrEnum):
    """How far a remote job is. `ABORTED` ended before it began and costs nothing; `CANCELED` may have been charged."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"

    @property
    def is_final(self) -> bool:
        return self not in (JobStatus.STARTING, JobStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class VideoOrder:
    """One clip to be bought. `model` is its name in the catalogue; `image` a local file; `motion_intensity` 0–1.

    `seed` is unique to the purchase: an order whose answer was lost is found again by it, so it must reach the model's input.
    """

    model: str
    image: Path
    prompt: str
    seconds: float
    motion_intensity: float
    camera_movement: CameraMovement
    seed: int
    aspect: str = "16:9"


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """What the provider says of a job. `outputs` are the addresses of its files; `error` is its own words on a failure.

    `expired` is set when the provider has already removed the files. `compute_seconds` is the billed time, if known.
    `created_at`, `started_at` (when a machine began to work on it), `ended_at` and `seen_at` (when this was answered) are times
    of the provider's own clock, which may be compared with each other and with no other clock. `fraction` (0–1) is how much of
    the work is done by the provider's own account, None when it gives none: for display only, it may fall or be wrong.
    """

    id: str
    status: JobStatus
    outputs: tuple[str, ...] = ()
    error: str | None = None
    expired: bool = False
    seed: int | None = None
    created_at: datetime | None = None
    compute_seconds: float | None = None
    ended_at: datetime | None = None
    seen_at: datetime | None = None
    started_at: datetime | None = None
    fraction: float | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took, or has taken so far, by the provider's clock; None when the provider does not say."""
        until = self.ended_at or self.seen_at
        return _seconds(self.created_at, until)

    @property
    def running_seconds(self) -> float | None:
        """How long a machine has worked on it so far, by the provider's clock; None when that is not known."""
        return _seconds(self.started_at, self.ended_at or self.seen_at)


def _seconds(since: datetime | None, until: datetime | None) -> float | None:
    return None if since is None or until is None else (until - since).total_seconds()


@dataclass(frozen=True, slots=True)
class Search:
    """One look for an order in a provider's list of jobs. Without a `job`, `listed` has all ids of the list.

    `unreadable` are those whose inputs the provider has removed: the order may be one of these. `at` is the provider's time when
    the list began to be read, None when the provider does not show its time.
    """

    job: RemoteJob | None
    listed: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    at: datetime | None = None


class RemoteEngine(Protocol):
    """One hosted provider. Every method may raise GenerationError or one of its kinds."""

    name: str

    def price(self, order: VideoOrder) -> Decimal:
        """What the order will cost at most, in US dollars, from the catalogue. Raises InputError for an impossible order."""
        ...

    async def check(self, name: str) -> None:
        """Whether the model is still as the catalogue says. RefusedError when not, UnavailableError when that is unknown."""
        ...

    async def submit(self, order: VideoOrder) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `search` finds out."""
        ...

    def now(self) -> datetime | None:
        """The provider's own time, from its latest answer; never ahead of it. None before the first, or without a Date."""
        ...

    async def search(self, marker: int, since: datetime | None) -> Search:
        """Looks for the job that carries this marker among those accepted since a moment of the provider's clock, or all."""
        ...

    async def poll(self, job_id: str) -> RemoteJob:
        """The job as it is now."""
        ...

    async def fetch(self, url: str, path: Path) -> None:
        """Downloads an output to `path`: the whole file or none. The provider's token is never sent along."""
        ...

    async def cancel(self, job_id: str) -> RemoteJob:
        """Asks for the job to stop; one that has ended stays as it is."""
        ...


Order = TypeVar("Order", contravariant=True)


class Vendor(Protocol[Order]):
    """A RemoteEngine without its files. Every method may raise GenerationError or one of its kinds."""

    name: str

    def price(self, order: Order) -> Decimal:
        """What the order will cost at most, in US dollars. Raises InputError for an impossible order."""
        ...

    async def check(self, name: str) -> None:
        """Whether the model is still as the catalogue says. RefusedError when not, UnavailableError when that is unknown."""
        ...

    async def submit(self, order: Order) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `search` finds out."""
        ...

    def now(self) -> datetime | None:
        """The provider's own time, from its latest answer; never ahead of it. None before the first, or without a Date."""
        ...

    async def search(self, marker: int, since: datetime | None) -> Search:
        """Looks for the job that carries this marker among those accepted since a moment of the provider's clock, or all."""
        ...

    async def poll(self, job_id: str) -> RemoteJob:
        """The job as it is now."""
        ...

    async def cancel(self, job_id: str) -> RemoteJob:
        """Asks for the job to stop; one that has ended stays as it is."""
        ...
