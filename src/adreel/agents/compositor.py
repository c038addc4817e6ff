"""CompositionLayer: makes the finished film of clips, cards, text and music."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from adreel.agents.agent import AgentInput, AgentOutput, encoder_threads, gather_all, longest_first
from adreel.agents.film_cards import draw_card, intro_of
from adreel.agents.film_clips import conformed
from adreel.agents.film_segments import FilmSegments
from adreel.agents.passport import Json, PassportFacts, passport_of
from adreel.domain.errors import AdreelError, CancelledError, ClipError, RenderError
from adreel.domain.films.clip import Clip, Segment
from adreel.domain.films.film import CheckResult, FilmSpec
from adreel.domain.films.formats import FPS, FrameSize
from adreel.domain.films.shown_words import Words
from adreel.domain.ids import Clock, utc_now
from adreel.domain.machine_faults import fault_or
from adreel.domain.ports import ProductPictures
from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.domain.work.percentages import CLIPS_CONFORMED, SOUND_MADE, ProgressSpan
from adreel.domain.work.progress import FrameProgress, PartReporter, ProgressReporter
from adreel.domain.work.tracing import span
from adreel.media.audio.soundtrack import SoundFile, SoundtrackStore
from adreel.media.captions.track import CaptionTrack
from adreel.media.cards.card import CardKind
from adreel.media.checks import Expected, check_film, require_checks
from adreel.media.clips.examine import ClipExaminer
from adreel.media.end_cards.intro_card import empty_intro
from adreel.media.end_cards.photo import whole_photo
from adreel.media.scratch import scratch_folder
from adreel.media.segments.join import Joined, Piece, join
from adreel.media.segments.render import SegmentMaker
from adreel.media.timeline import CopySpan, Item, Span, Timeline, film_timeline
from adreel.media.words_box import add_words
from adreel.placements.checking import FilmChecker, Mended
from adreel.placements.placement import Placement
from adreel.provenance.history import history_of
from adreel.provenance.signing import FilmSigner
from adreel.services.storage_service import StorageService


@dataclass(frozen=True, slots=True)
class FilmOrder:
    """The clips in film order, and its specification. `photos` are the files of which clips were drawn, if at hand: they
    become part of the credentials. A film for a `placement` is fitted and checked; `captions` become a text track."""

    selected_clips: tuple[Clip, ...]
    spec: FilmSpec
    photos: tuple[Path, ...] = ()
    placement: Placement | None = None
    captions: CaptionTrack | None = None


@dataclass(frozen=True, slots=True)
class FilmMade:
    """The stored film. `frames` at `rate` per second; every check has passed. `notes` are warnings about the user's own clips.
    `fitted` is what was done for the placement of the order, if any, and how the film is judged by its rules. `is_draft`: made to
    be looked at, not to be published; a draft is fitted to no placement, and has no `passport`."""

    url: str
    size: FrameSize
    frames: int
    size_bytes: int
    checks: tuple[CheckResult, ...]
    notes: tuple[str, ...] = ()
    rate: float = FPS
    fitted: Mended | None = None
    is_draft: bool = False
    passport: Json | None = None


class CompositionLayer:
    """Joins encoded segments into a film; renders only the missing parts: cards, crossfades, the soundtrack."""

    def __init__(
        self,
        storage: StorageService,
        maker: SegmentMaker,
        examiner: ClipExaminer,
        soundtracks: SoundtrackStore,
        jobs: int,
        work: Path,
        clock: Callable[[], float] = time.monotonic,
        pictures: ProductPictures = whole_photo,
        signer: FilmSigner | None = None,
        checker: FilmChecker | None = None,
        now: Clock = utc_now,
    ) -> None:
        """`pictures` reads the product of an end card. `signer` signs every film; `checker` fits films to placements."""
        self._signer = signer
        self._checker = checker
        self._now = now
        self.storage = storage
        self._maker = maker
        self._examiner = examiner
        self._soundtracks = soundtracks
        self._jobs = jobs
        self._slots = FairSemaphore(jobs)
        self._work = work
        self._clock = clock
        self._pictures = pictures

    async def process(self, order: AgentInput[FilmOrder], /) -> AgentOutput[FilmMade]:
        """Makes the film of an order. The only AdreelError it raises is CancelledError: other failures are in the result."""
        started = self._clock()
        try:
            with span("compose", clips=len(order.data.selected_clips), aspect=order.data.spec.size.aspect):
                made = await self._compose(order.data, order.reporter, order.cancellation)
        except CancelledError:
            raise
        except AdreelError as error:
            return AgentOutput(False, None, Decimal("0.00"), self._clock() - started, (error,))
        return AgentOutput(True, made, Decimal("0.00"), self._clock() - started)

    async def prepare(self, timeline: Timeline, spec: FilmSpec, slots: FairSemaphore) -> None:
        """Renders ahead everything that needs no clip: the cards, and the soundtrack for clips without sound.

        `process` then finds them in the cache. Acquires `slots`, to use cores that have no clip left to render. Raises
        TextError, RenderError.
        """
        await gather_all([self._cards(spec, slots), self._bare_sound(timeline, spec, slots)])

    async def _bare_sound(self, timeline: Timeline, spec: FilmSpec, slots: FairSemaphore) -> None:
        async with slots:
            await self._get_background_music(timeline, (), spec)

    async def _compose(self, order: FilmOrder, reporter: ProgressReporter, cancellation: CancellationToken) -> FilmMade:
        spec = order.spec
        conformed = PartReporter(reporter, ProgressSpan(0, CLIPS_CONFORMED))
        progress = FrameProgress(conformed, cancellation, sum(clip.frames for clip in order.selected_clips))
        timeline = film_timeline(spec, [Item(clip.id, clip.frames) for clip in order.selected_clips])
        # They acquire cores in this order: the short cards come last, when there are fewer clips than cores.
        clips = asyncio.create_task(self._download_clips(order.selected_clips, spec, progress))
        cards = asyncio.create_task(self._cards(spec, self._slots))
        sound = asyncio.create_task(self._sound_after(clips, timeline, spec, reporter))
        try:
            await asyncio.gather(clips, cards, return_exceptions=True)
            segments = FilmSegments.of(order.selected_clips, clips.result(), *cards.result())
            pieces = await self._pieces(timeline, segments.segments, self._maker.of(spec.profile))
        finally:
            # Even after a failure, the sound's thread is not left running.
            await asyncio.gather(sound, return_exceptions=True)
        cancellation.check()
        reporter.report(SOUND_MADE, "joining and checking")
        return await self._finish(timeline, pieces, sound.result(), segments, order)

    async def _finish(
        self,
        timeline: Timeline,
        pieces: Sequence[Piece],
        sound: SoundFile | None,
        segments: FilmSegments,
        order: FilmOrder,
    ) -> FilmMade:
        spec = order.spec
        with scratch_folder(self._work, "film-") as folder:
            film = folder / "film.mp4"
            with span("join", pieces=len(pieces)):
                joined = await self._stitch_video(pieces, sound.path if sound else None, film, order.captions)
            still = segments.may_be_still(timeline.spans, pieces)
            ground = empty_intro(intro_of(spec)) if spec.shows_product_first else None
            expected = Expected(spec.size, pieces, joined, sound is not None, still, sound, ground, order.captions)
            with span("check"):
                checks = await asyncio.to_thread(check_film, film, expected)
            words = segments.words_in(timeline)
            await asyncio.to_thread(_record_words, film, spec.size, words)
            is_draft = spec.composed_for is not None
            fitted = await asyncio.to_thread(self._fit, film, None if is_draft else order.placement)
            signed = await asyncio.to_thread(self._sign, film, order)
            size = film.stat().st_size
            proofs = fitted_checks(fitted) if fitted is not None and fitted.done else checks
            made = FilmMade("", spec.size, timeline.frames, size, (*proofs, *signed), segments.notes, is_draft=is_draft)
            made = made if fitted is None else _as_fitted(made, fitted)
            if not is_draft:
                made = replace(made, passport=await asyncio.to_thread(self._passport, film, order, made, words))
            return replace(made, url=await self.storage.take_file(film, "video/mp4"))

    def _passport(self, film: Path, order: FilmOrder, made: FilmMade, words: Words | None) -> Json:
        """Raises ClipError, RenderError, MachineError."""
        history = history_of(order.selected_clips, order.photos, order.spec)
        facts = PassportFacts(order.spec, history, words, made.checks, made.fitted, made.frames, made.rate, self._now())
        try:
            return passport_of(film, facts)
        except OSError as error:
            raise fault_or(error, film.parent, RenderError(f"the film cannot be read: {error}")) from error

    def _fit(self, film: Path, placement: Placement | None) -> Mended | None:
        """Encodes what the placement asks otherwise than adreel's films are: rate, bit rate, loudness. The length and the aspect
        are those of the order."""
        if placement is None:
            return None
        checker, fitted = self._checker or FilmChecker(), film.with_name("fitted.mp4")
        with span("fit", placement=placement.name):
            mended = checker.mend(film, placement, fitted)
        if mended.done:
            require_checks(fitted_checks(mended))
            fitted.replace(film)
        return mended

    def _sign(self, film: Path, order: FilmOrder) -> tuple[CheckResult, ...]:
        """Signs the film, as its last step. Raises CheckError."""
        if self._signer is None:
            return (CheckResult("content credentials", True, "none: they are switched off"),)
        with span("sign"):
            return (self._signer.sign(film, history_of(order.selected_clips, order.photos, order.spec)),)

    async def _download_clips(self, clips: Sequence[Clip], spec: FilmSpec, progress: FrameProgress) -> list[Segment]:
        """Returns each clip's segment in the film's size; conforms clips that have none, in parallel."""
        queue = longest_first([clip.frames for clip in clips])
        threads = [encoder_threads(place, len(clips), self._jobs) for place in range(len(clips))]
        jobs = [self._segment(clips[index], index, spec, progress, threads[place]) for place, index in enumerate(queue)]
        made = dict(zip(queue, await gather_all(jobs), strict=True))
        return [made[index] for index in range(len(clips))]

    async def _segment(self, clip: Clip, index: int, spec: FilmSpec, progress: FrameProgress, threads: int) -> Segment:
        if clip.segment is not None and clip.segment.size == spec.size:
            progress.done(index, clip.frames)
            return clip.segment
        if clip.source is None:
            raise ClipError(f"{clip.id} was made for another format; make it again for {spec.size.aspect}")
        async with self._slots:
            return await asyncio.to_thread(self._conform, clip, clip.source, index, spec, progress, threads)

    def _conform(
        self, clip: Clip, source: Path, index: int, spec: FilmSpec, progress: FrameProgress, threads: int
    ) -> Segment:
        def on_frame(done: int) -> None:
            progress.done(index, done)

        segment = conformed(clip, source, spec, self._maker, self._examiner, threads=threads, on_frame=on_frame)
        on_frame(clip.frames)
        return segment

    async def _cards(self, spec: FilmSpec, slots: FairSemaphore) -> tuple[Segment | None, Segment | None]:
        intro, outro = await gather_all(
            [self._generate_intro_card(spec, slots), self._generate_outro_card(spec, slots)]
        )
        return intro, outro

    async def _generate_intro_card(self, spec: FilmSpec, slots: FairSemaphore) -> Segment | None:
        """Renders the card with the product name; None without a name or with length 0."""
        return await self._card(CardKind.INTRO, spec, slots) if spec.has_intro else None

    async def _generate_outro_card(self, spec: FilmSpec, slots: FairSemaphore) -> Segment | None:
        """Renders the card with the call to action; None without one or with length 0."""
        return await self._card(CardKind.OUTRO, spec, slots) if spec.has_outro else None

    async def _card(self, kind: CardKind, spec: FilmSpec, slots: FairSemaphore) -> Segment:
        async with slots:
            return await asyncio.to_thread(draw_card, kind, spec, self._maker, self._pictures)

    async def _sound_after(
        self, clips: asyncio.Task[list[Segment]], timeline: Timeline, spec: FilmSpec, reporter: ProgressReporter
    ) -> SoundFile | None:
        """Makes the soundtrack as soon as the clips' own sound is ready. Raises the errors of the clips."""
        made = await clips
        reporter.report(CLIPS_CONFORMED, "cards and music")
        return await self._get_background_music(timeline, made, spec)

    async def _get_background_music(
        self, timeline: Timeline, clips: Sequence[Segment], spec: FilmSpec
    ) -> SoundFile | None:
        """Makes the film's complete encoded soundtrack: the music, mixed with the clips' own sound."""
        starts = timeline.starts[int(spec.has_intro) :]
        placed = list(zip(starts, clips, strict=False))
        with span("soundtrack"):
            return await asyncio.to_thread(self._soundtracks.track, timeline, placed, spec.audio, spec.music_seed)

    async def _pieces(self, timeline: Timeline, segments: Sequence[Segment], maker: SegmentMaker) -> list[Piece]:
        return await gather_all([self._piece(span, segments, maker) for span in timeline.spans])

    async def _piece(self, span: Span, segments: Sequence[Segment], maker: SegmentMaker) -> Piece:
        if isinstance(span, CopySpan):
            return Piece(segments[span.item], span.first, span.last)
        async with self._slots:
            fade = await asyncio.to_thread(maker.crossfade, segments[span.left], segments[span.right])
        return Piece(fade, 0, fade.frames)

    async def _stitch_video(
        self, pieces: Sequence[Piece], sound: Path | None, output_path: Path, captions: CaptionTrack | None = None
    ) -> Joined:
        """Joins the pieces, the sound and the captions into `output_path`."""
        return await asyncio.to_thread(join, pieces, sound, output_path, captions)


def _record_words(film: Path, size: FrameSize, words: Words | None) -> None:
    """Keeps where the words stand in the film's file. Raises RenderError, MachineError."""
    if words is None:
        return
    try:
        add_words(film, size, words)
    except OSError as error:
        raise fault_or(error, film.parent, RenderError(f"the film cannot be written: {error}")) from error


def fitted_checks(fitted: Mended) -> tuple[CheckResult, ...]:
    """The checks of a film that was encoded again for its placement, by what was measured of it: every picture was decoded."""
    found = fitted.measured
    sound = "no sound was requested" if found.loudness is None else f"{found.loudness:.1f} LUFS"
    rate = (
        f"{found.frames} frames at {found.frame_rate:.5g} per second" if found.frame_rate else f"{found.frames} frames"
    )
    return (
        CheckResult("streams", found.video_streams == 1 and not found.other_streams, f"{found.video_codec} + sound"),
        CheckResult("picture format", found.chroma == "4:2:0" and found.square_pixels, f"{found.size}, {found.chroma}"),
        CheckResult("frame count and constant rate", found.constant_rate, rate),
        CheckResult("decodes", True, "every picture and all sound"),
        CheckResult("loudness", True, sound),
        CheckResult("ready for the web", found.index_first is True, "index (moov) before the media data"),
    )


def _as_fitted(made: FilmMade, fitted: Mended) -> FilmMade:
    """The film as it was measured after fitting, with a note for each rule that it breaks."""
    name, found = fitted.judgement.placement.name, fitted.measured
    notes = tuple(f"{name}: {what}" for what in fitted.left)
    rate = found.frame_rate or FPS
    return replace(made, frames=found.frames, rate=rate, notes=(*made.notes, *notes), fitted=fitted)
