"""The flow of one picture: bought once, from the first model that makes it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adreel.agents.image_generator import UselessImageError, image_failure
from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    ExpiredError,
    GenerationError,
    InternalError,
    LostLeaseError,
    NoCreditError,
    UnauthorizedError,
)
from adreel.domain.images import ImageOrder
from adreel.domain.remote import JobStatus
from adreel.domain.session import Asset, AssetKind, Json
from adreel.orchestrator.clip_flow import TRIES
from adreel.orchestrator.image_maker import ImageMaker
from adreel.orchestrator.image_orders import ImageJob
from adreel.orchestrator.purchase import Purchases
from adreel.orchestrator.purchase_facts import read_ended
from adreel.orchestrator.reports import Reporter, image_data
from adreel.orchestrator.reuse import Reuse
from adreel.orchestrator.steps import Steps
from adreel.services.ledger_service import LedgerService
from adreel.services.session_service import SessionService

_FOR_ALL = (UnauthorizedError, NoCreditError, ExpiredError)
"""Failures of an order that another model would meet as well, or after which this one may have been accepted."""


@dataclass(frozen=True, slots=True)
class ImageFlow:
    """One child workflow for each picture. Its steps work through their parts, which each bear being repeated."""

    maker: ImageMaker
    purchases: Purchases[ImageJob, ImageOrder]
    sessions: SessionService
    ledger: LedgerService
    reporter: Reporter
    reuse: Reuse

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is an ImageJob; answers with ``{"image": asset id}``. Raises AdreelError when there is no picture."""
        job = ImageJob.read(order)
        try:
            image = await self._image(steps, job)
        except (CancelledError, LostLeaseError):
            raise
        except AdreelError as error:
            await steps.run("tell", self._tell_failure, job, str(error), retries=TRIES)
            raise
        await steps.run("tell", self._tell, job, image, retries=TRIES)
        return {"image": image}

    async def _image(self, steps: Steps, job: ImageJob) -> str:
        """Raises the first failure when the next model cannot be paid for, else the last."""
        found = await steps.run("look", self._look, job, retries=TRIES)
        if found["image"] is not None:
            return found["image"]
        failure: AdreelError | None = None
        for attempt in found["attempts"]:
            try:
                return await self._attempt(steps, replace(job, attempt=attempt))
            except UselessImageError as error:
                failure = error
            except BudgetError:
                if failure is None:
                    raise
                break
        raise failure or InternalError("no image model was asked")

    async def _attempt(self, steps: Steps, job: ImageJob) -> str:
        number = job.attempt + 1
        key = await steps.run(f"reserve:{number}", self.purchases.reserve, job, retries=TRIES)
        stop = self.purchases.give_up
        try:
            await steps.run(
                f"order:{number}", self.purchases.place, job, key, retries=TRIES, preemptible=True, on_cancel=stop
            )
        except _FOR_ALL:
            raise
        except GenerationError as error:
            raise UselessImageError(str(error)) from error
        remote = await steps.run(
            f"wait:{number}", self.purchases.wait, job, key, retries=TRIES, preemptible=True, on_cancel=stop
        )
        if remote["status"] != JobStatus.SUCCEEDED:
            words = str(image_failure(job.model, read_ended(remote)))
            await steps.run(f"lose:{number}", self.purchases.lose, key, remote, words, retries=TRIES)
            raise UselessImageError(words)
        return await self._collect(steps, job, number, key, remote)

    async def _collect(self, steps: Steps, job: ImageJob, number: int, key: str, remote: Json) -> str:
        try:
            kept = await steps.run(f"keep:{number}", self._keep, job, key, remote, retries=TRIES)
        except ExpiredError as error:
            await steps.run(f"lose:{number}", self.purchases.lose, key, remote, str(error), retries=TRIES)
            raise
        if kept["image"] is not None:
            return kept["image"]
        await steps.run(f"lose:{number}", self.purchases.lose, key, remote, kept["fault"], retries=TRIES)
        raise UselessImageError(kept["fault"])

    async def _look(self, job: ImageJob) -> Json:
        """The picture, if it has been made before, or bought in another session of the person; else the order in which models are
        asked: first those of whom one was bought and only has to be collected.
        """
        found = await self._made(job) or await self.reuse.image(job)
        if found is not None:
            return {"image": found.id, "attempts": []}
        attempts = range(len(job.models))
        is_open = [await self.purchases.is_open(replace(job, attempt=attempt)) for attempt in attempts]
        return {"image": None, "attempts": sorted(attempts, key=lambda attempt: not is_open[attempt])}

    async def _made(self, job: ImageJob) -> Asset | None:
        images = (await self.sessions.view(job.session_id)).of_kind(AssetKind.IMAGE)
        return next((image for image in images if image.request == job.request), None)

    async def _keep(self, job: ImageJob, key: str, remote: Json) -> Json:
        made = await self._made(job)
        if made is not None:
            return {"image": made.id, "fault": None}
        call = await self.ledger.get(key)
        if call is None:
            raise InternalError(f"the purchase {key} was never written down")
        kept = await self.maker.keep(job, call, read_ended(remote), float(remote["waited"]))
        return {"image": None, "fault": kept} if isinstance(kept, str) else {"image": kept.id, "fault": None}

    async def _tell(self, job: ImageJob, image_id: str) -> None:
        made = await self._made(job)
        told = {"image": image_data(made)} if made else {"image": {"id": image_id}}
        await self.reporter.image(job, 1.0, f"Image {job.index + 1} of {job.count} is ready", told)

    async def _tell_failure(self, job: ImageJob, words: str) -> None:
        told = {"failed_index": job.index, "error": words}
        await self.reporter.image(job, 1.0, f"Image {job.index + 1} of {job.count} could not be made: {words}", told)
