"""VideoGenerationOrchestrator: what people start and stop. Checks, writes the job down, hands it to the engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from adreel.agents.image_generator import DEFAULT_MODEL, FALLBACKS
from adreel.agents.prompt_parser import ProductPrompt, plan_by_rules
from adreel.catalogue.models import ImageModel, VideoModel
from adreel.domain.errors import AdreelError, BudgetError, InputError, InternalError, NotFoundError, StageError
from adreel.domain.formats import ASPECTS, FrameSize, to_frames, to_seconds
from adreel.domain.session import Asset, AssetKind, Job, Json, SessionRecord, SessionView
from adreel.domain.stage import Action, check_action
from adreel.media.segment_exchange import size_of
from adreel.orchestrator.durable_client import Outcome
from adreel.orchestrator.endings import Endings
from adreel.orchestrator.estimates import Estimates
from adreel.orchestrator.film_maker import AGENT as COMPOSITOR
from adreel.orchestrator.film_maker import MODEL as COMPOSING
from adreel.orchestrator.film_orders import check_film, film_options
from adreel.orchestrator.film_wishes import wishes_of
from adreel.orchestrator.image_orders import images_job, missing_images
from adreel.orchestrator.looks import look_image
from adreel.orchestrator.orders import ClipsJob, FilmJob, ImageRef, read_scene
from adreel.orchestrator.purchase import AGENT as GENERATOR
from adreel.orchestrator.queues import FILMS, JOBS
from adreel.orchestrator.reports import Reporter
from adreel.orchestrator.shops import IMAGES_AGENT
from adreel.orchestrator.steps import JobEngine, JobState
from adreel.orchestrator.sweeper import Route
from adreel.services.defaults import MakeId, new_id
from adreel.services.ledger_service import LedgerService
from adreel.services.progress_service import ProgressService
from adreel.services.records import SessionChanges
from adreel.services.session_service import SessionService

CLIPS_FLOW = "clips"
COMPOSE_FLOW = "compose"
IMAGES_FLOW = "images"

ROUTES: Mapping[Action, Route] = {
    Action.GENERATE_IMAGES: Route(IMAGES_FLOW, JOBS),
    Action.GENERATE_CLIPS: Route(CLIPS_FLOW, JOBS),
    Action.REGENERATE_CLIP: Route(CLIPS_FLOW, JOBS),
    Action.COMPOSE: Route(COMPOSE_FLOW, FILMS),
}
"""Which flow does the work of an action."""

LOCAL = "local"
_NO_TEXT: Json = {}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """Work that was taken on. `estimated_duration` in seconds."""

    job_id: str
    estimated_duration: int
    message: str
    status: str = "processing"


class VideoGenerationOrchestrator:
    """For any process: it needs no engine that draws or buys, and runs nothing itself.

    `models` are the catalogue's, `providers` those that are set up besides "local"; `sizes` are the frame sizes of aspects;
    `clips_at_once` is for estimates only.
    """

    def __init__(
        self,
        sessions: SessionService,
        ledger: LedgerService,
        progress: ProgressService,
        jobs: JobEngine,
        models: Mapping[str, VideoModel],
        providers: Collection[str] = (),
        sizes: Mapping[str, FrameSize] = ASPECTS,
        clips_at_once: int = 2,
        make_id: MakeId = new_id,
        image_models: Mapping[str, ImageModel] = MappingProxyType({}),
        image_fallbacks: Sequence[str] = FALLBACKS,
    ) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._reporter = Reporter(progress)
        self._endings = Endings(sessions, self._reporter)
        self._jobs = jobs
        self._models = models
        self._providers = frozenset({LOCAL, *providers})
        self._sizes = sizes
        self._estimates = Estimates(sessions, clips_at_once)
        self._make_id = make_id
        self._image_models = {name: model for name, model in image_models.items() if model.provider in self._providers}
        self._image_fallbacks = tuple(image_fallbacks)

    @property
    def usable_models(self) -> tuple[str, ...]:
        """Names of the models whose provider is set up."""
        return tuple(name for name, model in self._models.items() if model.provider in self._providers)

    async def generate_images(
        self,
        user_id: str,
        session_id: str,
        prompt: str,
        count: int = 4,
        model: str | None = None,
        aspect: str = "16:9",
    ) -> Started:
        """Pictures of a product in words, by the first image model that can be used unless one is named.

        Those of the same order that are missing are made; when none is, new ones.

        Raises NotFoundError, StageError, InputError (also for the local model, which makes none), and BudgetError when not
        all can be paid for.
        """
        view = await self._sessions.get(user_id, session_id)
        _check(Action.GENERATE_IMAGES, view.session)
        plan_by_rules(ProductPrompt(prompt, count))
        model = model or next(iter(self._usable((DEFAULT_MODEL, *self._image_fallbacks))), LOCAL)
        facts = self._image_model(model, session_id)
        job = replace(images_job(view, self._make_id(), prompt, count, facts, self._spare_images(model)), aspect=aspect)
        await self._check_budget(
            view.session, facts.price * missing_images(view, job), model, (f"{session_id}:image-",)
        )
        changes = SessionChanges(product_prompt=prompt)
        order = job.to_json()
        session = await self._begin(user_id, session_id, Action.GENERATE_IMAGES, job.job_id, order, changes)
        seconds = await self._estimates.images(IMAGES_AGENT, model, count)
        return await self._start(session, seconds, f"Making {count} images with {model}")

    async def generate_clips(
        self,
        user_id: str,
        session_id: str,
        video_prompt: str,
        clip_duration: float = 3.0,
        model: str = LOCAL,
        aspect: str = "16:9",
    ) -> Started:
        """One clip of each approved image. Clips that are there already, of the same order, are not made again.

        Raises NotFoundError, StageError, InputError, and BudgetError when not all clips can be paid for.
        """
        view = await self._sessions.get(user_id, session_id)
        _check(Action.GENERATE_CLIPS, view.session)
        images = _approved_images(view)
        facts = self._model(model, clip_duration)
        if aspect not in self._sizes:
            raise InputError(f"aspect {aspect!r} is not made; choose one of {', '.join(self._sizes)}")
        job = ClipsJob(
            job_id=self._make_id(),
            session_id=session_id,
            user_id=user_id,
            images=tuple(ImageRef.of(image) for image in images),
            prompt=video_prompt,
            model=model,
            frames=to_frames(clip_duration),
            size=self._sizes[aspect],
            seed=view.session.seed,
        )
        missing = len(images) - _count_made(view, job)
        await self._check_budget(view.session, facts.price_of(clip_duration) * missing, model, _starts(job))
        changes = SessionChanges(video_prompt=video_prompt)
        session = await self._begin(user_id, session_id, Action.GENERATE_CLIPS, job.job_id, job.to_json(), changes)
        seconds = await self._estimates.clips(GENERATOR, model, max(1, missing))
        return await self._start(session, seconds, f"Making {len(images)} clips with {model}")

    async def regenerate_clip(self, user_id: str, clip_id: str) -> Started:
        """A new take of one clip: the same image and scene, other chances. The old clip stays.

        Raises NotFoundError, StageError, InputError, BudgetError.
        """
        clip = await self._sessions.asset(user_id, clip_id)
        if clip.kind is not AssetKind.CLIP:
            raise NotFoundError(f"there is no clip {clip_id}")
        view = await self._sessions.get(user_id, clip.session_id)
        _check(Action.REGENERATE_CLIP, view.session)
        job = _retake(self._make_id(), view, clip)
        facts = self._model(job.model, to_seconds(job.frames))
        await self._check_budget(view.session, facts.price_of(to_seconds(job.frames)), job.model, _starts(job))
        order = job.to_json()
        session = await self._begin(user_id, clip.session_id, Action.REGENERATE_CLIP, job.job_id, order)
        seconds = await self._estimates.clips(GENERATOR, job.model, 1)
        return await self._start(session, seconds, f"Making take {job.take + 1} of the clip with {job.model}")

    async def compose_final_video(
        self,
        user_id: str,
        session_id: str,
        text_overlay: Json = _NO_TEXT,
        audio_config: Json = _NO_TEXT,
        intro_duration: float = 1.0,
        outro_duration: float = 1.0,
        transition: str = "cut",
        aspects: Sequence[str] = ("16:9",),
    ) -> Started:
        """The finished film from the approved clips in their order, once for each aspect.

        Raises NotFoundError, StageError, InputError, TextError, MusicError, ClipError.
        """
        view = await self._sessions.get(user_id, session_id)
        _check(Action.COMPOSE, view.session)
        clips = _approved_clips(view)
        seed = view.session.seed
        options = film_options(text_overlay, audio_config, intro_duration, outro_duration, transition, seed)
        prompt = view.session.video_prompt
        look = look_image(view, clips)
        await asyncio.to_thread(check_film, options, aspects, prompt, clips, self._sizes)
        job = FilmJob(
            job_id=self._make_id(),
            session_id=session_id,
            user_id=user_id,
            clips=tuple(clip.id for clip in clips),
            options=options,
            aspects=tuple(aspects),
            prompt=prompt,
            look_image=None if look is None else ImageRef.of(look),
        )
        wishes = {name: wish for name, wish in wishes_of(job.options).items() if name != "text_overlay"}
        changes = SessionChanges(text_overlay=dict(text_overlay), film_options={**wishes, "aspects": list(aspects)})
        session = await self._begin(user_id, session_id, Action.COMPOSE, job.job_id, job.to_json(), changes)
        seconds = await self._estimates.films(COMPOSITOR, COMPOSING, len(aspects))
        return await self._start(session, seconds, f"Composing {len(clips)} clips")

    async def cancel(self, user_id: str, session_id: str) -> SessionRecord:
        """Stops the work under way. Nothing is bought from here on; what is finished stays.

        Raises NotFoundError, and StageError when nothing is under way.
        """
        session = (await self._sessions.get(user_id, session_id)).session
        if session.job is None:
            raise StageError(f"cannot cancel: the session is at {session.stage} and nothing is under way")
        # The session first: from then on no purchase is posted, whether or not the engine can be reached.
        await self._endings.cancelled(session_id, session.job.id)
        await self._jobs.cancel(session.job.id)
        return await self._sessions.record(session_id)

    async def job_ended(self, session_id: str, job: Job, outcome: Outcome) -> None:
        """Tells a session how its job ended, when the flow itself did not come to do it."""
        if outcome.state is JobState.CANCELLED:
            await self._endings.cancelled(session_id, job.id)
            return
        error = outcome.error or InternalError("the work ended without a result; try again")
        await self._endings.failed(session_id, job.id, str(error))

    async def _begin(
        self,
        user_id: str,
        session_id: str,
        action: Action,
        job_id: str,
        order: Json,
        changes: SessionChanges | None = None,
    ) -> SessionRecord:
        return await self._sessions.begin(user_id, session_id, action, job_id, order, changes or SessionChanges())

    async def _start(self, session: SessionRecord, seconds: int, message: str) -> Started:
        """From here on the job is recorded: what cannot be told now is told by the sweeper."""
        job = session.job
        if job is None:
            raise InternalError("a job was begun but is not there")
        try:
            await self._reporter.accepted(session, job)
            route = ROUTES[job.action]
            await self._jobs.enqueue(route.flow, job.id, job.order, route.queue)
        except AdreelError as error:
            _log.warning("job %s is recorded but could not be handed over, the sweeper will: %s", job.id, error)
        return Started(job.id, seconds, message)

    def _image_model(self, name: str, session_id: str) -> ImageModel:
        model = self._image_models.get(name)
        if model is not None:
            return model
        upload = f"upload them with POST /api/sessions/{session_id}/images"
        others = ", ".join(self._image_models)
        if name == LOCAL:
            instead = f", or name a model that makes images: {others}" if others else ""
            raise InputError(f"the local engine needs photos: {upload}{instead}")
        raise InputError(
            f"no image model is called {name!r} here; " + (f"choose one of {others}" if others else upload)
        )

    def _spare_images(self, name: str) -> list[ImageModel]:
        """What stands in for an image model that fails."""
        return [self._image_models[spare] for spare in self._usable(self._image_fallbacks) if spare != name]

    def _usable(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name in self._image_models]

    def _model(self, name: str, seconds: float) -> VideoModel:
        if name not in self.usable_models:
            raise InputError(f"no model is called {name!r} here; choose one of {', '.join(self.usable_models)}")
        model = self._models[name]
        model.check_duration(seconds)
        return model

    async def _check_budget(self, session: SessionRecord, price: Decimal, model: str, starts: tuple[str, ...]) -> None:
        """For the whole at once; each purchase is held against the budget again when it is made."""
        needed = price - await self._reserved_before(session.id, model, starts) if price else price
        if needed <= 0:
            return
        if session.budget_cap is not None:
            left = max(session.budget_cap - session.total_cost - session.reserved, Decimal(0))
            if needed > left:
                raise BudgetError("session", needed, left, session.budget_cap)
        account = await self._ledger.budget(session.user_id)
        if account.cap is not None and account.left is not None and needed > account.left:
            raise BudgetError("account", needed, account.left, account.cap)

    async def _reserved_before(self, session_id: str, model: str, starts: tuple[str, ...]) -> Decimal:
        """For purchases of the same that were left open: they are gone on with, not made anew."""
        calls = await self._ledger.open_calls(session_id=session_id)
        mine = [call.estimate for call in calls if call.model == model and call.key.startswith(starts)]
        return sum(mine, Decimal(0))


def _starts(job: ClipsJob) -> tuple[str, ...]:
    """What keys of the job's purchases begin with."""
    return tuple(f"{job.session_id}:{image.id}-" for image in job.images)


def _check(action: Action, session: SessionRecord) -> None:
    check_action(action, session.stage, session.return_stage, busy=session.job is not None)


def _approved_images(view: SessionView) -> list[Asset]:
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    approved = [images[each] for each in view.session.approved_image_ids if each in images]
    if not approved:
        raise StageError("cannot generate clips: no images are approved; approve images first")
    return approved


def _approved_clips(view: SessionView) -> list[Asset]:
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    ordered = [clips[each] for each in view.session.clip_order if each in clips]
    if not ordered:
        raise StageError("cannot compose the final video: no clips are approved; approve clips first")
    return ordered


def _count_made(view: SessionView, job: ClipsJob) -> int:
    """How many images have a clip as it is ordered again: those are not bought once more."""
    if view.session.video_prompt != job.prompt:
        return 0
    clips = view.of_kind(AssetKind.CLIP)
    same = [
        clip
        for clip in clips
        if clip.model == job.model and clip.take == job.take and size_of(clip.details["segment"]) == job.size
    ]
    # A bought clip may be a little shorter than what was asked for.
    long_enough = [clip for clip in same if 0.9 * job.frames <= clip.details["clip_frames"] <= job.frames]
    made = {clip.source_image_id for clip in long_enough}
    return sum(image.id in made for image in job.images)


def _retake(job_id: str, view: SessionView, clip: Asset) -> ClipsJob:
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    image = images.get(clip.source_image_id or "")
    if image is None:
        raise InputError(f"the image of clip {clip.id} was removed; generate clips of the images that are there")
    takes = [other.take for other in view.of_kind(AssetKind.CLIP) if other.source_image_id == clip.source_image_id]
    return ClipsJob(
        job_id=job_id,
        session_id=view.session.id,
        user_id=view.session.user_id,
        images=(ImageRef.of(image),),
        prompt=view.session.video_prompt,
        model=clip.model or LOCAL,
        frames=int(clip.details["clip_frames"]),
        size=size_of(clip.details["segment"]),
        seed=view.session.seed,
        take=max(takes) + 1,
        scenes=(read_scene(clip.details["scene"]),),
    )
