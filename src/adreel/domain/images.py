"""Pictures that are made from words: what is wished for, what is ordered, who makes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from adreel.domain.remote import RemoteJob
from adreel.domain.scene import ViewType


@dataclass(frozen=True, slots=True)
class ImagePrompt:
    """One picture to be made. `negative_prompt` names what must not be in it."""

    view_type: ViewType
    prompt: str
    negative_prompt: str


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What a product prompt was read to mean. `seed` is one for all pictures, so that they look like one product.

    `planner` is what read it; `warning` says in words why that is not the language model that was asked, if so.
    """

    category: str
    style_keywords: tuple[str, ...]
    prompts: tuple[ImagePrompt, ...]
    seed: int
    planner: str
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class ImageOrder:
    """One picture to be bought. `model` is its name in the catalogue; `anchors` are local pictures of the real product.

    `seed` is chance, the same for pictures that shall look alike; `marker` is unique to the purchase: an order whose answer was
    lost is found again by it.
    """

    model: str
    prompt: str
    negative_prompt: str
    seed: int
    marker: int
    aspect: str = "16:9"
    anchors: tuple[Path, ...] = ()


class ImageEngine(Protocol):
    """One hosted provider of pictures: a Vendor of ImageOrders with files. Methods may raise GenerationError and its kinds."""

    name: str

    def price(self, order: ImageOrder) -> Decimal:
        """What the picture will cost, in US dollars. Raises InputError for an impossible order."""
        ...

    async def check(self, name: str) -> None:
        """Whether the model is still as the catalogue says. RefusedError when not, UnavailableError when that cannot be told."""
        ...

    async def submit(self, order: ImageOrder) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `find` tells."""
        ...

    async def find(self, seed: int, since: datetime) -> RemoteJob | None:
        """The job that carries this marker, among those accepted after `since`."""
        ...

    async def poll(self, job_id: str) -> RemoteJob:
        """The job as it is now."""
        ...

    async def fetch(self, url: str, path: Path) -> None:
        """Downloads an output to `path`: the whole file or none."""
        ...

    async def cancel(self, job_id: str) -> RemoteJob:
        """Asks for the job to stop; one that has ended stays as it is."""
        ...


def image_seed(seed: int, index: int) -> int:
    """The chance of picture `index` of a set, 0 to 2**31 - 1. The first has the set's own; the others are near it."""
    return (seed + index) % 2**31
