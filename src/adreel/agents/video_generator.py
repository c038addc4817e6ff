"""VideoGeneratorAgent: makes clips from approved images, in parallel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from adreel.agents.agent import AgentInput, AgentOutput, encoder_threads
from adreel.agents.shot_pictures import (
    captioned_of,
    middle_of,
    missing_of,
    segment_of,
)
from adreel.catalogue.models import VideoModel
from adreel.domain.ad import ScreenText
from adreel.domain.errors import AdreelError, CancelledError, ExpiredError, GenerationError, InputError, PhotoError
from adreel.domain.films.captions import ShotCaption
from adreel.domain.films.clip import SHORTEST_SHARE, Clip, Segment
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import FrameSize, to_seconds
from adreel.domain.films.logo import LogoMark
from adreel.domain.films.scene import ApprovedImage, CameraMovement, Scene
from adreel.domain.ports import Bought, ClipBuyer, FrameEngine, ScenePlanner, Shot
from adreel.domain.providers import RemoteEngine, RemoteJob
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.domain.work.processor_shares import ProcessorShares, Turn
from adreel.domain.work.progress import FrameProgress
from adreel.media.overlays.overlay import check_words
from adreel.media.segments.render import SegmentMaker
from adreel.providers.planning.scene_rules import other_move, with_move

_NONE: Mapping[str, RemoteEngine] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """One clip as a script asks for it: length in frames, camera move and its strength (None leaves them to the planner), the
    words over it and their text style; the brand's logo over it (`mark`); the captions over it and their style. `words_change`:
    the same clip is expected with other words.
    """

    frames: int
    camera: CameraMovement | None = None
    intensity: float | None = None
    words: tuple[ScreenText, ...] = ()
    text_style: str = ""
    mark: LogoMark | None = None
    captions: tuple[ShotCaption, ...] = ()
    caption_style: str = ""
    words_change: bool = False


@dataclass(frozen=True, slots=True)
class ClipsOrder:
    """One clip for each image, all of the same size; of `clip_frames` frames, unless `plans` has a plan for each image.
    `composed_for` as in `Shot`; bought clips are encoded by no `profile` of ours. `user_id`: whose turn it is for a core."""

    approved_images: tuple[ApprovedImage, ...]
    video_prompt: str
    clip_frames: int
    size: FrameSize
    seed: int
    model_name: str = "local"
    plans: tuple[ClipPlan, ...] = ()
    composed_for: FrameSize | None = None
    profile: EncoderProfile = EncoderProfile.STANDARD
    user_id: str = ""

    def plan_of(self, index: int) -> ClipPlan:
        return self.plans[index] if self.plans else ClipPlan(self.clip_frames)

    @property
    def lengths(self) -> tuple[int, ...]:
        """The frames of each clip."""
        return tuple(self.plan_of(index).frames for index in range(len(self.approved_images)))


@dataclass(frozen=True, slots=True)
class ClipsMade:
    """The clips in the order of their images, and the ids of the images whose clip failed."""

    clips: tuple[Clip, ...]
    failed_images: tuple[str, ...]


class VideoGeneratorAgent:
    """Plans a scene for each image, then makes the clips in parallel, `jobs` at a time.

    `models` are the catalogue's models, `engines` the local engines by model name, `remotes` the hosted engines by provider. A
    failed clip does not affect the others: the output holds both the clips and the errors. Clips of hosted models are bought
    through the ledger, once there is a buyer (`use_buyer`): they need a session that exists.
    """

    def __init__(
        self,
        models: Mapping[str, VideoModel],
        engines: Mapping[str, FrameEngine],
        planner: ScenePlanner,
        maker: SegmentMaker,
        jobs: int,
        clock: Callable[[], float] = time.monotonic,
        remotes: Mapping[str, RemoteEngine] = _NONE,
        processor: ProcessorShares | None = None,
    ) -> None:
        self.models = models
        self.remotes = remotes
        self._engines = engines
        self._planner = planner
        self._maker = maker
        self._jobs = jobs
        self._slots = FairSemaphore(jobs, newcomers=jobs)
        self._processor = processor or ProcessorShares(jobs)
        self._clock = clock
        self._buyer: ClipBuyer | None = None
        self._llm_model: str | None = None

    def use_buyer(self, buyer: ClipBuyer) -> None:
        """Lets `process` buy the clips of hosted models."""
        self._buyer = buyer

    def name_llm_model(self, name: str) -> None:
        """Says which language model plans the scenes of sessions, where jobs buy its answers in place of the agent's planner."""
        self._llm_model = name

    @property
    def llm_model(self) -> str:
        """The name of the planner that is asked first for scenes: a language model, or the agent's own."""
        return self._llm_model or self._planner.name

    @property
    def slots(self) -> FairSemaphore:
        """Slots for this machine's cores: other CPU-bound work on clips must acquire one too."""
        return self._slots

    @property
    def processor(self) -> ProcessorShares:
        """The shares of this machine's cores: other CPU-bound work for users is registered with them too."""
        return self._processor

    async def process(self, order: AgentInput[ClipsOrder], /) -> AgentOutput[ClipsMade]:
        """Makes the clips of an order. The only AdreelError it raises is CancelledError: other failures are in the result."""
        started = self._clock()
        try:
            made, errors, cost = await self._make_clips(order)
        except CancelledError:
            raise
        except AdreelError as error:
            return AgentOutput(False, None, Decimal("0.00"), self._clock() - started, (error,))
        return AgentOutput(bool(made.clips), made if made.clips else None, cost, self._clock() - started, errors)

    async def plan(self, images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]:
        """Plans one scene for each image, in their order, each with its image's view."""
        scenes = await self._plan_video_scenes(images, video_prompt)
        return [scene_for(image, index, scenes) for index, image in enumerate(images)]

    def draws(self, model_name: str) -> bool:
        """Whether the model's clips are rendered locally; those of other models are bought."""
        return model_name in self._engines

    def remote(self, model_name: str) -> RemoteEngine:
        """Returns the hosted engine of a model. Raises InputError for a model without one."""
        model = self.models.get(model_name)
        if model is None or model.provider not in self.remotes:
            raise InputError(f"{model_name} cannot be used: its provider is not set up; choose another model")
        return self.remotes[model.provider]

    async def draw(
        self,
        shot: Shot,
        model_name: str,
        progress: FrameProgress,
        index: int = 0,
        count: int = 1,
        user_id: str = "",
        profile: EncoderProfile = EncoderProfile.STANDARD,
    ) -> Segment:
        """Renders one clip, the `index`th of `count` made in parallel, once a slot is free for the user. Raises as
        `FrameEngine.frames` does, and PhotoError for a photo whose clip is black or stands still.

        A cancellation of `progress` takes effect at once: the thread ends at its next frame.
        """
        threads = encoder_threads(index, count, self._jobs)
        async with self._slots.place(user_id):
            with self._processor.long_work(user_id, threads) as turn:
                work = (self._engines[model_name], shot, progress, index, threads, profile, turn)
                return await asyncio.to_thread(self._draw, *work)

    async def still(self, order: ClipsOrder, index: int) -> bytes:
        """Draws the middle frame of one clip of an order, with its words, as a small WebP. Raises as `draw` does, TextError for
        the words."""
        shot = (await self.shots(order))[index]
        async with self._slots:
            return await asyncio.to_thread(middle_of, self._engines[order.model_name], shot)

    async def shots(self, order: ClipsOrder) -> list[Shot]:
        """The shots of an order, planned and not drawn."""
        return shots_of(order, await self._plan_video_scenes(order.approved_images, order.video_prompt))

    async def collect(self, model_name: str, job: RemoteJob, path: Path) -> None:
        """Downloads the clip of a job that has succeeded. Raises ExpiredError, GenerationError, DownloadError."""
        if job.expired:
            raise ExpiredError.of(model_name, "clip", job.id)
        if not job.outputs:
            raise GenerationError(f"{model_name}: job {job.id} succeeded without a clip")
        await self.remote(model_name).fetch(job.outputs[0], path)

    async def _make_clips(self, order: AgentInput[ClipsOrder]) -> tuple[ClipsMade, tuple[Exception, ...], Decimal]:
        data = order.data
        model = self._model(data)
        shots = await self.shots(data)
        progress = FrameProgress(order.reporter, order.cancellation, sum(data.lengths))
        spent = _OrderCost()
        threads = await asyncio.to_thread(self._threads, data, shots)
        tasks = [
            self._generate_single_clip(model, shot, order, index, progress, spent, threads[index])
            for index, shot in enumerate(shots)
        ]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        return *_separate(data.approved_images, results), spent.cost

    def _threads(self, order: ClipsOrder, shots: Sequence[Shot]) -> list[int]:
        """The encoder threads of each clip: those that are drawn share the cores."""
        engine = self._engines.get(order.model_name)
        missing = [] if engine is None else missing_of(self._maker.of(order.profile), engine, shots)
        places = {index: place for place, index in enumerate(missing)}
        return [encoder_threads(places.get(each, 0), len(missing) or 1, self._jobs) for each in range(len(shots))]

    def _model(self, order: ClipsOrder) -> VideoModel:
        name = order.model_name
        model = self.models.get(name)
        if model is None:
            raise InputError(f"no model is called {name!r}; choose one of {', '.join(self.models)}")
        for seconds in map(to_seconds, order.lengths):
            if self.draws(name):
                model.check_duration(seconds)
            else:
                model.check(seconds, order.size.aspect)
        if not self.draws(name):
            self._buyer_of(name)
        return model

    def _buyer_of(self, model_name: str) -> ClipBuyer:
        """Raises InputError for a model that cannot be bought here."""
        self.remote(model_name)
        if self._buyer is None:
            raise InputError(
                f"{model_name} cannot be used here: its clips are bought; give the agent a buyer (use_buyer)"
            )
        return self._buyer

    async def _plan_video_scenes(self, approved_images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]:
        """Plans one scene per image, in their order."""
        return await self._planner.plan(approved_images, video_prompt)

    async def _generate_single_clip(
        self,
        model: VideoModel,
        shot: Shot,
        order: AgentInput[ClipsOrder],
        index: int,
        progress: FrameProgress,
        spent: _OrderCost,
        threads: int,
    ) -> Clip:
        """Makes one clip. Raises PhotoError for an unusable image, RenderError when its frames cannot be encoded, and for a
        bought clip BudgetError, NotFoundError and GenerationError."""
        if self.draws(model.name):
            made = await self._drawn(model, shot, index, order.data, progress, threads)
        else:
            made = await self._bought(model, shot, order, index, progress)
        spent.cost += made.cost
        if isinstance(made.result, GenerationError):
            raise made.result
        return Clip(
            id=f"clip_{index + 1:02d}",
            frames=made.result.frames,
            segment=made.result,
            source_image_id=shot.image.id,
            scene=shot.scene,
            model=model.name,
            cost=made.cost,
            generation_time=made.seconds,
        )

    async def _drawn(
        self, model: VideoModel, shot: Shot, index: int, order: ClipsOrder, progress: FrameProgress, threads: int
    ) -> Bought[Segment]:
        async with self._slots.place(order.user_id):
            started = self._clock()
            with self._processor.long_work(order.user_id, threads) as turn:
                work = (self._engines[model.name], shot, progress, index, threads, order.profile, turn)
                segment = await asyncio.to_thread(self._draw, *work)
        return Bought(segment, model.price_of(to_seconds(shot.frames)), self._clock() - started)

    async def _bought(
        self, model: VideoModel, shot: Shot, order: AgentInput[ClipsOrder], index: int, progress: FrameProgress
    ) -> Bought[Segment]:
        order.cancellation.check()
        if shot.words:
            # A bought clip may be somewhat shorter than it was ordered; after it is paid for it is too late to refuse the words.
            check_words(captioned_of(shot, int(SHORTEST_SHARE * shot.frames)))
        bought = await self._buyer_of(model.name).buy(order.session_id, model.name, shot)
        progress.done(index, shot.frames)
        return bought

    def _draw(
        self,
        engine: FrameEngine,
        shot: Shot,
        progress: FrameProgress,
        index: int,
        threads: int,
        profile: EncoderProfile,
        turn: Turn,
    ) -> Segment:
        def on_frame(done: int) -> None:
            progress.done(index, done)
            turn.make_way(progress.check)

        turn.make_way(progress.check)
        segment = segment_of(self._maker, engine, shot, profile, threads=threads, on_frame=on_frame)
        progress.done(index, shot.frames)
        if segment.fault is not None:
            raise PhotoError(f"the clip of this photo {segment.fault}; choose another photo or camera move")
        return segment


class _OrderCost:
    """The cost of an order so far, failures included."""

    def __init__(self) -> None:
        self.cost = Decimal("0.00")


def shots_of(order: ClipsOrder, scenes: Sequence[Scene]) -> list[Shot]:
    """The shot of each image: its planned scene, with the move that its plan asks for. A planned move that repeats a neighbour's
    which was asked for is replaced by another."""
    shots: list[Shot] = []
    asked = [order.plan_of(index).camera for index in range(len(order.approved_images))]
    for index, image in enumerate(order.approved_images):
        plan, scene = order.plan_of(index), scene_for(image, index, scenes)
        beside = (shots[-1].scene.camera_movement if shots else None, next(iter(asked[index + 1 :]), None))
        repeats = any(asked) and plan.camera is None and scene.camera_movement in beside
        scene = with_move(scene, other_move(image.view_type, beside) if repeats else plan.camera, plan.intensity)
        facts = (image, scene, order.size, plan.frames, order.seed + index, plan.words, plan.text_style)
        shot = Shot(*facts, composed_for=order.composed_for, mark=plan.mark)
        captions = {"captions": plan.captions, "caption_style": plan.caption_style}
        shots.append(replace(shot, **captions, words_change=plan.words_change))
    return shots


def scene_for(image: ApprovedImage, index: int, scenes: Sequence[Scene]) -> Scene:
    """Returns the scene for an image: the one at its index, else the first of its view, else a plain push-in."""
    own = scenes[index : index + 1]
    for scene in (*own, *scenes):
        if scene.image_view == image.view_type:
            return scene
    return Scene(image.view_type, "The product in clean studio light.", CameraMovement.PUSH_IN, 0.5)


def _separate(
    images: Sequence[ApprovedImage], results: Sequence[Clip | BaseException]
) -> tuple[ClipsMade, tuple[Exception, ...]]:
    """Separates clips from failures. Raises CancelledError if a clip was cancelled."""
    errors = [
        (image, result) for image, result in zip(images, results, strict=True) if isinstance(result, BaseException)
    ]
    for _, error in errors:
        if isinstance(error, (CancelledError, asyncio.CancelledError)):
            raise error
    clips = tuple(result for result in results if isinstance(result, Clip))
    failed = tuple(image.id for image, _ in errors)
    return ClipsMade(clips, failed), tuple(_as_adreel_error(image, error) for image, error in errors)


def _as_adreel_error(image: ApprovedImage, error: BaseException) -> AdreelError:
    if isinstance(error, PhotoError) and image.path.name not in str(error):
        return PhotoError(f"{image.path.name}: {error}")
    if isinstance(error, AdreelError):
        return error
    wrapped = GenerationError(f"no clip could be made from {image.path.name}: {type(error).__name__}: {error}")
    wrapped.__cause__ = error
    return wrapped
