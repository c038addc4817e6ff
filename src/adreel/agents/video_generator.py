"""VideoGeneratorAgent: approved images in, moving clips out, in parallel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from adreel.agents.base import AgentInput, AgentOutput
from adreel.agents.tally import FrameTally
from adreel.agents.tasks import encoder_threads
from adreel.catalogue.models import VideoModel
from adreel.domain.clip import Clip, Segment
from adreel.domain.errors import AdreelError, CancelledError, ExpiredError, GenerationError, InputError
from adreel.domain.events import Watch
from adreel.domain.formats import FrameSize, to_seconds
from adreel.domain.ports import FrameEngine, ScenePlanner, Shot
from adreel.domain.remote import RemoteEngine, RemoteJob, VideoOrder
from adreel.domain.scene import ApprovedImage, CameraMovement, Scene
from adreel.media.rendering import SegmentMaker
from adreel.media.segments import file_digest, segment_key

_NONE: Mapping[str, RemoteEngine] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ClipsOrder:
    """One clip for each image, all of one size and length."""

    approved_images: tuple[ApprovedImage, ...]
    video_prompt: str
    clip_frames: int
    size: FrameSize
    seed: int
    model_name: str = "local"


@dataclass(frozen=True, slots=True)
class ClipsMade:
    """The clips in the order of their images, and the ids of the images that gave none."""

    clips: tuple[Clip, ...]
    failed_images: tuple[str, ...]


class VideoGeneratorAgent:
    """Plans a scene for each image, then makes all clips at once.

    `models` are the catalogue's facts, `engines` the engines that draw here, by model name, `remotes` the hosted ones, by
    provider; `jobs` clips are made at a time. The clip of an image that fails does not take the others with it: they are
    kept, and the failure is reported beside them.
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
    ) -> None:
        self.models = models
        self.remotes = remotes
        self._engines = engines
        self._planner = planner
        self._maker = maker
        self._jobs = jobs
        self._slots = asyncio.Semaphore(jobs)
        self._clock = clock

    @property
    def llm_model(self) -> str:
        """What plans the scenes."""
        return self._planner.name

    @property
    def slots(self) -> asyncio.Semaphore:
        """Places on this machine's processor: to be held by whatever else works on clips beside the drawing."""
        return self._slots

    async def process(self, order: AgentInput[ClipsOrder], /) -> AgentOutput[ClipsMade]:
        """Clips for an order. Never raises an AdreelError but CancelledError: failures are in the answer."""
        started = self._clock()
        try:
            made, errors = await self._make_clips(order.data, order.watch)
        except CancelledError:
            raise
        except AdreelError as error:
            return AgentOutput(False, None, Decimal("0.00"), self._clock() - started, (error,))
        cost = sum((clip.cost for clip in made.clips), Decimal("0.00"))
        return AgentOutput(bool(made.clips), made if made.clips else None, cost, self._clock() - started, errors)

    async def plan(self, images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]:
        """One scene for each image, in their order, each of its image's view."""
        scenes = await self._plan_video_scenes(images, video_prompt)
        return [scene_for(image, index, scenes) for index, image in enumerate(images)]

    def draws(self, model_name: str) -> bool:
        """Whether the model's clips are drawn here; those of others are bought."""
        return model_name in self._engines

    def remote(self, model_name: str) -> RemoteEngine:
        """The hosted engine of a model. Raises InputError for a model without one."""
        model = self.models.get(model_name)
        if model is None or model.provider not in self.remotes:
            raise InputError(f"{model_name} cannot be used: its provider is not set up; choose another model")
        return self.remotes[model.provider]

    async def draw(self, shot: Shot, model_name: str, watch: Watch, index: int = 0, count: int = 1) -> Segment:
        """Draws one clip, the `index`th of `count` that are made at the same time. Raises as `FrameEngine.frames` does.

        Cancelled, it waits for nothing: the thread ends once `watch.check` raises.
        """
        tally = FrameTally(watch, shot.frames)
        threads = encoder_threads(index, count, self._jobs)
        async with self._slots:
            return await asyncio.to_thread(self._draw, self._engines[model_name], shot, tally, index, threads)

    async def submit(self, order: VideoOrder) -> RemoteJob:
        """Places an order with the model's provider, once. Raises as `RemoteEngine.submit` does."""
        return await self.remote(order.model).submit(order)

    async def collect(self, model_name: str, job: RemoteJob, path: Path) -> None:
        """Downloads the clip of a job that has succeeded. Raises ExpiredError, GenerationError, DownloadError."""
        if job.expired:
            raise ExpiredError(f"{model_name}: the provider has already removed the clip of job {job.id}")
        if not job.outputs:
            raise GenerationError(f"{model_name}: job {job.id} succeeded without a clip")
        await self.remote(model_name).fetch(job.outputs[0], path)

    async def _make_clips(self, order: ClipsOrder, watch: Watch) -> tuple[ClipsMade, tuple[Exception, ...]]:
        model = self._model(order)
        scenes = await self._plan_video_scenes(order.approved_images, order.video_prompt)
        tally = FrameTally(watch, len(order.approved_images) * order.clip_frames)
        tasks = [
            self._generate_single_clip(model, image, scene_for(image, index, scenes), order, index, tally)
            for index, image in enumerate(order.approved_images)
        ]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        return _separate(order.approved_images, results)

    def _model(self, order: ClipsOrder) -> VideoModel:
        model = self.models.get(order.model_name)
        if model is None or order.model_name not in self._engines:
            raise InputError(f"no model is called {order.model_name!r}; choose one of {', '.join(self._engines)}")
        model.check_duration(to_seconds(order.clip_frames))
        return model

    async def _plan_video_scenes(self, approved_images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]:
        """One scene per image, in their order."""
        return await self._planner.plan(approved_images, video_prompt)

    async def _generate_single_clip(
        self, model: VideoModel, image: ApprovedImage, scene: Scene, order: ClipsOrder, index: int, tally: FrameTally
    ) -> Clip:
        """One clip. Raises PhotoError when the image cannot be used, RenderError when its frames cannot be encoded."""
        shot = Shot(image, scene, order.size, order.clip_frames, order.seed + index)
        async with self._slots:
            started = self._clock()
            threads = encoder_threads(index, len(order.approved_images), self._jobs)
            segment = await asyncio.to_thread(self._draw, self._engines[model.name], shot, tally, index, threads)
        return Clip(
            id=f"clip_{index + 1:02d}",
            frames=order.clip_frames,
            segment=segment,
            source_image_id=image.id,
            scene=scene,
            model=model.name,
            cost=model.price_of(to_seconds(order.clip_frames)),
            generation_time=self._clock() - started,
        )

    def _draw(self, engine: FrameEngine, shot: Shot, tally: FrameTally, index: int, threads: int) -> Segment:
        facts = (shot.scene, shot.size, shot.frames, shot.seed)
        key = segment_key("drawn", engine.name, engine.version, file_digest(shot.image.path), *facts)

        def on_frame(done: int) -> None:
            tally.done(index, done)

        segment = self._maker.drawn(
            key, shot.size, shot.frames, lambda: engine.frames(shot), threads=threads, on_frame=on_frame
        )
        on_frame(shot.frames)
        return segment


def scene_for(image: ApprovedImage, index: int, scenes: Sequence[Scene]) -> Scene:
    """The scene planned for an image: the one in its place, else the first of its view, else a plain push in."""
    in_place = scenes[index : index + 1]
    for scene in (*in_place, *scenes):
        if scene.image_view == image.view_type:
            return scene
    return Scene(image.view_type, "The product in clean studio light.", CameraMovement.PUSH_IN, 0.5)


def _separate(
    images: Sequence[ApprovedImage], results: Sequence[Clip | BaseException]
) -> tuple[ClipsMade, tuple[Exception, ...]]:
    """Clips and failures apart. Raises CancelledError when that is what stopped a clip."""
    errors = [
        (image, result) for image, result in zip(images, results, strict=True) if isinstance(result, BaseException)
    ]
    for _, error in errors:
        if isinstance(error, (CancelledError, asyncio.CancelledError)):
            raise error
    clips = tuple(result for result in results if isinstance(result, Clip))
    failed = tuple(image.id for image, _ in errors)
    return ClipsMade(clips, failed), tuple(_told(image, error) for image, error in errors)


def _told(image: ApprovedImage, error: BaseException) -> AdreelError:
    if isinstance(error, AdreelError):
        return error
    told = GenerationError(f"no clip could be made from {image.path.name}: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told
