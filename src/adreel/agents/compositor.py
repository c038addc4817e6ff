"""CompositionLayer: clips, cards, text and music become the finished film."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adreel.agents.base import AgentInput, AgentOutput
from adreel.agents.tally import FrameTally, PartWatch
from adreel.agents.tasks import encoder_threads, gather_all, longest_first
from adreel.domain.clip import Clip, Segment
from adreel.domain.errors import AdreelError, CancelledError, ClipError
from adreel.domain.events import Watch
from adreel.domain.film import CheckResult, FilmSpec, Transition
from adreel.domain.formats import FrameSize
from adreel.media.cards.card import CardKind, CardSpec
from adreel.media.cards.fonts import resolve_font
from adreel.media.checks import Expected, check_film
from adreel.media.given import ClipExaminer
from adreel.media.join import Joined, Piece, join
from adreel.media.rendering import SegmentMaker
from adreel.media.sound_file import SoundFile
from adreel.media.soundtrack import SoundtrackStore
from adreel.media.timeline import CopySpan, Item, Span, Timeline, film_timeline
from adreel.services.storage_service import StorageService

_CLIPS_DONE, _SOUND_DONE = 0.75, 0.95
"""Shares of the work, as they are when clips made elsewhere must be conformed."""


@dataclass(frozen=True, slots=True)
class FilmOrder:
    """Clips in the order in which they are to be seen, and what the film is to be."""

    selected_clips: tuple[Clip, ...]
    spec: FilmSpec


@dataclass(frozen=True, slots=True)
class FilmMade:
    """The stored film. `frames` at 30 per second; every check has passed."""

    url: str
    size: FrameSize
    frames: int
    size_bytes: int
    checks: tuple[CheckResult, ...]


class CompositionLayer:
    """Joins segments that are ready into a film, making only what is missing: cards, crossfades, the soundtrack."""

    def __init__(
        self,
        storage: StorageService,
        maker: SegmentMaker,
        examiner: ClipExaminer,
        soundtracks: SoundtrackStore,
        jobs: int,
        work: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.storage = storage
        self._maker = maker
        self._examiner = examiner
        self._soundtracks = soundtracks
        self._jobs = jobs
        self._slots = asyncio.Semaphore(jobs)
        self._work = work
        self._clock = clock

    async def process(self, order: AgentInput[FilmOrder], /) -> AgentOutput[FilmMade]:
        """The film of an order. Never raises an AdreelError but CancelledError: a failure is in the answer."""
        started = self._clock()
        try:
            made = await self._compose(order.data, order.watch)
        except CancelledError:
            raise
        except AdreelError as error:
            return AgentOutput(False, None, Decimal("0.00"), self._clock() - started, (error,))
        return AgentOutput(True, made, Decimal("0.00"), self._clock() - started)

    async def prepare(self, timeline: Timeline, spec: FilmSpec, slots: asyncio.Semaphore) -> None:
        """Makes what needs no clip: the cards, and the soundtrack of clips without sound. `process` then finds them ready.

        Takes places of `slots`, so that it fills a processor that has no clip left to draw. Raises TextError, RenderError.
        """
        await gather_all([self._cards(spec, slots), self._bare_sound(timeline, spec, slots)])

    async def _bare_sound(self, timeline: Timeline, spec: FilmSpec, slots: asyncio.Semaphore) -> None:
        async with slots:
            await self._get_background_music(timeline, (), spec)

    async def _compose(self, order: FilmOrder, watch: Watch) -> FilmMade:
        spec = order.spec
        timeline = film_timeline(spec, [Item(clip.id, clip.frames) for clip in order.selected_clips])
        # In this order they ask for a core: the short cards fill the end, when there is no clip left for every core.
        clips = asyncio.create_task(
            self._download_clips(order.selected_clips, spec, PartWatch(watch, 0.0, _CLIPS_DONE))
        )
        cards = asyncio.create_task(self._cards(spec, self._slots))
        sound = asyncio.create_task(self._sound_after(clips, timeline, spec, watch))
        try:
            await asyncio.gather(clips, cards, return_exceptions=True)
            cast = Cast.of(order.selected_clips, clips.result(), *cards.result())
            pieces = await self._pieces(timeline, cast.segments)
        finally:
            # Whatever happens to the rest, the sound's thread is not left behind.
            await asyncio.gather(sound, return_exceptions=True)
        watch.check()
        watch.report(_SOUND_DONE, "joining and checking")
        return await self._finish(timeline, pieces, sound.result(), cast, spec)

    async def _finish(
        self, timeline: Timeline, pieces: Sequence[Piece], sound: SoundFile | None, cast: Cast, spec: FilmSpec
    ) -> FilmMade:
        self._work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work, prefix="film-") as folder:
            film = Path(folder) / "film.mp4"
            joined = await self._stitch_video(pieces, sound.path if sound else None, film)
            expected = Expected(spec.size, pieces, joined, sound is not None, cast.asked_still, sound)
            checks = await asyncio.to_thread(check_film, film, expected)
            size = film.stat().st_size
            url = await self.storage.take_file(film, "video/mp4")
            return FilmMade(url, spec.size, timeline.frames, size, checks)

    async def _download_clips(self, clips: Sequence[Clip], spec: FilmSpec, watch: Watch) -> list[Segment]:
        """The segment of each clip in the film's size; clips made elsewhere are conformed, all at once."""
        tally = FrameTally(watch, sum(clip.frames for clip in clips))
        queue = longest_first([clip.frames for clip in clips])
        threads = [encoder_threads(place, len(clips), self._jobs) for place in range(len(clips))]
        jobs = [self._segment(clips[index], index, spec, tally, threads[place]) for place, index in enumerate(queue)]
        made = dict(zip(queue, await gather_all(jobs), strict=True))
        return [made[index] for index in range(len(clips))]

    async def _segment(self, clip: Clip, index: int, spec: FilmSpec, tally: FrameTally, threads: int) -> Segment:
        if clip.segment is not None and clip.segment.size == spec.size:
            tally.done(index, clip.frames)
            return clip.segment
        if clip.source is None:
            raise ClipError(f"{clip.id} was made for another format; make it again for {spec.size.aspect}")
        async with self._slots:
            return await asyncio.to_thread(self._conform, clip, clip.source, index, spec, tally, threads)

    def _conform(
        self, clip: Clip, source: Path, index: int, spec: FilmSpec, tally: FrameTally, threads: int
    ) -> Segment:
        def on_frame(done: int) -> None:
            tally.done(index, done)

        info = self._examiner.info(source)
        segment = self._maker.given(
            source, info, spec.size, clip.frames, spec.fit, threads=threads, on_frame=on_frame, smooth=clip.smooth
        )
        on_frame(clip.frames)
        return segment

    async def _cards(self, spec: FilmSpec, slots: asyncio.Semaphore) -> tuple[Segment | None, Segment | None]:
        intro, outro = await gather_all(
            [self._generate_intro_card(spec, slots), self._generate_outro_card(spec, slots)]
        )
        return intro, outro

    async def _generate_intro_card(self, spec: FilmSpec, slots: asyncio.Semaphore) -> Segment | None:
        """The card with the product name, or None when there is no name or no time for it."""
        return await self._card(CardKind.INTRO, spec, slots) if spec.has_intro else None

    async def _generate_outro_card(self, spec: FilmSpec, slots: asyncio.Semaphore) -> Segment | None:
        """The card with the call to action, or None when there is none or no time for it."""
        return await self._card(CardKind.OUTRO, spec, slots) if spec.has_outro else None

    async def _card(self, kind: CardKind, spec: FilmSpec, slots: asyncio.Semaphore) -> Segment:
        async with slots:
            return await asyncio.to_thread(self._draw_card, kind, spec)

    def _draw_card(self, kind: CardKind, spec: FilmSpec) -> Segment:
        return self._maker.card(card_of(kind, spec), cuttable=spec.transition is not Transition.CUT)

    async def _sound_after(
        self, clips: asyncio.Task[list[Segment]], timeline: Timeline, spec: FilmSpec, watch: Watch
    ) -> SoundFile | None:
        """The sound, begun as soon as the clips' own sound is there. Raises what the clips raise."""
        made = await clips
        watch.report(_CLIPS_DONE, "cards and music")
        return await self._get_background_music(timeline, made, spec)

    async def _get_background_music(
        self, timeline: Timeline, clips: Sequence[Segment], spec: FilmSpec
    ) -> SoundFile | None:
        """The film's whole sound, encoded: music as ordered, mixed with what the clips bring."""
        starts = timeline.starts[int(spec.has_intro) :]
        placed = list(zip(starts, clips, strict=False))
        return await asyncio.to_thread(self._soundtracks.track, timeline, placed, spec.audio, spec.seed)

    async def _pieces(self, timeline: Timeline, segments: Sequence[Segment]) -> list[Piece]:
        return await gather_all([self._piece(span, segments) for span in timeline.spans])

    async def _piece(self, span: Span, segments: Sequence[Segment]) -> Piece:
        if isinstance(span, CopySpan):
            return Piece(segments[span.item], span.first, span.last)
        async with self._slots:
            fade = await asyncio.to_thread(self._maker.crossfade, segments[span.left], segments[span.right])
        return Piece(fade, 0, fade.frames)

    async def _stitch_video(self, pieces: Sequence[Piece], sound: Path | None, output_path: Path) -> Joined:
        """Joins the pieces and the sound into `output_path`."""
        return await asyncio.to_thread(join, pieces, sound, output_path)


def card_of(kind: CardKind, spec: FilmSpec) -> CardSpec:
    """The order for a film's intro or outro card. Raises TextError."""
    is_intro = kind is CardKind.INTRO
    text, frames = (spec.text.product_name, spec.intro_frames) if is_intro else (spec.text.cta, spec.outro_frames)
    return CardSpec(kind, text or "", spec.size, frames, spec.text.color, resolve_font(spec.text.font))


@dataclass(frozen=True, slots=True)
class Cast:
    """The segments of a film in order, and the keys of those that may be black or stand still."""

    segments: tuple[Segment, ...]
    asked_still: frozenset[str]

    @classmethod
    def of(cls, clips: Sequence[Clip], made: Sequence[Segment], intro: Segment | None, outro: Segment | None) -> Cast:
        shown = tuple(segment for segment in (intro, *made, outro) if segment is not None)
        cards = [card for card in (intro, outro) if card is not None]
        still = [segment for clip, segment in zip(clips, made, strict=True) if clip.may_stand_still]
        return cls(shown, frozenset(segment.key for segment in (*cards, *still)))
