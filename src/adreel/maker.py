"""Films made on the spot: photos or clips in, one film out, with no database and no service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from adreel.agents.base import AgentInput, AgentOutput
from adreel.agents.compositor import CompositionLayer, FilmMade, FilmOrder
from adreel.agents.tasks import gather_all
from adreel.agents.video_generator import ClipsMade, ClipsOrder, VideoGeneratorAgent
from adreel.domain.clip import Clip
from adreel.domain.color import Color
from adreel.domain.errors import InputError
from adreel.domain.events import COMPOSE_SPANS, MAKE_SPANS, ProgressSink, ProgressStage, Spans, ignore_progress
from adreel.domain.film import FilmSpec
from adreel.domain.formats import to_frames
from adreel.domain.scene import FRAMINGS, ApprovedImage
from adreel.media.given import ClipExaminer
from adreel.media.photos import Photo, check_photo, load_photo
from adreel.media.timeline import Item, Timeline, film_timeline
from adreel.options import FilmOptions, film_spec
from adreel.providers.rules import read_mood
from adreel.watches import JobWatch

T = TypeVar("T")

MAX_CLIPS = 40
NEUTRAL_COLOR = Color(31, 41, 55)
"""Cards of films whose product adreel has not seen: a deep slate that suits most pictures."""


@dataclass(frozen=True, slots=True)
class MakeOrder:
    """Photos in, film out. `out` must not exist yet or may be replaced; its folder must exist."""

    photos: tuple[Path, ...]
    out: Path
    prompt: str = ""
    clip_seconds: float = 3.0
    film: FilmOptions = field(default_factory=FilmOptions)


@dataclass(frozen=True, slots=True)
class ComposeOrder:
    """Clips made elsewhere in, film out."""

    clips: tuple[Path, ...]
    out: Path
    film: FilmOptions = field(default_factory=FilmOptions)


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """Clips that are encoded already in, film out. `look` is a picture of the product, which gives the film its colour."""

    clips: tuple[Clip, ...]
    out: Path
    prompt: str
    look: Path
    film: FilmOptions = field(default_factory=FilmOptions)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A finished film at `path`, its clips made by `model`. `failed` holds what could not be made of it, one error for each.

    `cost` is what the film has cost in all, `cost_now` what of it was bought now and not before. `session_id` is where bought
    clips are kept. `notes` says in words what came otherwise than it was meant to.
    """

    path: Path
    film: FilmMade
    clips: tuple[Clip, ...]
    cost: Decimal
    failed: tuple[Exception, ...] = ()
    model: str | None = None
    cost_now: Decimal = Decimal("0.00")
    session_id: str | None = None
    notes: tuple[str, ...] = ()


class FilmMaker:
    """Made by `adreel.bootstrap.build_maker`. One maker serves any number of orders, in one event loop."""

    def __init__(
        self,
        generator: VideoGeneratorAgent,
        compositor: CompositionLayer,
        examiner: ClipExaminer,
        color_of: Callable[[Photo], Color],
        tidy: Callable[[], None],
    ) -> None:
        self._generator = generator
        self._compositor = compositor
        self._examiner = examiner
        self._color_of = color_of
        self._tidy = tidy

    async def make(self, order: MakeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Photos to film. Raises AdreelError; input that cannot be used is refused before anything is rendered."""
        job = JobWatch(sink, MAKE_SPANS)
        return await _stoppable(job, self._make(order, job))

    async def compose(self, order: ComposeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Clips to film. Raises AdreelError; every clip is examined before anything is rendered."""
        job = JobWatch(sink, COMPOSE_SPANS)
        return await _stoppable(job, self._compose(order, job))

    async def join(
        self, order: JoinOrder, sink: ProgressSink = ignore_progress, spans: Spans = COMPOSE_SPANS
    ) -> Delivery:
        """Encoded clips to film. Raises AdreelError."""
        job = JobWatch(sink, spans)
        return await _stoppable(job, self._join(order, job))

    async def _join(self, order: JoinOrder, job: JobWatch) -> Delivery:
        color = await asyncio.to_thread(lambda: self._color_of(load_photo(order.look)))
        spec = await asyncio.to_thread(film_spec, order.film, read_mood(order.prompt), color)
        film = await self._film(FilmOrder(order.clips, spec), job)
        return await self._deliver(order.out, film, order.clips, (), job)

    async def _make(self, order: MakeOrder, job: JobWatch) -> Delivery:
        check_out(order.out)
        color = await self._read_photos(order.photos, job)
        mood = read_mood(order.prompt)
        spec = await asyncio.to_thread(film_spec, order.film, mood, color)
        # Clips too short for the crossfades are told before they are drawn.
        timeline = film_timeline(
            spec,
            [Item(f"a clip of {image.path.name}", to_frames(order.clip_seconds)) for image in images_of(order.photos)],
        )
        made, errors = await self._clips_and_rest(order, timeline, spec, job)
        film = await self._film(FilmOrder(made.clips, spec), job)
        return replace(await self._deliver(order.out, film, made.clips, errors, job), model="local")

    async def _read_photos(self, paths: Sequence[Path], job: JobWatch) -> Color:
        """Reads every photo, so that a broken one is refused now, and keeps none; the first gives the film its colour."""
        _check_count("photo", len(paths))
        job.report(ProgressStage.READING, 0.0, "reading photos")
        # Headers first: what is no photo at all is told at once, before a large one is decoded.
        await gather_all([asyncio.to_thread(check_photo, path) for path in paths])
        rest = asyncio.create_task(gather_all([asyncio.to_thread(_decode, path) for path in paths[1:]]))
        try:
            return await asyncio.to_thread(lambda: self._color_of(load_photo(paths[0])))
        finally:
            await rest

    async def _clips_and_rest(
        self, order: MakeOrder, timeline: Timeline, spec: FilmSpec, job: JobWatch
    ) -> tuple[ClipsMade, tuple[Exception, ...]]:
        """The clips. Beside the last of them, cards and music are made, where the film will find them."""
        clips = asyncio.create_task(self._clips(order, spec, job))
        # Begun second: they get the places on the processor that the clips leave.
        rest = asyncio.create_task(self._compositor.prepare(timeline, spec, self._generator.slots))
        try:
            made = await clips
        except BaseException:
            rest.cancel()
            raise
        finally:
            # What fails here fails again when the film is composed, and is told then.
            await asyncio.gather(clips, rest, return_exceptions=True)
        return made

    async def _clips(self, order: MakeOrder, spec: FilmSpec, job: JobWatch) -> tuple[ClipsMade, tuple[Exception, ...]]:
        job.report(ProgressStage.PLANNING, 0.0, "planning scenes")
        clips = ClipsOrder(
            approved_images=images_of(order.photos),
            video_prompt=order.prompt,
            clip_frames=to_frames(order.clip_seconds),
            size=spec.size,
            seed=spec.seed,
        )
        output = await self._generator.process(AgentInput("local", clips, job.stage(ProgressStage.CLIPS)))
        return _result(output), output.errors

    async def _compose(self, order: ComposeOrder, job: JobWatch) -> Delivery:
        check_out(order.out)
        _check_count("clip", len(order.clips))
        spec = await asyncio.to_thread(film_spec, order.film, read_mood(""), NEUTRAL_COLOR)
        job.report(ProgressStage.READING, 0.0, "examining clips")
        examined = await gather_all([self._examine(index, path, job) for index, path in enumerate(order.clips)])
        film = await self._film(FilmOrder(tuple(examined), spec), job)
        return await self._deliver(order.out, film, examined, (), job)

    async def _examine(self, index: int, path: Path, job: JobWatch) -> Clip:
        return await asyncio.to_thread(self._examiner.examine, path, f"clip_{index + 1:02d}", job.check)

    async def _film(self, order: FilmOrder, job: JobWatch) -> FilmMade:
        job.report(ProgressStage.COMPOSING, 0.0, "composing")
        return _result(await self._compositor.process(AgentInput("local", order, job.stage(ProgressStage.COMPOSING))))

    async def _deliver(
        self, out: Path, film: FilmMade, clips: Sequence[Clip], errors: tuple[Exception, ...], job: JobWatch
    ) -> Delivery:
        await self._compositor.storage.move_out(film.url, out)
        await asyncio.to_thread(self._tidy)
        job.report(ProgressStage.COMPLETE, 1.0, "complete")
        cost = sum((clip.cost for clip in clips), Decimal("0.00"))
        return Delivery(out, film, tuple(clips), cost, errors)


def images_of(photos: Sequence[Path]) -> tuple[ApprovedImage, ...]:
    """One image per photo, framed in turn; a single photo gives one image for each framing."""
    paths = list(photos) * len(FRAMINGS) if len(photos) == 1 else list(photos)
    return tuple(
        ApprovedImage(f"image_{index + 1:02d}", path, FRAMINGS[index % len(FRAMINGS)])
        for index, path in enumerate(paths)
    )


def check_out(out: Path) -> None:
    """Raises InputError for a place where no film can be put."""
    if out.suffix.lower() != ".mp4":
        raise InputError(f"{out} does not end in .mp4, which is what adreel makes")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise InputError(f"{out} cannot be written: its folder does not exist, or it is a folder itself")


def _decode(path: Path) -> None:
    load_photo(path)


def _check_count(what: str, count: int) -> None:
    if not 1 <= count <= MAX_CLIPS:
        raise InputError(f"a film takes 1 to {MAX_CLIPS} {what}s; {count} were given")


def _result(output: AgentOutput[T]) -> T:
    """What an agent made. Raises its first error when it made nothing."""
    if output.data is None:
        raise output.errors[0]
    return output.data


async def _stoppable(job: JobWatch, work: Coroutine[Any, Any, T]) -> T:
    """Stops the job's threads when the task is cancelled: asyncio alone would leave them working to the end."""
    try:
        return await work
    except asyncio.CancelledError:
        job.stop()
        raise
