"""FilmMaker: makes a film from photos or clips in this process, without database or service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from adreel.agents.agent import AgentInput, gather_all, result_of
from adreel.agents.boards import board_of, first_spec, renewable, shortened, speaker_of, timed
from adreel.agents.captioning import caption_notes, check_captions, film_captions, worded_clips, write_captions
from adreel.agents.compositor import CompositionLayer, FilmMade, FilmOrder
from adreel.agents.drafts.cache import Recent
from adreel.agents.drafts.draft_films import DraftFilms, DraftOrder
from adreel.agents.film_cards import check_cards
from adreel.agents.film_orders import ComposeOrder, Delivery, JoinOrder, MakeOrder
from adreel.agents.narration import check_voice, with_speech
from adreel.agents.options import MAX_CLIPS, NEUTRAL_COLOR, film_spec
from adreel.agents.output import Existing, check_out, delivered, files_of
from adreel.agents.passport_files import check_passport_files, write_passport
from adreel.agents.placement_plan import cut_clips, frames_for
from adreel.agents.script import Storyboard, sample_clip
from adreel.agents.video_generator import ClipsMade, ClipsOrder, VideoGeneratorAgent
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions
from adreel.domain.films.clip import Clip
from adreel.domain.films.color import Color
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import FilmSpec, Fit
from adreel.domain.films.film_options import SILENT, FilmOptions
from adreel.domain.films.formats import to_seconds
from adreel.domain.films.image_names import photo_names
from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.percentages import COMPOSE_SPANS, MAKE_SPANS, ProgressStage, Spans
from adreel.domain.work.progress import JobReporter, ProgressSink, ignore_progress
from adreel.media.captions.track import CaptionTrack
from adreel.media.clips.examine import ClipExaminer
from adreel.media.end_cards.photo import photo_digest
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


_READ_PHOTOS = 1000
"""Photos of which is kept that they can be read, some bytes each."""


@dataclass(frozen=True, slots=True)
class _FirstPhoto:
    """The product's colour, and what is missing in its photo."""

    color: Color
    note: str


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
        drafts: DraftFilms,
    ) -> None:
        self._drafts = drafts
        self._first_photos: Recent[_FirstPhoto] = Recent(_READ_PHOTOS, lambda _photo: 1)
        self._notes: Recent[str] = Recent(_READ_PHOTOS, lambda _note: 1)
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

    async def check(self, order: MakeOrder) -> None:
        """Checks an order as `make` does, but for the length of its spoken lines. Raises AdreelError."""
        order, _ = await self._checked(order)
        if order.film.speaks:
            await asyncio.to_thread(speaker_of, order)
        silent = replace(order.film, voice=SILENT, captions=Captions.OFF)
        await asyncio.to_thread(self._planned, replace(order, film=silent))
        await self._read_photos(order.photos, JobReporter(ignore_progress, MAKE_SPANS))

    async def sample(self, order: MakeOrder) -> bytes:
        """Draws a picture of the film that `make` would make, as WebP; `out` is not looked at. Raises AdreelError as `make`."""
        board, _ = await asyncio.to_thread(self._planned, order)
        return await self._generator.still(*sample_clip(board))

    async def draft(self, order: MakeOrder) -> AsyncGenerator[bytes]:
        """Yields a draft of the film that `make` would make, as fragmented MP4 that plays while it is drawn; `out` is not looked
        at. `aclose` stops it. Raises AdreelError: before the first part for unusable input, then at the place of the fault."""
        found = await asyncio.to_thread(find_photos, order.photos)
        order = _in_aspect(replace(order, photos=found.paths, film=replace(order.film, draft=True)))
        check_voice(order.film.speaks, order.script, order.placement)
        board, _ = await asyncio.to_thread(self._planned, order)
        color = (await asyncio.to_thread(self._first_photo, order.photos[0])).color
        spec = await self._board_spec(board, color, order.photos[0])
        shots = await self._generator.shots(_clips_order(board, spec))
        async with aclosing(self._drafts.stream(DraftOrder(tuple(shots), spec))) as parts:
            async for part in parts:
                yield part

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
        color, board = (await asyncio.to_thread(self._first_photo, order.look)).color, order.board
        spec = await self._spec(order.film, order.prompt, color, order.look)
        spec = replace(spec, product_photo=order.look)
        if board is not None:
            spec = with_speech(board.film_of(spec), board.lines, _lengths_of(order.clips))
        photos = (order.look,) if board is None else board.photos
        captions = None if board is None else _captions(order.film.captions, board, order.clips, spec)
        track = captions if order.film.captions.in_track else None
        async with self._room(sum(clip.frames for clip in order.clips), spec, order.out):
            film = await self._film(FilmOrder(order.clips, spec, photos, captions=track), job)
            delivery = await self._deliver(order, film, order.clips, (), job)
            notes = () if board is None else caption_notes(order.film, board.lines.values())
            delivery = replace(delivery, notes=(*delivery.notes, *notes))
            return await self._captioned(order, delivery, captions, spec)

    async def _checked(self, order: MakeOrder) -> tuple[MakeOrder, tuple[str, ...]]:
        """The order with the photos of its folders, checked but for the photos' contents, and notes about skipped files."""
        found = await asyncio.to_thread(find_photos, order.photos)
        order = _in_aspect(replace(order, photos=found.paths))
        check_out(order.out, order.existing, (*order.photos, *files_of(order.film)))
        check_voice(order.film.speaks, order.script, order.placement)
        check_captions(order)
        if order.passport:
            check_passport_files(order.out)
        return order, tuple(found.notes)

    @asynccontextmanager
    async def _room(self, frames: int, spec: FilmSpec, out: Path) -> AsyncGenerator[None]:
        """Reserves disk space for segments and film, and checks the space at `out`. Raises NoSpaceError."""
        film = segment_bytes(spec.size, frames + spec.intro_frames + spec.outro_frames)
        DiskSpace(out.parent, 0).check(film, "the film")
        async with self._space.reserved_for(_COPIES * film, "the clips and the film"):
            yield

    async def _make(self, order: MakeOrder, job: _Job) -> Delivery:
        order, skipped = await self._checked(order)
        board, timeline = await asyncio.to_thread(self._planned, order)
        color, notes = await self._read_photos(order.photos, job.progress)
        spec = _encoded(await self._board_spec(board, color, order.photos[0]), order.profile)
        async with self._room(timeline.frames, spec, order.out):
            made, errors = await self._clips_and_rest(board, timeline, spec, job, order.user_id)
            spec = with_speech(spec, board.lines, _lengths_of(made.clips))
            captions = _captions(order.film.captions, board, made.clips, spec)
            track = captions if order.film.captions.in_track else None
            film = await self._film(FilmOrder(made.clips, spec, board.photos, order.placement, track), job)
            delivery = await self._deliver(order, film, made.clips, errors, job)
            notes = (*skipped, *notes, *delivery.notes, *caption_notes(order.film, board.lines.values()))
            delivery = replace(delivery, model="local", notes=notes, names=photo_names(board.images))
            return await self._captioned(order, delivery, captions, spec)

    async def _captioned(
        self, order: MakeOrder | JoinOrder, delivery: Delivery, captions: CaptionTrack | None, spec: FilmSpec
    ) -> Delivery:
        """The delivery with its caption files, where they are ordered."""
        if captions is None or not order.film.captions.in_files:
            return delivery
        frames = film_timeline(spec, [Item(clip.id, clip.frames) for clip in delivery.clips]).frames
        files = await write_captions(delivery.path, captions, frames, delivery.film, order.existing)
        return replace(delivery, captions=files)

    async def _board_spec(self, board: Storyboard, color: Color, photo: Path) -> FilmSpec:
        """The specification of a storyboard's film with the product of a photo."""
        spec = await self._spec(board.film, board.prompt, color, photo)
        spec = replace(board.film_of(spec), product_photo=photo)
        lengths = [(image.id, plan.frames) for image, plan in zip(board.images, board.plans, strict=True)]
        return with_speech(spec, board.lines, lengths)

    def _planned(self, order: MakeOrder) -> tuple[Storyboard, Timeline]:
        """Checks everything but the photos, before they are decoded; returns the film's clips and timeline. Raises InputError."""
        _check_count("photo", len(order.photos))
        model = self._generator.models["local"]
        model.check_duration(order.clip_seconds)
        board, timeline = timed(board_of(order))
        frames = frames_for(order.placement, timeline)
        if frames is not None:
            board, timeline = shortened(order, board, timeline, frames)
        for length in board.lengths:
            model.check_duration(to_seconds(length))
        check_cards(first_spec(board))
        return renewable(board) if order.prices_change else board, timeline

    async def _spec(self, film: FilmOptions, prompt: str, color: Color, photo: Path) -> FilmSpec:
        """The film's specification; `photo` identifies a product without a name."""
        product = await asyncio.to_thread(file_digest, photo)
        return await asyncio.to_thread(film_spec, film, read_mood(prompt), color, product)

    async def _read_photos(self, paths: Sequence[Path], progress: JobReporter) -> tuple[Color, tuple[str, ...]]:
        """Decodes every photo, to reject broken ones now, and keeps none.

        Returns the product colour, from the first photo, and notes about missing parts of photos.
        """
        progress.report(ProgressStage.READING, 0.0, "reading photos")
        # Headers first: a file that is no photo is rejected before a large one is decoded.
        await gather_all([asyncio.to_thread(check_photo, path) for path in paths])
        rest = asyncio.create_task(gather_all([asyncio.to_thread(self._note, path) for path in paths[1:]]))
        try:
            first = await asyncio.to_thread(self._first_photo, paths[0])
        finally:
            others = await rest
        return first.color, tuple(filter(None, [first.note, *others]))

    def _first_photo(self, path: Path) -> _FirstPhoto:
        """Reads a file of this content once in this program, so that an edit of a film does not read it again."""
        key = f"{photo_digest(path)} {path}"
        found = self._first_photos.find(key)
        if found is None:
            photo = self._photos.load(path)
            found = self._first_photos.keep(key, _FirstPhoto(self._color_of(photo), photo.note))
        return found

    def _note(self, path: Path) -> str:
        """What is missing in a photo; decodes a file of this content once in this program."""
        key = f"{photo_digest(path)} {path}"
        found = self._notes.find(key)
        return self._notes.keep(key, self._photos.verify(path).note) if found is None else found

    async def _clips_and_rest(
        self, board: Storyboard, timeline: Timeline, spec: FilmSpec, job: _Job, user_id: str
    ) -> tuple[ClipsMade, tuple[Exception, ...]]:
        """Makes the clips, and cards and music on the cores that the last clips leave idle."""
        clips = asyncio.create_task(self._clips(board, spec, job, user_id))
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

    async def _clips(
        self, board: Storyboard, spec: FilmSpec, job: _Job, user_id: str
    ) -> tuple[ClipsMade, tuple[Exception, ...]]:
        job.progress.report(ProgressStage.PLANNING, 0.0, "planning scenes")
        order = replace(_clips_order(board, spec), user_id=user_id)
        output = await self._generator.process(job.order(order, ProgressStage.CLIPS))
        return result_of(output), output.errors

    async def _compose(self, order: ComposeOrder, job: _Job) -> Delivery:
        order = _in_aspect(order)
        check_out(order.out, order.existing, (*order.clips, *files_of(order.film)))
        if order.passport:
            check_passport_files(order.out)
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
        has_passport = not isinstance(order, JoinOrder) and order.passport
        bought = order.bought if isinstance(order, MakeOrder) else ()
        passport = await write_passport(path, film, bought) if has_passport else ()
        job.progress.report(ProgressStage.COMPLETE, 1.0, "complete")
        cost = sum((*(clip.cost for clip in clips), *(call.amount for call in bought)), Decimal("0.00"))
        moved = path != order.out and order.existing is Existing.REFUSE
        notes = (f"{order.out} was created meanwhile by another program; the film is {path}",) if moved else ()
        return Delivery(path, film, tuple(clips), cost, errors, notes=(*film.notes, *notes), passport=passport)


Placed = TypeVar("Placed", MakeOrder, ComposeOrder)


def _in_aspect(order: Placed) -> Placed:
    """The order in the aspect of its placement, if it has one. There, clips of another aspect are cropped where the product is:
    platforms refuse bars."""
    if order.placement is None:
        return order
    fit = Fit.FOLLOW if order.film.fit is Fit.PAD else order.film.fit
    return replace(order, film=replace(order.film, aspect=order.placement.aspect, fit=fit))


def _encoded(spec: FilmSpec, profile: EncoderProfile) -> FilmSpec:
    """Drafts have a profile of their own."""
    return spec if spec.profile is EncoderProfile.DRAFT else replace(spec, profile=profile)


def _clips_order(board: Storyboard, spec: FilmSpec) -> ClipsOrder:
    return ClipsOrder(
        board.images,
        board.prompt,
        board.lengths[0],
        spec.size,
        spec.seed,
        plans=board.plans,
        composed_for=spec.composed_for,
        profile=spec.profile,
    )


def _lengths_of(clips: Sequence[Clip]) -> list[tuple[str, int]]:
    """The image and the frames of each clip."""
    return [(clip.source_image_id or "", clip.frames) for clip in clips]


def _captions(asked: Captions, board: Storyboard, clips: Sequence[Clip], spec: FilmSpec) -> CaptionTrack | None:
    """The captions of a script's film that are written into files or a text track; None where neither is ordered."""
    return film_captions(worded_clips(board, clips), spec) if asked.in_files or asked.in_track else None


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
