"""The flows of images. ImagesFlow parses a session's prompt once and starts a child workflow for each image; failures of some
images do not affect the others. ImageFlow buys one image once, from the first model that makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from adreel.agents.image_generator import UselessImageError, image_failure, next_model
from adreel.agents.prompt_parser import ProductPrompt, PromptParserAgent
from adreel.billing.clip_jobs import digest_of
from adreel.billing.image_jobs import ImageJob, ImagesJob, read_plan
from adreel.billing.language_models import BilledLanguageModels
from adreel.billing.purchase_json import EndedJob
from adreel.billing.purchases import Purchases
from adreel.billing.reuse import Reuse
from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    ExpiredError,
    InternalError,
    LostLeaseError,
)
from adreel.domain.films.images import ImageOrder
from adreel.domain.language_model import LanguageModel
from adreel.domain.providers import JobStatus
from adreel.domain.sessions.session import Asset, AssetKind, Json
from adreel.domain.work.percentages import PARSING
from adreel.orchestrator.engine.steps import Steps
from adreel.orchestrator.flows.board import IMAGE, AllParts
from adreel.orchestrator.flows.failure_words import failure_words
from adreel.orchestrator.flows.hosted_progress import HostedProgress
from adreel.orchestrator.flows.image_maker import ImageMaker
from adreel.orchestrator.flows.job_steps import TRIES, finish_parts, run_job
from adreel.orchestrator.flows.phase_progress import PhaseProgress
from adreel.orchestrator.flows.plan_cache import cached_plan
from adreel.orchestrator.flows.progress import Endings, Reporter, image_data
from adreel.orchestrator.flows.step_results import FoundImage, KeptImage, MadeAsset
from adreel.orchestrator.queues import HOSTED
from adreel.services.sessions.service import SessionService
from adreel.services.storage_service import StorageService


@dataclass(frozen=True, slots=True)
class ImageFlow:
    """The child workflow of one image. Every method that a step calls is idempotent."""

    maker: ImageMaker
    purchases: Purchases[ImageJob, ImageOrder]
    sessions: SessionService
    reporter: Reporter
    reuse: Reuse
    hosted: HostedProgress[ImageJob]

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is an ImageJob; returns a MadeAsset. Raises AdreelError when there is no image."""
        job = ImageJob.read(order)
        try:
            image = await self._image(steps, job)
        except (CancelledError, LostLeaseError):
            raise
        except AdreelError as error:
            words = failure_words(error, f"job {job.job_id}")
            await steps.run("tell", self._report_failure, job, words, retries=TRIES)
            raise
        await steps.run("tell", self._report, job, image, retries=TRIES)
        return MadeAsset(IMAGE.noun, image).to_json()

    async def _image(self, steps: Steps, job: ImageJob) -> str:
        found = FoundImage.read(await steps.run("look", self._find_existing, job, retries=TRIES))
        if found.image is not None:
            return found.image
        async with self.hosted.following(job):
            return await self._buy(steps, job, found.attempts)

    async def _buy(self, steps: Steps, job: ImageJob, attempts: Sequence[int]) -> str:
        """Raises the last failure, also when the budget does not cover the next model."""
        failure: AdreelError | None = None
        for attempt in attempts:
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
        stop = self.purchases.give_up
        with next_model():
            key = await steps.run(f"reserve:{number}", self._reserve, job, retries=TRIES)
            await steps.run(
                f"order:{number}", self.purchases.place, job, key, retries=TRIES, preemptible=True, on_cancel=stop
            )
        remote = await steps.run(
            f"wait:{number}", self.purchases.wait, job, key, retries=TRIES, preemptible=True, on_cancel=stop
        )
        ended = EndedJob.read(remote)
        if ended.job.status is not JobStatus.SUCCEEDED:
            reason = str(image_failure(job.model, ended.job))
            await steps.run(f"lose:{number}", self.purchases.lose, key, remote, reason, retries=TRIES)
            raise UselessImageError(reason)
        return await self._collect(steps, job, number, key, remote)

    async def _reserve(self, job: ImageJob) -> str:
        self.maker.check_room()
        return await self.purchases.reserve(job)

    async def _collect(self, steps: Steps, job: ImageJob, number: int, key: str, remote: Json) -> str:
        try:
            keep = await steps.run(f"keep:{number}", self._keep, job, key, remote, retries=TRIES, heavy=True)
        except ExpiredError as error:
            await steps.run(f"lose:{number}", self.purchases.lose, key, remote, str(error), retries=TRIES)
            raise
        kept = KeptImage.read(keep)
        if kept.image is not None:
            return kept.image
        await steps.run(f"lose:{number}", self.purchases.lose, key, remote, kept.fault, retries=TRIES)
        raise UselessImageError(kept.fault)

    async def _find_existing(self, job: ImageJob) -> Json:
        """Finds an image that this session has, or that the user has bought in another session; else the order of the models to
        try: first those with an open purchase, which only has to be collected.
        """
        found = await self._made(job) or await self.reuse.image(job)
        if found is not None:
            return FoundImage(found.id).to_json()
        attempts = range(len(job.models))
        is_open = [await self.purchases.is_open(replace(job, attempt=attempt)) for attempt in attempts]
        return FoundImage(None, tuple(sorted(attempts, key=lambda attempt: not is_open[attempt]))).to_json()

    async def _made(self, job: ImageJob) -> Asset | None:
        images = (await self.sessions.view(job.session_id)).of_kind(AssetKind.IMAGE)
        return next((image for image in images if image.request == job.request), None)

    async def _keep(self, job: ImageJob, key: str, remote: Json) -> Json:
        made = await self._made(job)
        if made is not None:
            return KeptImage(made.id).to_json()
        ended = EndedJob.read(remote)
        payment = await self.purchases.payment(key, ended.waited)
        result = await self.maker.keep(job, payment, ended.job)
        return (KeptImage(None, result) if isinstance(result, str) else KeptImage(result.id)).to_json()

    async def _report(self, job: ImageJob, image_id: str) -> None:
        made = await self._made(job)
        data = {"image": image_data(made)} if made else {"image": {"id": image_id}}
        await self.reporter.image(job, 1.0, f"Image {job.index + 1} of {job.count} is ready", data)

    async def _report_failure(self, job: ImageJob, reason: str) -> None:
        data = {"failed_index": job.index, "error": reason}
        await self.reporter.image(job, 1.0, f"Image {job.index + 1} of {job.count} could not be made: {reason}", data)


IMAGE_FLOW = "image"
"""The name of the children's flow."""


@dataclass(frozen=True, slots=True)
class ImagesFlow:
    """Does GENERATE_IMAGES. Without `language_models`, rules write the prompts."""

    language_models: BilledLanguageModels | None
    storage: StorageService
    work: Path
    reporter: Reporter
    endings: Endings
    sessions: SessionService
    phases: PhaseProgress

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is an ImagesJob. Returns the ids of the images, and messages of the failures."""
        job = ImagesJob.read(order)
        return await run_job(steps, self.endings, job, lambda: self._run(steps, job))

    async def _run(self, steps: Steps, job: ImagesJob) -> Json:
        await steps.run("parsing", self.reporter.parsing, job.session_id, job.job_id, retries=TRIES)
        # The ledger's sweep settles a purchase of text that a cancellation interrupts here.
        plan = read_plan(await steps.run("parse", self._parse, job, retries=TRIES, preemptible=True))
        after = await steps.run("parsed", self.reporter.parsed, job.session_id, job.job_id, plan, retries=TRIES)
        images = [job.image(index, prompt, after) for index, prompt in enumerate(plan.prompts)]
        orders = {f"{job.job_id}:image:{image.index}": image.to_json() for image in images}
        children = await steps.children(IMAGE_FLOW, orders, HOSTED)
        async with self.phases.queued(IMAGE, AllParts(job.job_id, job.session_id, len(orders), after)):
            return await finish_parts(steps, job, children, IMAGE.noun, self.endings.images_ready)

    async def _parse(self, job: ImagesJob) -> Json:
        """The prompts of the images, written once for the same product, so that a retry makes only missing images."""
        parser = PromptParserAgent(self._language_model(job))
        names = self.language_models.names if self.language_models else (parser.name,)
        digests = [digest_of("images", name, job.product, job.count, job.seed) for name in names]

        def late() -> bool:
            return self.language_models is not None and self.language_models.unanswered.includes(job.job_id)

        async def make() -> Json:
            words = "Writing the prompts of the images"
            async with self.phases.during(PARSING, job.session_id, job.job_id, words, late):
                return asdict(await parser.parse(ProductPrompt(job.product, job.count, job.seed)))

        return await cached_plan(
            self.storage, self.work, job.session_id, digests, make, await self.sessions.alike(job.session_id)
        )

    def _language_model(self, job: ImagesJob) -> LanguageModel | None:
        models = self.language_models
        return models.for_job(job.job_id, job.session_id, job.user_id) if models else None
