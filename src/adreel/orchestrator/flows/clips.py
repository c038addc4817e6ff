"""The flows of clips. ClipsFlow plans a session's scenes once and starts a child workflow for each clip; failures of some clips
do not affect the others. ClipFlow draws one clip, or buys it once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial

from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.clip_jobs import ClipJob, ClipsJob, digest_of
from adreel.billing.clip_quality import failure_of, rejected
from adreel.billing.language_models import BilledLanguageModels
from adreel.billing.purchase_json import EndedJob
from adreel.billing.purchases import Purchases
from adreel.billing.reuse import Reuse
from adreel.domain.costs.refusals import is_refusal
from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    ExpiredError,
    GenerationError,
    InternalError,
    LostLeaseError,
    RefusedError,
)
from adreel.domain.films.scene import ApprovedImage, Scene, ViewType, read_scene
from adreel.domain.providers import JobStatus, VideoOrder
from adreel.domain.sessions.session import Asset, AssetKind, Json
from adreel.domain.work.percentages import PLANNING
from adreel.orchestrator.engine.steps import Steps
from adreel.orchestrator.flows.board import CLIP, AllParts
from adreel.orchestrator.flows.clip_maker import ClipMaker, FileStores
from adreel.orchestrator.flows.failure_words import failure_words
from adreel.orchestrator.flows.hosted_progress import HostedProgress
from adreel.orchestrator.flows.job_steps import TRIES, finish_parts, run_job
from adreel.orchestrator.flows.phase_progress import PhaseProgress
from adreel.orchestrator.flows.plan_cache import cached_plan
from adreel.orchestrator.flows.progress import Endings, Reporter
from adreel.orchestrator.flows.step_results import MadeAsset, TakenClip
from adreel.orchestrator.queues import CLIPS, HOSTED
from adreel.providers.planning.scene_director import LlmScenePlanner
from adreel.providers.planning.scene_rules import RuleScenePlanner
from adreel.services.sessions.service import SessionService

ATTEMPTS = 2
"""A clip that failed at the provider, or was rejected, is bought once more, within the budget; then the user decides."""


@dataclass(frozen=True, slots=True)
class ClipFlow:
    """The child workflow of one clip. Every method that a step calls is idempotent."""

    agent: VideoGeneratorAgent
    maker: ClipMaker
    purchases: Purchases[ClipJob, VideoOrder]
    sessions: SessionService
    reporter: Reporter
    reuse: Reuse
    hosted: HostedProgress[ClipJob]

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a ClipJob; returns a MadeAsset. Raises AdreelError when there is no clip."""
        job = ClipJob.read(order)
        try:
            return MadeAsset(CLIP.noun, await self._clip(steps, job)).to_json()
        except (CancelledError, LostLeaseError):
            raise
        except AdreelError as error:
            words = failure_words(error, f"job {job.job_id}")
            await steps.run("tell", self._report_failure, job, words, retries=TRIES)
            raise

    async def _clip(self, steps: Steps, job: ClipJob) -> str:
        if job.known is not None or job.again:
            found = await steps.run("look", self._find_existing, job, retries=TRIES)
            if found is not None:
                return found
        if self.agent.draws(job.model):
            return await steps.run("draw", self._draw, job, retries=TRIES, preemptible=True, heavy=True)
        async with self.hosted.following(job):
            return await self._buy(steps, job)

    async def _buy(self, steps: Steps, job: ClipJob) -> str:
        """Raises the last failure; the first one when the budget does not cover the second attempt."""
        first: AdreelError | None = None
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(steps, job, attempt)
            except _RejectedError as rejection:
                error = GenerationError(str(rejection))
                if attempt == ATTEMPTS:
                    raise error from None
                first = error
            except BudgetError:
                if first is None:
                    raise
                raise first from None
        raise InternalError("unreachable: the last attempt returns or raises")

    async def _attempt(self, steps: Steps, job: ClipJob, attempt: int) -> str:
        stop = self.purchases.give_up
        # Few steps, since each costs a clip some milliseconds: after a crash the ledger knows the state of the purchase.
        placed = await steps.run(f"order:{attempt}", self._order, job, retries=TRIES, preemptible=True, on_cancel=stop)
        take = partial(self._take, steps)
        taken = TakenClip.read(
            await steps.run(f"take:{attempt}", take, job, placed, retries=TRIES, preemptible=True, on_cancel=stop)
        )
        if taken.clip is not None:
            return taken.clip
        await steps.run(f"lose:{attempt}", self._lose, placed["key"], taken, retries=TRIES)
        if taken.expired:
            raise ExpiredError(taken.reason)
        if taken.refused:
            raise RefusedError(taken.reason)
        raise _RejectedError(taken.reason)

    async def _lose(self, key: str, taken: TakenClip) -> None:
        if taken.remote is not None:
            await self.purchases.lose(key, taken.remote.to_json(), taken.reason)

    async def _order(self, job: ClipJob) -> Json:
        """Returns the `key` of the purchase. Checks the disk space first: a clip that could not be stored is not bought."""
        self.maker.check_room(job)
        return {"key": await self.purchases.order(job)}

    async def _take(self, steps: Steps, job: ClipJob, placed: Json) -> Json:
        """Waits for the clip and keeps it; returns a TakenClip."""
        # An earlier run may have stored it before it crashed.
        made = None if self.purchases.is_fresh(placed["key"]) else await self._made(job)
        if made is not None:
            return TakenClip(made.id).to_json()
        ended = EndedJob.read(await self.purchases.wait(job, placed["key"]))
        if ended.job.status is not JobStatus.SUCCEEDED:
            failure = str(failure_of(job.model, ended.job))
            return TakenClip(None, ended, failure, refused=is_refusal(ended.job.error)).to_json()
        return (await steps.wholly(self._keep, job, placed, ended)).to_json()

    async def _keep(self, job: ClipJob, placed: Json, ended: EndedJob) -> TakenClip:
        payment = await self.purchases.payment(placed["key"], ended.waited)
        try:
            result = await self.maker.keep(job, payment, ended.job)
        except ExpiredError as error:
            return TakenClip(None, ended, str(error), expired=True)
        if isinstance(result, str):
            return TakenClip(None, ended, str(rejected(job.model, result)))
        return TakenClip(result.id)

    async def _find_existing(self, job: ClipJob) -> str | None:
        """Finds and reports a clip that this session has, or that the user has bought in another session."""
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

    async def _report_failure(self, job: ClipJob, reason: str) -> None:
        data = {"failed_image_id": job.image.id, "error": reason}
        await self.reporter.clip(job, 1.0, f"Clip {job.index + 1} of {job.count} could not be made: {reason}", data)


class _RejectedError(Exception):
    """An attempt failed and is settled: another one may succeed."""


_PLANNING_WORDS = "Waiting for a language model to plan the scenes"

CLIP_FLOW = "clip"
"""The name of the children's flow."""


@dataclass(frozen=True, slots=True)
class ClipsFlow:
    """Does GENERATE_CLIPS and REGENERATE_CLIP. `language_models` plan the scenes; without them the agent's planner does."""

    agent: VideoGeneratorAgent
    stores: FileStores
    reporter: Reporter
    endings: Endings
    sessions: SessionService
    phases: PhaseProgress
    language_models: BilledLanguageModels | None = None

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a ClipsJob. Returns the ids of the clips, and messages of the failures."""
        job = ClipsJob.read(order)
        return await run_job(steps, self.endings, job, lambda: self._run(steps, job))

    async def _run(self, steps: Steps, job: ClipsJob) -> Json:
        after = await steps.run("planning", self.reporter.planning, job.session_id, job.job_id, retries=TRIES)
        orders = await steps.run("plan", self._orders, job, after, retries=TRIES, preemptible=True)
        children = await steps.children(CLIP_FLOW, orders, CLIPS if self.agent.draws(job.model) else HOSTED)
        async with self.phases.queued(CLIP, AllParts(job.job_id, job.session_id, len(orders), after)):
            return await finish_parts(steps, job, children, CLIP.noun, self.endings.clips_ready)

    async def _orders(self, job: ClipsJob, after: int) -> dict[str, Json]:
        """A ClipJob for each clip, by the id of its workflow."""
        scenes = await self._plan(job)
        clips = [job.clip(index, read_scene(scene), after) for index, scene in enumerate(scenes)]
        existing = await self._find_existing(clips)
        return {
            f"{job.job_id}:clip:{clip.index}": replace(clip, **found).to_json()
            for clip, found in zip(clips, existing, strict=True)
        }

    async def _find_existing(self, clips: list[ClipJob]) -> list[Json]:
        """The `known` and `again` of each clip."""
        first = clips[0]
        view = await self.sessions.view(first.session_id)
        made = {clip.request: clip.id for clip in view.of_kind(AssetKind.CLIP)}
        again: frozenset[str] = frozenset()
        # A new take is always made, and drawing a clip again costs nothing.
        if not first.take and not self.agent.draws(first.model):
            contents = {clip.content for clip in clips}
            again = await self.sessions.bought_contents(first.user_id, AssetKind.CLIP, contents)
        return [{"known": made.get(clip.request), "again": clip.content in again} for clip in clips]

    async def _plan(self, job: ClipsJob) -> list[Json]:
        """The scenes, planned once for the same photos and prompt, so that a retry makes only missing clips."""
        if job.scenes:
            return [asdict(scene) for scene in job.scenes]
        photos = [(image.content_hash, image.view_type) for image in job.images]
        digests = [digest_of(name, job.prompt, photos, job.seed) for name in self._planner_names(job)]

        async def make() -> list[Json]:
            return [asdict(scene) for scene in await self._planned(job)]

        alike = await self.sessions.alike(job.session_id)
        return await cached_plan(self.stores.storage, self.stores.work, job.session_id, digests, make, alike)

    def _planner_names(self, job: ClipsJob) -> tuple[str, ...]:
        models = self._asked(job)
        return models.names if models else (self.agent.llm_model,)

    def _asked(self, job: ClipsJob) -> BilledLanguageModels | None:
        return self.language_models if job.ideas else None

    async def _planned(self, job: ClipsJob) -> list[Scene]:
        images = await self._images(job)
        models = self._asked(job)
        if models is None:
            return await self.agent.plan(images, job.prompt)
        model = models.for_job(job.job_id, job.session_id, job.user_id)
        late = partial(models.unanswered.includes, job.job_id)
        async with self.phases.during(PLANNING, job.session_id, job.job_id, _PLANNING_WORDS, late):
            directed = await LlmScenePlanner(model, RuleScenePlanner()).direct(images, job.prompt)
        if directed.warning:
            await self.reporter.planned(job.session_id, job.job_id, directed.warning)
        return directed.scenes

    async def _images(self, job: ClipsJob) -> list[ApprovedImage]:
        paths = [await self.stores.files.path(image.key, image.content_hash) for image in job.images]
        return [
            ApprovedImage(image.id, path, ViewType(image.view_type))
            for image, path in zip(job.images, paths, strict=True)
        ]
