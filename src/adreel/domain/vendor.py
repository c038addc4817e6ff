"""Whoever takes orders of one kind: clips, images, texts. What all of them share, so that each is bought in the same way."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from adreel.domain.remote import RemoteJob

Order = TypeVar("Order", contravariant=True)


class Vendor(Protocol[Order]):
    """A RemoteEngine without its files. Every method may raise GenerationError or one of its kinds."""

    name: str

    def price(self, order: Order) -> Decimal:
        """What the order will cost at most, in US dollars. Raises InputError for an impossible order."""
        ...

    async def check(self, name: str) -> None:
        """Whether the model is still as the catalogue says. RefusedError when not, UnavailableError when that cannot be told."""
        ...

    async def submit(self, order: Order) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `find` tells."""
        ...

    async def find(self, seed: int, since: datetime) -> RemoteJob | None:
        """The job that carries this marker, among those accepted after `since`."""
        ...

    async def poll(self, job_id: str) -> RemoteJob:
        """The job as it is now."""
        ...

    async def cancel(self, job_id: str) -> RemoteJob:
        """Asks for the job to stop; one that has ended stays as it is."""
        ...
