"""The flow of a session's pictures: the prompt read once, one child workflow for each picture, partial failure kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from adreel.agents.prompt_parser import ProductPrompt, PromptParserAgent
from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.domain.session import Json
from adreel.domain.text import LanguageModel
from adreel.orchestrator.bought_text import Writers
from adreel.orchestrator.children import results_of
from adreel.orchestrator.clip_flow import TRIES
from adreel.orchestrator.endings import Endings
from adreel.orchestrator.image_orders import ImagesJob, read_prompt
from adreel.orchestrator.kept_plans import kept_plan
from adreel.orchestrator.orders import digest_of
from adreel.orchestrator.queues import HOSTED
from adreel.orchestrator.reports import Reporter
from adreel.orchestrator.steps import Steps
from adreel.services.session_service import SessionService
from adreel.services.storage_service import StorageService

IMAGE_FLOW = "image"
"""The name of the children's flow."""


@dataclass(frozen=True, slots=True)
class ImagesFlow:
    """Work of GENERATE_IMAGES. Without `writers` prompts are written by rules."""

    writers: Writers | None
    storage: StorageService
    work: Path
    reporter: Reporter
    endings: Endings
    sessions: SessionService

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is an ImagesJob. Answers with the ids of the pictures, and in words what could not be made."""
        job = ImagesJob.read(order)
        try:
            return await self._run(steps, job)
        except LostLeaseError:
            raise
        except CancelledError:
            # Whoever cancelled has told the session.
            return {"cancelled": True}
        except AdreelError as error:
            await steps.run("fail", self.endings.failed, job.session_id, job.job_id, str(error), retries=TRIES)
            return {"failed": str(error)}

    async def _run(self, steps: Steps, job: ImagesJob) -> Json:
        await steps.run("parsing", self.reporter.parsing, job.session_id, job.job_id, retries=TRIES)
        # A purchase of an answer that is cut off here is settled by the ledger's sweep.
        plan = await steps.run("parse", self._parse, job, retries=TRIES, preemptible=True)
        after = await steps.run("parsed", self.reporter.parsed, job.session_id, job.job_id, plan, retries=TRIES)
        images = [job.image(index, read_prompt(prompt), after) for index, prompt in enumerate(plan["prompts"])]
        orders = {f"{job.job_id}:image:{image.index}": image.to_json() for image in images}
        children = await steps.children(IMAGE_FLOW, orders, HOSTED)
        made, errors = await results_of(children, "image")
        if not made:
            raise errors[0][1]
        failures = [f"image {index + 1}: {error}" for index, error in errors]
        end = (job.session_id, job.job_id, made, failures)
        await steps.run("finish", self.endings.images_ready, *end, retries=TRIES)
        return {"images": made, "failures": failures}

    async def _parse(self, job: ImagesJob) -> Json:
        """What is to be photographed, written once for the same words: trying again makes only what is missing."""
        parser = PromptParserAgent(self._writer(job))
        digest = digest_of("images", parser.name, job.product, job.count, job.seed)

        async def make() -> Json:
            return asdict(await parser.parse(ProductPrompt(job.product, job.count, job.seed)))

        return await kept_plan(
            self.storage, self.work, job.session_id, digest, make, await self.sessions.alike(job.session_id)
        )

    def _writer(self, job: ImagesJob) -> LanguageModel | None:
        return self.writers.writer(job.job_id, job.session_id, job.user_id) if self.writers else None
