"""Engines elsewhere: an order is placed, waited for and fetched. Whatever they accept is paid for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from adreel.domain.scene import CameraMovement


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

    `expired` is set when the provider has already removed the files. `compute_seconds` is the time it billed, if it tells.
    """

    id: str
    status: JobStatus
    outputs: tuple[str, ...] = ()
    error: str | None = None
    expired: bool = False
    seed: int | None = None
    created_at: datetime | None = None
    compute_seconds: float | None = None


class RemoteEngine(Protocol):
    """One hosted provider. Every method may raise GenerationError or one of its kinds."""

    name: str

    def price(self, order: VideoOrder) -> Decimal:
        """What the order will cost at most, in US dollars, from the catalogue. Raises InputError for an impossible order."""
        ...

    async def check(self, name: str) -> None:
        """Whether the model is still as the catalogue says. RefusedError when not, UnavailableError when that cannot be told."""
        ...

    async def submit(self, order: VideoOrder) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `find` tells."""
        ...

    async def find(self, seed: int, since: datetime) -> RemoteJob | None:
        """The job with this seed in its input, among those accepted after `since`."""
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
