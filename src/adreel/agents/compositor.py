"""CompositionLayer: makes the finished film of clips, cards, text and music."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from adreel.agents.agent import AgentInput, AgentOutput, encoder_threads, gather_all, longest_first
from adreel.domain.errors import AdreelError, CancelledError, ClipError, InputError
from adreel.domain.films.clip import Clip, Segment
from adreel.domain.films.film import CheckResult, EndCardLook, FilmSpec, Transition
from adreel.domain.films.formats import FPS, FrameSize
from adreel.domain.ports import ProductPictures
from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.domain.work.percentages import CLIPS_CONFORMED, SOUND_MADE, ProgressSpan
from adreel.domain.work.progress import FrameProgress, PartReporter, ProgressReporter
from adreel.domain.work.tracing import span
from adreel.media.audio.soundtrack import SoundFile, SoundtrackStore
from adreel.media.captions.track import CaptionTrack
from adreel.media.cards.card import CardKind, CardSpec, check_card
from adreel.media.cards.fonts import resolve_font
from adreel.media.checks import Expected, check_film, require_checks
from adreel.media.clips.examine import ClipExaminer
from adreel.media.end_cards.end_card import EndCardSpec, check_end_card
from adreel.media.end_cards.intro_card import IntroCardSpec, check_intro, empty_intro
from adreel.media.end_cards.photo import photo_digest, whole_photo
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned
from adreel.media.scratch import scratch_folder
from adreel.media.segments.join import Joined, Piece, join
from adreel.media.segments.render import SegmentMaker
from adreel.media.timeline import CopySpan, FadeSpan, Item, Span, Timeline, film_timeline
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
    `fitted` is what was done for the order's placement, and how the film is judged. A draft is fitted to no placement."""

    url: str
    size: FrameSize
    frames: int
    size_bytes: int
    checks: tuple[CheckResult, ...]
    notes: tuple[str, ...] = ()
    rate: float = FPS
    fitted: Mended | None = None
    is_draft: bool = False


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
    ) -> None:
        """`pictures` reads the product of an end card. `signer` signs every film; `checker` fits films to placements."""
        self._signer = signer
        self._checker = checker
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
            is_draft = spec.composed_for is not None
            fitted = await asyncio.to_thread(self._fit, film, None if is_draft else order.placement)
            signed = await asyncio.to_thread(self._sign, film, order)
            size, url = film.stat().st_size, await self.storage.take_file(film, "video/mp4")
            proofs = fitted_checks(fitted) if fitted is not None and fitted.done else checks
            made = FilmMade(
                url, spec.size, timeline.frames, size, (*proofs, *signed), segments.notes, is_draft=is_draft
            )
            return made if fitted is None else _as_fitted(made, fitted)

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

        with span("conform", frames=clip.frames):
            info, fit, maker = self._examiner.info(source), clip.fit or spec.fit, self._maker.of(spec.profile)
            if clip.words:
                words = Captioned(clip.words, text_style(clip.text_style), spec.size, clip.frames)
                segment = maker.from_clip_with_words(
                    source, info, words, fit, threads=threads, on_frame=on_frame, smooth=clip.smooth
                )
            else:
                segment = maker.from_clip(
                    source, info, spec.size, clip.frames, fit, threads=threads, on_frame=on_frame, smooth=clip.smooth
                )
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
            return await asyncio.to_thread(self._draw_card, kind, spec)

    def _draw_card(self, kind: CardKind, spec: FilmSpec) -> Segment:
        cuttable, maker = spec.transition is not Transition.CUT, self._maker.of(spec.profile)
        if kind is CardKind.INTRO and spec.shows_product_first:
            product = _product_of(spec)
            return maker.intro(
                intro_of(spec), photo_digest(product), lambda: self._pictures(product), cuttable=cuttable
            )
        if kind is CardKind.OUTRO and spec.end_card is not None:
            photo = spec.end_card.photo
            digest = photo_digest(photo)
            return maker.end_card(
                end_card_of(spec, spec.end_card), digest, lambda: self._pictures(photo), cuttable=cuttable
            )
        return maker.card(card_of(kind, spec), cuttable=cuttable)

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


def card_of(kind: CardKind, spec: FilmSpec) -> CardSpec:
    """Returns the specification of a film's intro or outro card. Raises TextError for an unknown font."""
    is_intro = kind is CardKind.INTRO
    text, frames = (spec.text.product_name, spec.intro_frames) if is_intro else (spec.text.cta, spec.outro_frames)
    return CardSpec(kind, text or "", spec.size, frames, spec.text.color, resolve_font(spec.text.font))


def end_card_of(spec: FilmSpec, look: EndCardLook) -> EndCardSpec:
    """Returns the specification of a film's end card."""
    return EndCardSpec(look, spec.text.cta, spec.text.color, spec.size, spec.outro_frames)


def intro_of(spec: FilmSpec) -> IntroCardSpec:
    """Returns the specification of a film's intro with the product."""
    return IntroCardSpec(spec.intro_style, spec.text.product_name or "", spec.text.color, spec.size, spec.intro_frames)


def _product_of(spec: FilmSpec) -> Path:
    if spec.product_photo is None:
        raise InputError(
            f"an intro in the style {spec.intro_style} shows the product, and the film has no photo of it; choose the style plain"
        )
    return spec.product_photo


def check_cards(spec: FilmSpec) -> None:
    """Typesets a film's cards in its size. Raises TextError for text that does not fit, shows nothing or cannot be read in the
    time, InputError for an unknown text style."""
    if spec.shows_product_first:
        check_intro(intro_of(spec))
    elif spec.has_intro:
        check_card(card_of(CardKind.INTRO, spec))
    if spec.has_outro and spec.end_card is not None:
        check_end_card(end_card_of(spec, spec.end_card))
    elif spec.has_outro:
        check_card(card_of(CardKind.OUTRO, spec))


@dataclass(frozen=True, slots=True)
class FilmSegments:
    """The segments of a film in order, and the keys of those that may be black or unchanged: the cards, and the clips that were
    judged in their own format. `notes` name clips whose picture became black or still by the format of the film."""

    segments: tuple[Segment, ...]
    asked_still: frozenset[str]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, clips: Sequence[Clip], made: Sequence[Segment], intro: Segment | None, outro: Segment | None
    ) -> FilmSegments:
        segments = tuple(segment for segment in (intro, *made, outro) if segment is not None)
        cards = [card for card in (intro, outro) if card is not None]
        pairs = list(zip(clips, made, strict=True))
        judged = [(clip, new) for clip, new in pairs if clip.may_stand_still or new is not clip.segment]
        asked = frozenset(segment.key for segment in (*cards, *(new for _, new in judged)))
        notes = [
            _note(clip, number, new.fault)
            for number, (clip, new) in enumerate(pairs, start=1)
            if (clip, new) in judged and new.fault and not clip.may_stand_still
        ]
        return cls(segments, asked, tuple(notes))

    def may_be_still(self, spans: Sequence[Span], pieces: Sequence[Piece]) -> frozenset[str]:
        """Returns the keys of all segments that may be black or unchanged, with those of the crossfades beside them."""
        fades = [(span, piece.segment.key) for span, piece in zip(spans, pieces, strict=True)]
        return self.asked_still | {
            key
            for span, key in fades
            if isinstance(span, FadeSpan)
            and {self.segments[span.left].key, self.segments[span.right].key} & self.asked_still
        }


def _note(clip: Clip, number: int, fault: str) -> str:
    """Names a clip by the user's own file, or by its place in the film when it was bought."""
    name = clip.source.name if clip.source and not clip.smooth else f"clip {number}"
    return f"{name} {fault} in the film's format: choose another fit, or leave the clip out"
