"""VideoGenerationOrchestrator: starts and cancels users' jobs. Checks a request, records the job and enqueues it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from adreel.agents.compositor import CompositionLayer
from adreel.agents.image_generator import DEFAULT_MODEL, FALLBACKS
from adreel.agents.options import check_request
from adreel.agents.prompt_parser import ProductPrompt, plan_by_rules
from adreel.agents.script import write_script as write_by_rules
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.clip_jobs import ClipsJob, ImageRef
from adreel.billing.duration_estimates import Estimates
from adreel.billing.image_jobs import images_job, missing_images
from adreel.catalogue.models import ImageModel, TextModel, VideoModel
from adreel.domain.accounts.stored_brands import BrandSlot
from adreel.domain.costs.ledger import PurchaseKind
from adreel.domain.errors import AdreelError, InputError, InternalError, NotFoundError, StageError
from adreel.domain.films.film_options import read_request, to_request
from adreel.domain.films.formats import ASPECTS, FrameSize, to_frames, to_seconds
from adreel.domain.ids import MakeId, new_id
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.sessions.jobs import JobSize
from adreel.domain.sessions.session import AssetKind, Job, Json, SessionRecord
from adreel.domain.sessions.stage import Action, acting_stage, check_action
from adreel.domain.work.tracing import NO_TRACES, SpanKind, Tracer, carrying, span, traced_by
from adreel.media.segments.sizes import segment_bytes
from adreel.orchestrator.engine.client import Outcome
from adreel.orchestrator.engine.steps import JobEngine
from adreel.orchestrator.film_brands import NO_BRANDS, Brands
from adreel.orchestrator.flows.films import MODEL as COMPOSING
from adreel.orchestrator.flows.image_maker import IMAGE_BYTES
from adreel.orchestrator.flows.progress import Endings, Reporter
from adreel.orchestrator.flows.script_writing import ScriptJob
from adreel.orchestrator.job_budgets import JobBudgets
from adreel.orchestrator.queues import FILMS, JOBS
from adreel.orchestrator.script_jobs import scripted_clips
from adreel.orchestrator.session_choices import LOCAL, approved_clips, approved_images, missing_clips, retake
from adreel.orchestrator.session_scripts import usual_photos
from adreel.orchestrator.sweeper import Route
from adreel.orchestrator.usable_models import OpenWork, UsableModels, clips_price, open_clips
from adreel.orchestrator.wanted_films import WantedFilms
from adreel.placements.loader import Placements, find_placements, load_placements
from adreel.services.events.log import ProgressService
from adreel.services.ledger.service import LedgerService
from adreel.services.receipts import Receipt, no_receipt, receipt_of
from adreel.services.sessions.records import SessionChanges
from adreel.services.sessions.service import SessionService
from adreel.services.storage.disk_space import DiskSpace

CLIPS_FLOW = "clips"
COMPOSE_FLOW = "compose"
IMAGES_FLOW = "images"
SCRIPT_FLOW = "script"

ROUTES: Mapping[Action, Route] = {
    Action.GENERATE_IMAGES: Route(IMAGES_FLOW, JOBS),
    Action.GENERATE_CLIPS: Route(CLIPS_FLOW, JOBS),
    Action.REGENERATE_CLIP: Route(CLIPS_FLOW, JOBS),
    Action.COMPOSE: Route(COMPOSE_FLOW, FILMS),
    Action.WRITE_SCRIPT: Route(SCRIPT_FLOW, JOBS),
}
"""The flow and the queue of each action."""

_NO_TEXT: Json = {}
_WRITING_SECONDS = 20  # an answer of a language model takes some seconds, and it may be asked twice
_FREE = Decimal("0.00")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """An accepted job. `estimated_duration` in seconds."""

    job_id: str
    estimated_duration: int
    message: str
    status: str = "processing"


class VideoGenerationOrchestrator:
    """For any process: needs no engine that draws or buys, and runs no job itself.

    `models` are the catalogue's, `providers` those that are set up besides "local"; `sizes` are the frame sizes of aspects;
    `clips_at_once`, and `hosted_at_once` for clips of providers, are for estimates only. `space` is the disk of the worker in
    this process; None without one. `price_of_film` in US dollars is charged for each film that is composed.
    `brands` are the users' kits and files. `video_generator` and `compositor` are the agents of this process's worker; `tracer`
    records accepted jobs.
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
        space: DiskSpace | None = None,
        hosted_at_once: int = 16,
        price_of_film: Decimal = _FREE,
        video_generator: VideoGeneratorAgent | None = None,
        compositor: CompositionLayer | None = None,
        tracer: Tracer = NO_TRACES,
        placements: Placements | None = None,
        text_models: Mapping[str, TextModel] = MappingProxyType({}),
        brands: Brands | None = None,
    ) -> None:
        self._brands = brands or NO_BRANDS
        self._placements = load_placements() if placements is None else placements
        self.video_generator = video_generator
        self.compositor = compositor
        self._sessions = sessions
        self._budgets = JobBudgets(ledger)
        self._reporter = Reporter(progress, sessions)
        self._endings = Endings(sessions, self._reporter)
        self._jobs = jobs
        self._usable = UsableModels.of(
            models, image_models, text_models, image_fallbacks, frozenset({LOCAL, *providers})
        )
        self._sizes = sizes
        self._estimates = Estimates(sessions, clips_at_once, hosted_at_once)
        self._price_of_film = price_of_film
        self._make_id = make_id
        self._space = space
        self._tracer = tracer

    async def generate_images(
        self,
        user_id: str,
        session_id: str,
        prompt: str,
        count: int = 4,
        model: str | None = None,
        aspect: str = "16:9",
        receipt: Receipt[Started] = no_receipt,
    ) -> Started:
        """Starts a job that makes images of a described product, by `model` or the first usable image model.

        It makes the missing images of the same request; if none is missing, new ones.

        Raises NotFoundError, StageError, InputError (also for the local model, which makes no images), and BudgetError when the
        budget does not cover all images.
        """
        view = await self._sessions.get(user_id, session_id)
        _check(Action.GENERATE_IMAGES, view.session)
        plan_by_rules(ProductPrompt(prompt, count))
        model = model or next(iter(self._usable.usable_images((DEFAULT_MODEL, *self._usable.image_fallbacks))), LOCAL)
        self._check_aspect(aspect)
        facts = self._usable.image(model)
        job = images_job(view, self._make_id(), prompt, count, facts, self._usable.spare_images(model), aspect)
        price = facts.price * missing_images(view, job)
        await self._budgets.require(view.session, price, OpenWork(PurchaseKind.IMAGE, model))
        self._check_room(missing_images(view, job) * IMAGE_BYTES, "the images")
        changes = SessionChanges(product_prompt=prompt)
        size = JobSize(model, 0, missing_images(view, job))
        seconds = await self._estimates.images(size, facts.typical_seconds)
        started = Started(job.job_id, seconds, f"Making {count} images with {model}")
        return await self._start(view.session, Action.GENERATE_IMAGES, job.to_json(), changes, started, receipt, size)

    async def write_script(
        self,
        user_id: str,
        session_id: str,
        request: AdRequest,
        receipt: Receipt[Started] = no_receipt,
        brand_kit: str | None = None,
    ) -> Started:
        """Starts a job in which a language model writes the session's script for its images, which costs a little. It is held to
        the facts and the offer; when the model fails, rules write it, and the job's last event says so. `brand_kit`: see
        `compose_final_video`.

        Raises NotFoundError, StageError, and InputError without a language model and for a request that rules cannot write a
        script from.
        """
        view = await self._sessions.get(user_id, session_id)
        _check(Action.WRITE_SCRIPT, view.session)
        if not self._usable.texts:
            raise InputError("no language model is set up here; let rules write the script")
        brand = await self._brands.of(view.session, brand_kit)
        request = brand.request(replace(request, photos=usual_photos(view)))
        await asyncio.to_thread(write_by_rules, request)
        job = ScriptJob(
            self._make_id(), session_id, user_id, acting_stage(view.session.stage, view.session.return_stage), request
        )
        started = Started(job.job_id, _WRITING_SECONDS, "Writing the script")
        size, order = JobSize(self._usable.texts[0].name, 0, 1), job.to_json()
        changes = SessionChanges(brand_kit=brand_kit)
        return await self._start(view.session, Action.WRITE_SCRIPT, order, changes, started, receipt, size)

    async def generate_clips(
        self,
        user_id: str,
        session_id: str,
        video_prompt: str,
        clip_duration: float = 3.0,
        model: str = LOCAL,
        aspect: str = "16:9",
        ideas: bool | None = None,
        receipt: Receipt[Started] = no_receipt,
    ) -> Started:
        """Starts a job that makes one clip of each approved image. Existing clips of the same request are not made again.

        A session with a script gets a clip for each beat, of the beat's image and length; `clip_duration` does not matter then.
        `ideas`: a language model plans the scenes, which costs; by default only for clips that cost themselves (decision 0082).

        Raises NotFoundError, StageError, InputError, and BudgetError when the budget does not cover all clips; TextError and
        ClaimError for words of the script, before anything is bought.
        """
        view = await self._sessions.get(user_id, session_id)
        _check(Action.GENERATE_CLIPS, view.session)
        ad = await self._sessions.script(user_id, session_id)
        images = approved_images(view)
        self._check_aspect(aspect)
        facts = self._usable.clip(model, None if ad else clip_duration, aspect)
        job = ClipsJob(
            job_id=self._make_id(),
            session_id=session_id,
            user_id=user_id,
            images=tuple(ImageRef.of(image) for image in images),
            prompt=video_prompt or (ad.prompt if ad else ""),
            model=model,
            frames=to_frames(clip_duration),
            size=self._sizes[aspect],
            seed=view.session.seed,
            ideas=facts.price > 0 if ideas is None else ideas,
        )
        if ad is not None:
            job = await asyncio.to_thread(scripted_clips, job, ad, view, facts, drawn=facts.provider == LOCAL)
        missing = missing_clips(view, job)
        await self._budgets.require(view.session, clips_price(facts, missing, clip_duration, job), open_clips(job))
        self._check_room(sum(segment_bytes(job.size, frames) for frames in missing), "the clips")
        changes = SessionChanges(video_prompt=job.prompt)
        size = JobSize(model, to_seconds(job.frames) if ad else clip_duration, len(missing))
        seconds = await self._clips_seconds(size, facts)
        started = Started(job.job_id, seconds, f"Making {len(job.images)} clips with {model}")
        return await self._start(view.session, Action.GENERATE_CLIPS, job.to_json(), changes, started, receipt, size)

    async def regenerate_clip(self, user_id: str, clip_id: str, receipt: Receipt[Started] = no_receipt) -> Started:
        """Starts a job that makes a new take of one clip: the same image and scene, another seed. The old clip stays.

        Raises NotFoundError, StageError, InputError, BudgetError.
        """
        clip = await self._sessions.asset(user_id, clip_id)
        if clip.kind is not AssetKind.CLIP:
            raise NotFoundError(f"there is no clip {clip_id}")
        view = await self._sessions.get(user_id, clip.session_id)
        _check(Action.REGENERATE_CLIP, view.session)
        job = retake(self._make_id(), view, clip)
        facts = self._usable.clip(job.model, to_seconds(job.frames), job.size.aspect)
        await self._budgets.require(view.session, facts.price_of(to_seconds(job.frames)), open_clips(job))
        self._check_room(segment_bytes(job.size, job.frames), "the clip")
        size = JobSize(job.model, to_seconds(job.frames), 1)
        seconds = await self._clips_seconds(size, facts)
        started = Started(job.job_id, seconds, f"Making take {job.take + 1} of the clip with {job.model}")
        order, none = job.to_json(), SessionChanges()
        return await self._start(view.session, Action.REGENERATE_CLIP, order, none, started, receipt, size)

    async def compose_final_video(
        self,
        user_id: str,
        session_id: str,
        text_overlay: Json = _NO_TEXT,
        audio_config: Json = _NO_TEXT,
        *,
        aspects: Sequence[str] = ("16:9",),
        placements: Sequence[str] = (),
        brand_kit: str | None = None,
        files: Mapping[BrandSlot, str] = MappingProxyType({}),
        receipt: Receipt[Started] = no_receipt,
        **options: Any,  # noqa: ANN401 (what else a request's body says)
    ) -> Started:
        """Starts a job that composes the finished film of the approved clips in their order, once for each aspect and once for
        each placement, in the placement's aspect, length, rate and loudness.

        `text_overlay`, `audio_config` and `options` are those of the body of ``compose-final-video``; each is optional
        (see `adreel.domain.films.film_options`). `brand_kit` is the kit of the session's films from now on, "" for none; `files`
        are ids of the user's files for this film alone. The script of the session, if any, gives the clips their words and
        lengths, and the film its end card.

        Raises NotFoundError, StageError, InputError, TextError, MusicError, ClipError, ClaimError.
        """
        view = await self._sessions.get(user_id, session_id)
        _check(Action.COMPOSE, view.session)
        clips = approved_clips(view)
        film = read_request({"text_overlay": text_overlay, "audio": audio_config, **options}, view.session.seed)
        check_request(film)
        wanted = WantedFilms(tuple(aspects), find_placements(self._placements, tuple(placements)))
        made = wanted.all_aspects
        ad = await self._sessions.script(user_id, session_id)
        brand = await self._brands.for_film(view.session, film, brand_kit, files)
        recordings = await self._brands.recordings(user_id, ad) if ad and film.speaks else {}
        job = await asyncio.to_thread(wanted.job, self._make_id(), view, clips, film, ad, brand, recordings)
        draws = {name: model.provider == LOCAL for name, model in self._usable.clips.items()}
        own = await self._brands.brought(job.files)
        speaker = await self._brands.speaker(job.pronunciations, job.recordings)
        frames = sum(await asyncio.to_thread(wanted.check, job, clips, draws, self._sizes, own, speaker))
        self._check_room(sum(segment_bytes(self._sizes[aspect], frames) for aspect in made), "the film")
        request = to_request(film)
        overlay = request.pop("text_overlay")
        changes = SessionChanges(
            text_overlay=overlay, film_options={**request, "aspects": list(dict.fromkeys(made))}, brand_kit=brand_kit
        )
        await self._budgets.require(view.session, self._price_of_film * len(made))
        size = JobSize(COMPOSING, to_seconds(frames), len(made))
        seconds = await self._estimates.films(size)
        started = Started(job.job_id, seconds, f"Composing {len(clips)} clips")
        return await self._start(view.session, Action.COMPOSE, job.to_json(), changes, started, receipt, size)

    async def cancel(
        self, user_id: str, session_id: str, receipt: Receipt[SessionRecord] = no_receipt
    ) -> SessionRecord:
        """Cancels the running job. Nothing is bought from now on; finished files stay.

        Raises NotFoundError, and StageError when no job runs.
        """
        session = (await self._sessions.get(user_id, session_id)).session
        if session.job is None:
            raise StageError(f"cannot cancel: the session is at {session.stage} and nothing is under way")
        # The session first: then no purchase is posted any more, even if the engine cannot be reached.
        await self._endings.cancelled(session_id, session.job.id, receipt)
        await self._jobs.cancel(session.job.id)
        return await self._sessions.record(session_id)

    async def job_ended(self, session_id: str, job: Job, outcome: Outcome) -> None:
        """Ends a session's job whose flow did not do so itself: a ReportOutcome."""
        await self._endings.ended(session_id, job.id, outcome)

    def _check_room(self, needed: int, what: str) -> None:
        """Raises NoSpaceError when this process's worker has no disk space for a job's files."""
        if self._space is not None:
            self._space.check(needed, what)

    async def _start(
        self,
        session: SessionRecord,
        action: Action,
        order: Json,
        changes: SessionChanges,
        started: Started,
        receipt: Receipt[Started],
        size: JobSize,
    ) -> Started:
        """Records the job and the answer to its request in one transaction, then enqueues the job."""
        answer = receipt_of(receipt, started)
        facts = {"action": action.value, "workflow": started.job_id, "session": session.id}
        with traced_by(self._tracer), span("accept job", SpanKind.PRODUCER, **facts):
            begun = await self._sessions.begin(
                session.user_id, session.id, action, started.job_id, carrying(order), changes, answer, size
            )
            await self._enqueue(begun)
        return started

    async def _enqueue(self, session: SessionRecord) -> None:
        """Enqueues a recorded job. The sweeper enqueues it if that fails now."""
        job = session.job
        if job is None:
            raise InternalError("a job was begun but is not there")
        try:
            await self._reporter.accepted(session, job)
            route = ROUTES[job.action]
            await self._jobs.enqueue(route.flow, job.id, job.order, route.queue)
        except AdreelError as error:
            _log.warning("job %s is recorded but could not be enqueued, the sweeper will do it: %s", job.id, error)

    def _check_aspect(self, aspect: str) -> None:
        if aspect not in self._sizes:
            raise InputError(f"aspect {aspect!r} is not made; choose one of {', '.join(self._sizes)}")

    async def _clips_seconds(self, size: JobSize, facts: VideoModel) -> int:
        return await self._estimates.clips(size, facts.typical_wait(size.seconds), drawn=facts.provider == LOCAL)


def _check(action: Action, session: SessionRecord) -> None:
    check_action(action, session.stage, session.return_stage, busy=session.job is not None)
