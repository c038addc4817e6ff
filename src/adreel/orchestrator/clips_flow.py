"""The flow of a session's clips: scenes planned once, one child workflow for each clip, partial failure kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.domain.scene import ApprovedImage, Scene, ViewType
from adreel.domain.session import AssetKind, Json
from adreel.orchestrator.bought_text import Writers
from adreel.orchestrator.children import results_of
from adreel.orchestrator.clip_flow import TRIES
from adreel.orchestrator.clip_maker import Rooms
from adreel.orchestrator.endings import Endings
from adreel.orchestrator.kept_plans import kept_plan
from adreel.orchestrator.orders import ClipJob, ClipsJob, digest_of, read_scene
from adreel.orchestrator.queues import CLIPS, HOSTED
from adreel.orchestrator.reports import Reporter
from adreel.orchestrator.steps import Steps
from adreel.providers.llm.scene_director import LlmScenePlanner
from adreel.providers.rules import RuleScenePlanner
from adreel.services.session_service import SessionService

CLIP_FLOW = "clip"
"""The name of the children's flow."""


@dataclass(frozen=True, slots=True)
class ClipsFlow:
    """Work of GENERATE_CLIPS and REGENERATE_CLIP. With `writers` a language model plans the scenes, else the agent's planner."""

    agent: VideoGeneratorAgent
    rooms: Rooms
    reporter: Reporter
    endings: Endings
    sessions: SessionService
    writers: Writers | None = None

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a ClipsJob. Answers with the ids of the clips, and in words what could not be made."""
        job = ClipsJob.read(order)
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

    async def _run(self, steps: Steps, job: ClipsJob) -> Json:
        after = await steps.run("planning", self.reporter.planning, job.session_id, job.job_id, retries=TRIES)
        orders = await steps.run("plan", self._orders, job, after, retries=TRIES, preemptible=True)
        children = await steps.children(CLIP_FLOW, orders, CLIPS if self.agent.draws(job.model) else HOSTED)
        made, errors = await results_of(children, "clip")
        if not made:
            raise errors[0][1]
        failures = [f"clip {index + 1}: {error}" for index, error in errors]
        end = (job.session_id, job.job_id, made, failures)
        await steps.run("finish", self.endings.clips_ready, *end, retries=TRIES)
        return {"clips": made, "failures": failures}

    async def _orders(self, job: ClipsJob, after: int) -> dict[str, Json]:
        """A ClipJob for each clip, by the id of its workflow."""
        scenes = await self._plan(job)
        clips = [job.clip(index, read_scene(scene), after) for index, scene in enumerate(scenes)]
        seen = await self._look(clips)
        return {
            f"{job.job_id}:clip:{clip.index}": replace(clip, **found).to_json()
            for clip, found in zip(clips, seen, strict=True)
        }

    async def _look(self, clips: list[ClipJob]) -> list[Json]:
        """For each clip its `known` and `again`."""
        first = clips[0]
        view = await self.sessions.view(first.session_id)
        made = {clip.request: clip.id for clip in view.of_kind(AssetKind.CLIP)}
        again: frozenset[str] = frozenset()
        # A new take is always made, and what is drawn here costs nothing to draw again.
        if not first.take and not self.agent.draws(first.model):
            contents = {clip.content for clip in clips}
            again = await self.sessions.bought_contents(first.user_id, AssetKind.CLIP, contents)
        return [{"known": made.get(clip.request), "again": clip.content in again} for clip in clips]

    async def _plan(self, job: ClipsJob) -> list[Json]:
        """The scenes, planned once for the same photos and wish: trying again makes only what is missing."""
        if job.scenes:
            return [asdict(scene) for scene in job.scenes]
        photos = [(image.content_hash, image.view_type) for image in job.images]
        digest = digest_of(self._planner_name, job.prompt, photos, job.seed)

        async def make() -> list[Json]:
            return [asdict(scene) for scene in await self._planned(job)]

        alike = await self.sessions.alike(job.session_id)
        return await kept_plan(self.rooms.storage, self.rooms.work, job.session_id, digest, make, alike)

    @property
    def _planner_name(self) -> str:
        return self.writers.name if self.writers else self.agent.llm_model

    async def _planned(self, job: ClipsJob) -> list[Scene]:
        images = await self._images(job)
        if self.writers is None:
            return await self.agent.plan(images, job.prompt)
        writer = self.writers.writer(job.job_id, job.session_id, job.user_id)
        directed = await LlmScenePlanner(writer, RuleScenePlanner()).direct(images, job.prompt)
        if directed.warning:
            await self.reporter.planned(job.session_id, job.job_id, directed.warning)
        return directed.scenes

    async def _images(self, job: ClipsJob) -> list[ApprovedImage]:
        paths = [await self.rooms.files.path(image.key, image.content_hash) for image in job.images]
        return [
            ApprovedImage(image.id, path, ViewType(image.view_type))
            for image, path in zip(job.images, paths, strict=True)
        ]
