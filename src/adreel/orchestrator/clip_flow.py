"""The flow of one clip: drawn here, or bought once."""

from __future__ import annotations

from dataclasses import dataclass

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
from adreel.orchestrator.clip_maker import ClipMaker
from adreel.orchestrator.orders import ClipJob
from adreel.orchestrator.purchase import Purchases, read_ended
from adreel.orchestrator.reports import Reporter, clip_data
from adreel.orchestrator.reuse import Reuse
from adreel.orchestrator.steps import Steps
from adreel.services.ledger_service import LedgerService
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
    ledger: LedgerService
    reporter: Reporter
    reuse: Reuse

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a ClipJob; answers with ``{"clip": asset id}``. Raises AdreelError when there is no clip."""
        job = ClipJob.read(order)
        try:
            clip = await self._clip(steps, job)
        except (CancelledError, LostLeaseError):
            raise
        except AdreelError as error:
            await steps.run("tell", self._tell_failure, job, str(error), retries=TRIES)
            raise
        await steps.run("tell", self._tell, job, clip, retries=TRIES)
        return {"clip": clip}

    async def _clip(self, steps: Steps, job: ClipJob) -> str:
        known = await steps.run("look", self._look, job, retries=TRIES)
        if known is not None:
            return known
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
        key = await steps.run(f"reserve:{attempt}", self.purchases.reserve, job, retries=TRIES)
        stop = self.purchases.give_up
        await steps.run(
            f"order:{attempt}", self.purchases.place, job, key, retries=TRIES, preemptible=True, on_cancel=stop
        )
        remote = await steps.run(
            f"wait:{attempt}", self.purchases.wait, job, key, retries=TRIES, preemptible=True, on_cancel=stop
        )
        if remote["status"] != JobStatus.SUCCEEDED:
            words = str(failure_of(job.model, read_ended(remote)))
            await steps.run(f"lose:{attempt}", self.purchases.lose, key, remote, words, retries=TRIES)
            raise _UselessError(words)
        return await self._collect(steps, job, attempt, key, remote)

    async def _collect(self, steps: Steps, job: ClipJob, attempt: int, key: str, remote: Json) -> str:
        try:
            kept = await steps.run(f"keep:{attempt}", self._keep, job, key, remote, retries=TRIES)
        except ExpiredError as error:
            await steps.run(f"lose:{attempt}", self.purchases.lose, key, remote, str(error), retries=TRIES)
            raise
        if kept["clip"] is not None:
            return kept["clip"]
        words = str(of_no_use(job.model, kept["fault"]))
        await steps.run(f"lose:{attempt}", self.purchases.lose, key, remote, words, retries=TRIES)
        raise _UselessError(words)

    async def _look(self, job: ClipJob) -> str | None:
        """The clip, if it has been made before, or bought in another session of the person."""
        found = await self._made(job)
        if found is None and not self.agent.draws(job.model):
            found = await self.reuse.clip(job)
        return found.id if found else None

    async def _made(self, job: ClipJob) -> Asset | None:
        clips = (await self.sessions.view(job.session_id)).of_kind(AssetKind.CLIP)
        return next((clip for clip in clips if clip.request == job.request), None)

    async def _draw(self, job: ClipJob) -> str:
        return (await self.maker.draw(job)).id

    async def _keep(self, job: ClipJob, key: str, remote: Json) -> Json:
        made = await self._made(job)
        if made is not None:
            return {"clip": made.id, "fault": None}
        call = await self.ledger.get(key)
        if call is None:
            raise InternalError(f"the purchase {key} was never written down")
        kept = await self.maker.keep(job, call, read_ended(remote), float(remote["waited"]))
        return {"clip": None, "fault": kept} if isinstance(kept, str) else {"clip": kept.id, "fault": None}

    async def _tell(self, job: ClipJob, clip_id: str) -> None:
        made = await self._made(job)
        told = {"clip": clip_data(made)} if made else {"clip": {"id": clip_id}}
        await self.reporter.clip(job, 1.0, f"Clip {job.index + 1} of {job.count} is ready", told)

    async def _tell_failure(self, job: ClipJob, words: str) -> None:
        told = {"failed_image_id": job.image.id, "error": words}
        await self.reporter.clip(job, 1.0, f"Clip {job.index + 1} of {job.count} could not be made: {words}", told)


class _UselessError(Exception):
    """An attempt came to nothing and is settled: another one may do better."""
