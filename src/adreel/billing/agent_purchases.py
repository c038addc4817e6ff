"""Purchases of agents that are called outside of a job: recorded, ordered and settled as those of jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from adreel.billing.clip_jobs import asset_id
from adreel.billing.clip_quality import unfetched
from adreel.billing.purchase_json import EndedJob
from adreel.billing.purchases import Purchases
from adreel.domain.costs.ledger import PurchaseKind, marker_seed
from adreel.domain.errors import DownloadError, ExpiredError, GenerationError, UnknownOrderError
from adreel.domain.machine_faults import machine_faults
from adreel.domain.ports import Bought
from adreel.domain.providers import JobStatus, RemoteJob, Vendor
from adreel.services.sessions.service import SessionService
from adreel.services.storage.keys import OTHER_TYPE
from adreel.services.storage_service import StorageService

Order = TypeVar("Order")
VendorOrder = TypeVar("VendorOrder", contravariant=True)
Result = TypeVar("Result")


class FileVendor(Vendor[VendorOrder], Protocol[VendorOrder]):
    """A vendor whose results are files."""

    async def fetch(self, url: str, path: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class AgentRequest(Generic[Order]):
    """One result to buy for a session. `content` is the digest of everything that it depends on; `order` has no marker yet."""

    session_id: str
    user_id: str
    model: str
    content: str
    order: Order
    job_id: None = None
    source_image_id: None = None

    @property
    def purchase(self) -> str:
        """The keys of its purchases begin with it: the same content in the same session is paid for once."""
        return f"{self.session_id}:agent-{self.content[:16]}:{self.model}"


@dataclass(frozen=True, slots=True)
class AgentOrderSource(Generic[Order]):
    """Orders that an agent has made. `vendor_of` raises InputError for a model without a vendor; `marked` gives an order the
    marker by which it is found at the provider.
    """

    kind: PurchaseKind
    vendor_of: Callable[[str], FileVendor[Order]]
    marked: Callable[[Order, int], Order]

    @property
    def what(self) -> str:
        """The kind in messages."""
        return self.kind.value

    def vendor(self, model: str) -> FileVendor[Order]:
        return self.vendor_of(model)

    async def order(self, job: AgentRequest[Order], key: str) -> Order:
        return self.marked(job.order, marker_seed(key))


@dataclass(frozen=True, slots=True)
class AgentPurchases(Generic[Order]):
    """Buys files. `failure` makes the error of a job without a result.

    A bought file is stored before its purchase is settled, so that a repeated call never depends on the provider.
    """

    source: AgentOrderSource[Order]
    purchases: Purchases[AgentRequest[Order], Order]
    sessions: SessionService
    storage: StorageService
    failure: Callable[[str, RemoteJob], GenerationError]

    async def request(self, session_id: str, model: str, content: str, order: Order) -> AgentRequest[Order]:
        """The request to `buy` for a session, see `AgentRequest`. Raises NotFoundError for an unknown session."""
        user_id = (await self.sessions.record(session_id)).user_id
        return AgentRequest(session_id, user_id, model, content, order)

    async def buy(
        self, request: AgentRequest[Order], path: Path, accept: Callable[[Path], Awaitable[Result]]
    ) -> Bought[Result]:
        """Buys one file and writes it to `path`. `accept` raises GenerationError for one of no use: its purchase is lost.

        Raises as `domain.ports.ClipBuyer.buy` does, and StorageError.
        """
        key = await self.purchases.order(request)
        stored = f"sessions/{request.session_id}/bought/{asset_id(request.session_id, key)}"
        with machine_faults():
            if await self.storage.exists(stored):
                return await self._bought_before(key, stored, path, accept)
            return await self._buy(request, key, stored, path, accept)

    async def _bought_before(
        self, key: str, stored: str, path: Path, accept: Callable[[Path], Awaitable[Result]]
    ) -> Bought[Result]:
        await self.storage.download_file(self.storage.url(stored), path)
        result = await accept(path)
        payment = await self.purchases.payment(key, 0.0)
        # Settled already, unless an earlier call was killed after the file was stored.
        await self.purchases.pay(key, 0.0)
        return Bought(result, payment.amount, 0.0)

    async def _buy(
        self,
        request: AgentRequest[Order],
        key: str,
        stored: str,
        path: Path,
        accept: Callable[[Path], Awaitable[Result]],
    ) -> Bought[Result]:
        ended = await self._ended(request, key)
        try:
            result = await self._accepted(request.model, ended.job, path, accept)
        except GenerationError as error:
            await self.purchases.lose(key, ended.to_json(), str(error))
            return Bought(error, await self.purchases.billed(key), ended.waited)
        await self.storage.upload_file(path, OTHER_TYPE, stored)
        await self.purchases.pay(key, ended.waited)
        return Bought(result, await self.purchases.billed(key), ended.waited)

    async def _ended(self, request: AgentRequest[Order], key: str) -> EndedJob:
        """Raises UnknownOrderError when the provider does not say how the job ended: the purchase stays open."""
        try:
            return EndedJob.read(await self.purchases.wait(request, key))
        except GenerationError as error:
            raise UnknownOrderError(
                f"{request.model}: {error}; the order stays open: try again, it is not paid for twice"
            ) from error

    async def _accepted(
        self, model: str, remote: RemoteJob, path: Path, accept: Callable[[Path], Awaitable[Result]]
    ) -> Result:
        if remote.status is not JobStatus.SUCCEEDED:
            raise self.failure(model, remote)
        if remote.expired:
            raise ExpiredError.of(model, self.source.what, remote.id)
        if not remote.outputs:
            raise GenerationError(f"{model}: job {remote.id} succeeded without a result; try again")
        with unfetched(model):
            await self._fetch(model, remote.outputs[0], path)
        return await accept(path)

    async def _fetch(self, model: str, url: str, path: Path) -> None:
        """Raises DownloadError when the file may be fetched later: the purchase stays open, and a repeated call collects it."""
        try:
            await self.source.vendor(model).fetch(url, path)
        except ExpiredError:
            raise
        except GenerationError as error:
            raise DownloadError(str(error), retryable=error.retryable) from error
