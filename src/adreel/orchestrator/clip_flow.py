"""The flow of one clip: drawn here, or bought once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

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
from adreel.orchestrator.purchase import Purchases, read_ended
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
        # One step: after a crash the ledger knows how far it came.
        remote = await steps.run(
            f"buy:{attempt}",
            self.purchases.buy,
            job,
            retries=TRIES,
            preemptible=True,
            on_cancel=self.purchases.give_up_open,
        )
        if remote["status"] != JobStatus.SUCCEEDED:
            words = str(failure_of(job.model, read_ended(remote)))
            await steps.run(f"lose:{attempt}", self.purchases.lose, remote["key"], remote, words, retries=TRIES)
            raise _UselessError(words)
        return await self._collect(steps, job, attempt, remote)

    async def _collect(self, steps: Steps, job: ClipJob, attempt: int, remote: Json) -> str:
        key = remote["key"]
        try:
            kept = await steps.run(f"keep:{attempt}", self._keep, job, remote, retries=TRIES)
        except ExpiredError as error:
            await steps.run(f"lose:{attempt}", self.purchases.lose, key, remote, str(error), retries=TRIES)
            raise
        if kept["clip"] is not None:
            return kept["clip"]
        words = str(of_no_use(job.model, kept["fault"]))
        await steps.run(f"lose:{attempt}", self.purchases.lose, key, remote, words, retries=TRIES)
        raise _UselessError(words)

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

    async def _keep(self, job: ClipJob, remote: Json) -> Json:
        made = await self._made(job)
        if made is not None:
            return {"clip": made.id, "fault": None}
        bought = Bought(remote["key"], Decimal(remote["estimate"]))
        kept = await self.maker.keep(job, bought, read_ended(remote), float(remote["waited"]))
        return {"clip": None, "fault": kept} if isinstance(kept, str) else {"clip": kept.id, "fault": None}

    async def _tell_failure(self, job: ClipJob, words: str) -> None:
        told = {"failed_image_id": job.image.id, "error": words}
        await self.reporter.clip(job, 1.0, f"Clip {job.index + 1} of {job.count} could not be made: {words}", told)


class _UselessError(Exception):
    """An attempt came to nothing and is settled: another one may do better."""
