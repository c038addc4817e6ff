"""The flow of one clip: drawn here, or bought once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    ExpiredError,
    GenerationError,
    InternalError,
    LostLeaseError,
)
from adreel.domain.remote import JobStatus, VideoOrder
from adreel.domain.session import Asset, AssetKind, Json
from adreel.orchestrator.bought_clip import failure_of, of_no_use
from adreel.orchestrator.clip_maker import Bought, ClipMaker
from adreel.orchestrator.orders import ClipJob
from adreel.orchestrator.purchase import Purchases
from adreel.orchestrator.purchase_facts import read_ended
from adreel.orchestrator.reports import Reporter
from adreel.orchestrator.reuse import Reuse
from adreel.orchestrator.steps import Steps
from adreel.services.session_service import SessionService

TRIES = 3
"""More attempts at a step after a failure that may pass: a database or storage that is away."""

ATTEMPTS = 2
"""A clip that came to nothing at the provider, or is of no use, is bought once more, inside the budget; then a person decides."""


@dataclass(frozen=True, slots=True)
class ClipFlow:
    """One child workflow for each clip. Its steps work through their parts, which each bear being repeated."""

    agent: VideoGeneratorAgent
    maker: ClipMaker
    purchases: Purchases[ClipJob, VideoOrder]
    sessions: SessionService
    reporter: Reporter
    reuse: Reuse

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a ClipJob; answers with ``{"clip": asset id}``. Raises AdreelError when there is no clip."""
        job = ClipJob.read(order)
        try:
            return {"clip": await self._clip(steps, job)}
        except (CancelledError, LostLeaseError):
            raise
        except AdreelError as error:
            await steps.run("tell", self._tell_failure, job, str(error), retries=TRIES)
            raise

    async def _clip(self, steps: Steps, job: ClipJob) -> str:
        if job.known is not None or job.again:
            found = await steps.run("look", self._look, job, retries=TRIES)
            if found is not None:
                return found
        if self.agent.draws(job.model):
            return await steps.run("draw", self._draw, job, retries=TRIES, preemptible=True)
        return await self._buy(steps, job)

    async def _buy(self, steps: Steps, job: ClipJob) -> str:
        """Raises the first failure when the second attempt cannot be paid for, else the last."""
        first: AdreelError | None = None
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(steps, job, attempt)
            except _UselessError as useless:
                error = GenerationError(str(useless))
                if attempt == ATTEMPTS:
                    raise error from None
                first = error
            except BudgetError:
                if first is None:
                    raise
                raise first from None
        raise InternalError("unreachable: the last attempt returns or raises")

    async def _attempt(self, steps: Steps, job: ClipJob, attempt: int) -> str:
        stop = self.purchases.give_up_open
        # Few steps, each of which costs a clip some milliseconds: after a crash the ledger knows how far it came.
        placed = await steps.run(
            f"order:{attempt}", self.purchases.order, job, retries=TRIES, preemptible=True, on_cancel=stop
        )
        take = partial(self._take, steps)
        taken = await steps.run(f"take:{attempt}", take, job, placed, retries=TRIES, preemptible=True, on_cancel=stop)
        if taken["clip"] is not None:
            return taken["clip"]
        lost = (placed["key"], taken["remote"], taken["words"])
        await steps.run(f"lose:{attempt}", self.purchases.lose, *lost, retries=TRIES)
        if taken["expired"]:
            raise ExpiredError(taken["words"])
        raise _UselessError(taken["words"])

    async def _take(self, steps: Steps, job: ClipJob, placed: Json) -> Json:
        """Waits for the clip and keeps it: the asset's id as `clip`, or in words why there is none, and the `remote` job."""
        # Looked for while there is time: after a crash it may have been kept.
        made = await self._made(job)
        if made is not None:
            return {"clip": made.id}
        remote = await self.purchases.ended(job, placed)
        if remote["status"] != JobStatus.SUCCEEDED:
            return _nothing(remote, str(failure_of(job.model, read_ended(remote))))
        return await steps.wholly(self._keep, job, placed, remote)

    async def _keep(self, job: ClipJob, placed: Json, remote: Json) -> Json:
        bought = Bought(placed["key"], Decimal(placed["estimate"]))
        try:
            kept = await self.maker.keep(job, bought, read_ended(remote), float(remote["waited"]))
        except ExpiredError as error:
            return {**_nothing(remote, str(error)), "expired": True}
        if isinstance(kept, str):
            return _nothing(remote, str(of_no_use(job.model, kept)))
        return {"clip": kept.id}

    async def _look(self, job: ClipJob) -> str | None:
        """The clip, told of, if it has been made before, or bought in another session of the person."""
        found = await self._made(job)
        if found is None and job.again:
            found = await self.reuse.clip(job)
        if found is None:
            return None
        await self.reporter.ready_clip(job, found)
        return found.id

    async def _made(self, job: ClipJob) -> Asset | None:
        return await self.sessions.made(job.session_id, AssetKind.CLIP, job.request)

    async def _draw(self, job: ClipJob) -> str:
        return (await self._made(job) or await self.maker.draw(job)).id

    async def _tell_failure(self, job: ClipJob, words: str) -> None:
        told = {"failed_image_id": job.image.id, "error": words}
        await self.reporter.clip(job, 1.0, f"Clip {job.index + 1} of {job.count} could not be made: {words}", told)


def _nothing(remote: Json, words: str) -> Json:
    return {"clip": None, "remote": remote, "words": words, "expired": False}


class _UselessError(Exception):
    """An attempt came to nothing and is settled: another one may do better."""
