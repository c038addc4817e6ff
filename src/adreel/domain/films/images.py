"""Image generation: prompts, plans, orders, and the protocol of the providers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from adreel.domain.films.scene import ViewType
from adreel.domain.providers import RemoteJob, Search


@dataclass(frozen=True, slots=True)
class ImagePrompt:
    """One image to generate. `negative_prompt` names what must not be in it."""

    view_type: ViewType
    prompt: str
    negative_prompt: str


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """The interpretation of a product prompt. All images share one `seed`, so that they look like one product.

    `planner` names the planner that made it; `warning` explains why that is not the requested language model, if so.
    """

    category: str
    style_keywords: tuple[str, ...]
    prompts: tuple[ImagePrompt, ...]
    seed: int
    planner: str
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class ImageOrder:
    """One image to buy. `model` is its name in the catalogue; `anchors` are paths of reference photos of the real product.

    `seed` is the random seed, the same for images that must look alike; `marker` is unique to the purchase and identifies an
    order whose response was lost.
    """

    model: str
    prompt: str
    negative_prompt: str
    seed: int
    marker: int
    aspect: str = "16:9"
    anchors: tuple[Path, ...] = ()


class ImageEngine(Protocol):
    """One hosted provider of images: a Vendor of ImageOrders with files. Methods raise GenerationError or a subclass."""

    name: str

    def price(self, order: ImageOrder) -> Decimal:
        """Returns the price of the image in US dollars. Raises InputError for an impossible order."""
        ...

    async def check(self, name: str) -> None:
        """Raises RefusedError when the model differs from its catalogue entry, UnavailableError when it cannot be checked."""
        ...

    async def submit(self, order: ImageOrder) -> RemoteJob:
        """Places the order once. Raises AmbiguousSubmitError when it may or may not have been accepted; `search` finds out."""
        ...

    def now(self) -> datetime | None:
        """The provider's clock, from its latest response; never ahead of it. None before the first, or without a Date header."""
        ...

    async def search(self, marker: int, since: datetime | None) -> Search:
        """Searches for the job with this marker among those accepted since a time of the provider's clock, or among all."""
        ...

    async def poll(self, job_id: str) -> RemoteJob:
        """Returns the current state of the job."""
        ...

    async def fetch(self, url: str, path: Path) -> None:
        """Downloads an output to `path`: the complete file or none."""
        ...

    async def cancel(self, job_id: str) -> RemoteJob:
        """Requests that the job stop; a job that has ended is unchanged."""
        ...


def image_seed(seed: int, index: int) -> int:
    """Returns the seed of image `index` of a set, 0 to 2**31 - 1: the set's seed for the first, the following numbers after."""
    return (seed + index) % 2**31
