"""FilmMaker: makes a film from photos or clips in this process, without database or service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from adreel.agents.agent import AgentInput, gather_all, result_of
from adreel.agents.branding import branded, with_logo
from adreel.agents.captioning import check_captions, film_captions, with_captions, write_captions
from adreel.agents.compositor import CompositionLayer, FilmMade, FilmOrder, check_cards
from adreel.agents.film_orders import ComposeOrder, Delivery, JoinOrder, MakeOrder
from adreel.agents.narration import check_voice, narrated, with_speech
from adreel.agents.options import MAX_CLIPS, NEUTRAL_COLOR, film_spec
from adreel.agents.output import Existing, check_out, delivered, files_of
from adreel.agents.placement_plan import board_for, cut_clips, frames_for, script_for
from adreel.agents.script import Storyboard, images_of, sample_clip, storyboard
from adreel.agents.video_generator import ClipPlan, ClipsMade, ClipsOrder, VideoGeneratorAgent
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions
from adreel.domain.films.clip import Clip
from adreel.domain.films.color import Color
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import to_frames, to_seconds
from adreel.domain.films.image_names import photo_names
from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.percentages import COMPOSE_SPANS, MAKE_SPANS, ProgressStage, Spans
from adreel.domain.work.progress import JobReporter, ProgressSink, ignore_progress
from adreel.media.clips.examine import ClipExaminer
from adreel.media.photos.folders import find_photos
from adreel.media.photos.photo import Photo, check_photo
from adreel.media.photos.readers import PhotoReader
from adreel.media.segments.sizes import segment_bytes
from adreel.media.segments.store import file_digest
from adreel.media.timeline import Item, Timeline, film_timeline
from adreel.providers.planning.scene_rules import read_mood
from adreel.services.storage.disk_space import DiskSpace

T = TypeVar("T")

_COPIES = 2
"""Segments and film are on the disk at the same time."""


@dataclass(frozen=True, slots=True)
class _Job:
    """The progress and the cancellation of one film."""

    progress: JobReporter
    cancellation: CancellationToken = field(default_factory=CancellationToken)

    def order(self, data: T, stage: ProgressStage) -> AgentInput[T]:
        """An agent's part of the job."""
        return AgentInput("local", data, self.progress.stage(stage), self.cancellation)


class FilmMaker:
    """Created by `adreel.bootstrap.local.build_maker`. One maker serves any number of orders, in one event loop."""

    def __init__(
        self,
        generator: VideoGeneratorAgent,
        compositor: CompositionLayer,
        examiner: ClipExaminer,
        photos: PhotoReader,
        color_of: Callable[[Photo], Color],
        tidy: Callable[[], None],
        space: DiskSpace,
    ) -> None:
        self._generator = generator
        self._compositor = compositor
        self._examiner = examiner
        self._photos = photos
        self._color_of = color_of
        self._tidy = tidy
        self._space = space

    async def make(self, order: MakeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Makes a film from photos. Raises AdreelError; unusable input is rejected before anything is rendered."""
        job = _Job(JobReporter(sink, MAKE_SPANS))
        return await _stoppable(job, self._make(order, job))

    async def sample(self, order: MakeOrder) -> bytes:
        """Draws a picture of the film that `make` would make, as WebP; `out` is not looked at. Raises AdreelError as `make`."""
        board, _ = await asyncio.to_thread(self._planned, order)
        return await self._generator.still(*sample_clip(board))

    async def compose(self, order: ComposeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Makes a film from clips. Raises AdreelError; every clip is examined before anything is rendered."""
        job = _Job(JobReporter(sink, COMPOSE_SPANS))
        return await _stoppable(job, self._compose(order, job))

    async def join(
        self, order: JoinOrder, sink: ProgressSink = ignore_progress, spans: Spans = COMPOSE_SPANS
    ) -> Delivery:
        """Makes a film from encoded clips. Raises AdreelError."""
        job = _Job(JobReporter(sink, spans))
        return await _stoppable(job, self._join(order, job))

    async def _join(self, order: JoinOrder, job: _Job) -> Delivery:
        color = await asyncio.to_thread(self._product_color, order.look)
        spec = await self._spec(order.film, order.prompt, color, order.look)
        spec = replace(spec, product_photo=order.look)
        async with self._room(sum(clip.frames for clip in order.clips), spec, order.out):
            film = await self._film(FilmOrder(order.clips, spec, (order.look,)), job)
            return await self._deliver(order, film, order.clips, (), job)

    @asynccontextmanager
    async def _room(self, frames: int, spec: FilmSpec, out: Path) -> AsyncGenerator[None]:
        """Reserves disk space for segments and film, and checks the space at `out`. Raises NoSpaceError."""
        film = segment_bytes(spec.size, frames + spec.intro_frames + spec.outro_frames)
        DiskSpace(out.parent, 0).check(film, "the film")
        async with self._space.reserved_for(_COPIES * film, "the clips and the film"):
            yield

    async def _make(self, order: MakeOrder, job: _Job) -> Delivery:
        found = await asyncio.to_thread(find_photos, order.photos)
        order = replace(order, photos=found.paths)
        order = _in_aspect(order)
        check_out(order.out, order.existing, (*order.photos, *files_of(order.film)))
        check_voice(order.voice, order.script, order.placement)
        check_captions(order)
        board, timeline = await asyncio.to_thread(self._planned, order)
        color, notes = await self._read_photos(order.photos, job.progress)
        spec = await self._spec(board.film, board.prompt, color, order.photos[0])
        spec = replace(board.film_of(spec), product_photo=order.photos[0])
        spec = with_speech(
            spec, board, [(image.id, plan.frames) for image, plan in zip(board.images, board.plans, strict=True)]
        )
        async with self._room(timeline.frames, spec, order.out):
            made, errors = await self._clips_and_rest(board, timeline, spec, job)
            spec = with_speech(spec, board, [(clip.source_image_id or "", clip.frames) for clip in made.clips])
            written = order.captions.in_files or order.captions.in_track
            captions = film_captions(board, made.clips, spec) if written else None
            track = captions if order.captions.in_track else None
            film = await self._film(FilmOrder(made.clips, spec, board.photos, order.placement, track), job)
            delivery = await self._deliver(order, film, made.clips, errors, job)
            notes = (*found.notes, *notes, *delivery.notes)
            delivery = replace(delivery, model="local", notes=notes, names=photo_names(board.images))
            if captions is not None and order.captions.in_files:
                frames = film_timeline(spec, [Item(clip.id, clip.frames) for clip in made.clips]).frames
                files = await write_captions(delivery.path, captions, frames, film, order.existing)
                delivery = replace(delivery, captions=files)
            return delivery

    def _planned(self, order: MakeOrder) -> tuple[Storyboard, Timeline]:
        """Checks everything but the photos, before they are decoded; returns the film's clips and timeline. Raises InputError."""
        _check_count("photo", len(order.photos))
        model = self._generator.models["local"]
        model.check_duration(order.clip_seconds)
        board, timeline = _timed(_voiced(order) if order.voice else _board(order))
        frames = frames_for(order.placement, timeline)
        if frames is not None:
            board, timeline = _shortened(order, board, timeline, frames)
        for length in board.lengths:
            model.check_duration(to_seconds(length))
        check_cards(_first_spec(board))
        return board, timeline

    async def _spec(self, film: FilmOptions, prompt: str, color: Color, photo: Path) -> FilmSpec:
        """The film's specification; `photo` identifies a product without a name."""
        product = await asyncio.to_thread(file_digest, photo)
        return await asyncio.to_thread(film_spec, film, read_mood(prompt), color, product)

    async def _read_photos(self, paths: Sequence[Path], progress: JobReporter) -> tuple[Color, tuple[str, ...]]:
        """Decodes every photo, to reject broken ones now, and keeps none.

        Returns the product colour, from the first photo, and notes about what is missing in photos.
        """
        progress.report(ProgressStage.READING, 0.0, "reading photos")
        # Headers first: a file that is no photo is rejected before a large one is decoded.
        await gather_all([asyncio.to_thread(check_photo, path) for path in paths])
        rest = asyncio.create_task(gather_all([asyncio.to_thread(self._photos.verify, path) for path in paths[1:]]))
        try:
            first = await asyncio.to_thread(self._first_photo, paths[0])
        finally:
            others = await rest
        color, note = first
        return color, tuple(filter(None, [note, *(info.note for info in others)]))

    def _first_photo(self, path: Path) -> tuple[Color, str]:
        photo = self._photos.load(path)
        return self._color_of(photo), photo.note

    def _product_color(self, path: Path) -> Color:
        return self._color_of(self._photos.load(path))

    async def _clips_and_rest(
        self, board: Storyboard, timeline: Timeline, spec: FilmSpec, job: _Job
    ) -> tuple[ClipsMade, tuple[Exception, ...]]:
        """Makes the clips, and cards and music on the cores that the last clips leave idle."""
        clips = asyncio.create_task(self._clips(board, spec, job))
        # Started second: they get the slots that the clips leave.
        rest = asyncio.create_task(self._compositor.prepare(timeline, spec, self._generator.slots))
        try:
            made = await clips
        except BaseException:
            rest.cancel()
            raise
        finally:
            # An error here recurs when the film is composed, and is raised then.
            await asyncio.gather(clips, rest, return_exceptions=True)
        return made

    async def _clips(self, board: Storyboard, spec: FilmSpec, job: _Job) -> tuple[ClipsMade, tuple[Exception, ...]]:
        job.progress.report(ProgressStage.PLANNING, 0.0, "planning scenes")
        clips = ClipsOrder(
            board.images,
            board.prompt,
            board.lengths[0],
            spec.size,
            spec.seed,
            plans=board.plans,
            composed_for=spec.composed_for,
            profile=spec.profile,
        )
        output = await self._generator.process(job.order(clips, ProgressStage.CLIPS))
        return result_of(output), output.errors

    async def _compose(self, order: ComposeOrder, job: _Job) -> Delivery:
        order = _in_aspect(order)
        check_out(order.out, order.existing, (*order.clips, *files_of(order.film)))
        _check_count("clip", len(order.clips))
        spec = await asyncio.to_thread(film_spec, order.film, read_mood(""), NEUTRAL_COLOR)
        await asyncio.to_thread(check_cards, spec)
        if spec.shows_product_first:
            raise InputError(
                f"an intro in the style {spec.intro_style} shows the product of a photo; a film of clips has the style plain"
            )
        job.progress.report(ProgressStage.READING, 0.0, "examining clips")
        examined = await gather_all([self._examine(index, path, job) for index, path in enumerate(order.clips)])
        examined = cut_clips(examined, spec, order.placement)
        async with self._room(sum(clip.frames for clip in examined), spec, order.out):
            film = await self._film(FilmOrder(tuple(examined), spec, placement=order.placement), job)
            return await self._deliver(order, film, examined, (), job)

    async def _examine(self, index: int, path: Path, job: _Job) -> Clip:
        return await asyncio.to_thread(self._examiner.examine, path, f"clip_{index + 1:02d}", job.cancellation.check)

    async def _film(self, order: FilmOrder, job: _Job) -> FilmMade:
        job.progress.report(ProgressStage.COMPOSING, 0.0, "composing")
        return result_of(await self._compositor.process(job.order(order, ProgressStage.COMPOSING)))

    async def _deliver(
        self,
        order: MakeOrder | ComposeOrder | JoinOrder,
        film: FilmMade,
        clips: Sequence[Clip],
        errors: tuple[Exception, ...],
        job: _Job,
    ) -> Delivery:
        path = await delivered(order.out, order.existing, partial(self._compositor.storage.move_out, film.url))
        await asyncio.to_thread(self._tidy)
        job.progress.report(ProgressStage.COMPLETE, 1.0, "complete")
        cost = sum((clip.cost for clip in clips), Decimal("0.00"))
        moved = path != order.out and order.existing is Existing.REFUSE
        notes = (f"{order.out} was created meanwhile by another program; the film is {path}",) if moved else ()
        return Delivery(path, film, tuple(clips), cost, errors, notes=(*film.notes, *notes))


Placed = TypeVar("Placed", MakeOrder, ComposeOrder)


def _in_aspect(order: Placed) -> Placed:
    """The order in the aspect of its placement, if it has one."""
    if order.placement is None:
        return order
    return replace(order, film=replace(order.film, aspect=order.placement.aspect))


def _first_spec(board: Storyboard) -> FilmSpec:
    """The specification before the product's colour is known."""
    return board.film_of(film_spec(board.film, read_mood(board.prompt), NEUTRAL_COLOR))


def _timed(board: Storyboard) -> tuple[Storyboard, Timeline]:
    items = [Item(*clip) for clip in zip(board.names, board.lengths, strict=True)]
    return board, film_timeline(_first_spec(board), items)


def _shortened(order: MakeOrder, board: Storyboard, timeline: Timeline, frames: int) -> tuple[Storyboard, Timeline]:
    """The storyboard and the timeline of a film of exactly these frames. Raises InputError."""
    if order.script is None:
        return _timed(board_for(board, timeline, frames))
    made = _timed(_board(replace(order, script=script_for(order.script, frames))))
    if made[1].frames != frames:
        # An intro and crossfades are not part of the length that a script states.
        made = _timed(_board(replace(order, script=script_for(order.script, 2 * frames - made[1].frames))))
    if made[1].frames != frames:
        raise InputError(
            f"the script cannot be timed to {to_seconds(frames):g} s, only to {to_seconds(made[1].frames):.2f} s; change it"
        )
    return made


def _voiced(order: MakeOrder) -> Storyboard:
    board = narrated(order.script, lambda ad: _board(replace(order, script=ad)))
    return with_captions(board, order.caption_style) if order.captions is Captions.ON else board


def _board(order: MakeOrder) -> Storyboard:
    """The clips of an order: those of its script, else one of the same length for each image. Raises InputError."""
    if order.brand is not None:
        film, script = branded(order.brand, order.film, order.script)
        return with_logo(_board(replace(order, film=film, script=script, brand=None)), order.brand)
    if order.script is not None:
        return storyboard(order.script, order.photos, order.film, order.prompt, order.clip_seconds)
    images = images_of(order.photos)
    plan = ClipPlan(to_frames(order.clip_seconds))
    names = tuple(f"a clip of {image.path.name}" for image in images)
    return Storyboard(images, (plan,) * len(images), names, order.prompt, order.film, None)


def _check_count(what: str, count: int) -> None:
    if not 1 <= count <= MAX_CLIPS:
        raise InputError(f"a film takes 1 to {MAX_CLIPS} {what}s; {count} were given")


async def _stoppable(job: _Job, work: Coroutine[Any, Any, T]) -> T:
    """Stops the job's threads when the task is cancelled: asyncio alone would let them run to the end."""
    try:
        return await work
    except asyncio.CancelledError:
        job.cancellation.cancel()
        raise
