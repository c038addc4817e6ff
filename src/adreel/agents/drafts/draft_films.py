"""Draft films as streams: parts of a second, drawn in the film's order on all cores, sent as soon as they are coded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adreel.agents.drafts.cache import Recent
from adreel.agents.drafts.draft_parts import DraftParts
from adreel.agents.drafts.strips import CodedStrip, NamedEngine, Strip, drawn_strip
from adreel.agents.drafts.units import Crew
from adreel.agents.film_cards import draw_card
from adreel.agents.film_clips import conformed
from adreel.domain.errors import ClipError, InputError
from adreel.domain.films.clip import Clip, Segment
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.formats import FPS, FrameSize, to_seconds
from adreel.domain.ports import ProductPictures, Shot, StagedShot
from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.domain.work.tracing import span
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.cards.card import CardKind
from adreel.media.clips.examine import ClipExaminer
from adreel.media.fragments.coded import CodedPart, CodedSound, read_sound
from adreel.media.fragments.stream import FragmentStream
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.timeline import Item, Timeline, film_timeline

LONGEST = 120 * FPS
"""The most frames of a draft: it is for looking at an ad."""

_AHEAD = 40 * FPS
"""Frames that are drawn before the reader has taken those before them: about four megabytes."""

_PARTS_BYTES = 64 * 2**20
_STAGES = 8
"""Prepared shots that are kept, of 10 to 25 MB each."""


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """What a draft shows between its cards: shots that are drawn in its size, and clips of files. `spec` is that of a draft."""

    items: tuple[Shot | Clip, ...]
    spec: FilmSpec


@dataclass(frozen=True, slots=True)
class DraftTools:
    """What drafts are made with, which may be what films of this process are made with too."""

    engine: NamedEngine
    maker: SegmentMaker
    examiner: ClipExaminer
    soundtracks: SoundtrackStore
    pictures: ProductPictures


class OpenDraft:
    """A draft that is being drawn."""

    def __init__(
        self,
        draft: DraftParts,
        size: FrameSize,
        crew: Crew,
        running: asyncio.Task[None],
        cancellation: CancellationToken,
    ) -> None:
        self._draft, self._size, self._crew = draft, size, crew
        self._running, self._cancellation = running, cancellation

    async def parts(self) -> AsyncGenerator[bytes]:
        """Yields a fragmented MP4, part by part: H.264 and, unless the film is silent, AAC.

        Raises PhotoError, TextError, ClipError, RenderError and StorageError at the place of the film that cannot be made,
        MusicError at once.
        """
        stream = FragmentStream(self._size, self._draft.frames, await self._draft.sound.outcome())
        for part in self._draft.parts:
            yield stream.add(await part.outcome())
            self._crew.advance(part.place + _AHEAD)

    async def aclose(self) -> None:
        """Ends the drawing; returns when its threads have ended."""
        self._cancellation.cancel()
        self._running.cancel()
        await asyncio.wait({self._running})


class DraftFilms:
    """Makes drafts; what they have in common is made once. For one event loop. `jobs` units of all drafts are made at a time,
    users in turn."""

    def __init__(self, tools: DraftTools, jobs: int) -> None:
        self._tools = tools
        self._jobs = jobs
        self._slots = FairSemaphore(jobs)
        self._parts: Recent[CodedPart] = Recent(_PARTS_BYTES, lambda part: part.bytes)
        self._stages: Recent[StagedShot] = Recent(_STAGES, lambda _stage: 1)

    async def stream(self, order: DraftOrder, user_id: str = "") -> AsyncGenerator[bytes]:
        """Yields the parts of a draft, as `OpenDraft.parts` does. Raises as `begin` does, too."""
        async with aclosing(await self.begin(order, user_id)) as draft, aclosing(draft.parts()) as parts:
            async for part in parts:
                yield part

    async def begin(self, order: DraftOrder, user_id: str = "") -> OpenDraft:
        """Begins to draw a draft, until `aclose` of what it returns. Raises InputError for one that is too long, ClipError."""
        cancellation = CancellationToken()
        draft = await asyncio.to_thread(self._planned, order, cancellation)
        crew = Crew(draft.units, self._slots, user_id, _AHEAD)
        running = asyncio.create_task(crew.run(self._jobs))
        return OpenDraft(draft, order.spec.size, crew, running, cancellation)

    def _planned(self, order: DraftOrder, cancellation: CancellationToken) -> DraftParts:
        spec, tools = order.spec, self._tools
        timeline = film_timeline(spec, [Item(_name(item), item.frames) for item in order.items])
        if timeline.frames > LONGEST:
            length, most = (round(to_seconds(frames)) for frames in (timeline.frames, LONGEST))
            raise InputError(f"a draft of {length} s is too long to be looked at; the most is {most} s: make the film")
        clips = [self._strip(item, spec) for item in order.items]
        strips = [*_card(CardKind.INTRO, spec, tools), *clips, *_card(CardKind.OUTRO, spec, tools)]
        make_sound = partial(_sound, tools, timeline, spec)
        return DraftParts(timeline, strips, spec.size, make_sound, self._parts, cancellation)

    def _strip(self, item: Shot | Clip, spec: FilmSpec) -> Strip:
        if isinstance(item, Shot):
            return drawn_strip(item, self._tools.engine, self._stages)
        source = item.source
        if source is None:
            raise ClipError(f"{item.id} has no file of which a draft could be made")
        return CodedStrip(item.frames, partial(_conformed, item, source, spec, self._tools), may_sound=True)


def _card(kind: CardKind, spec: FilmSpec, tools: DraftTools) -> list[Strip]:
    is_intro = kind is CardKind.INTRO
    if not (spec.has_intro if is_intro else spec.has_outro):
        return []
    frames = spec.intro_frames if is_intro else spec.outro_frames
    return [CodedStrip(frames, partial(draw_card, kind, spec, tools.maker, tools.pictures))]


def _conformed(clip: Clip, source: Path, spec: FilmSpec, tools: DraftTools) -> Segment:
    return conformed(clip, source, spec, tools.maker, tools.examiner, threads=1, on_frame=no_watch)


def _sound(
    tools: DraftTools, timeline: Timeline, spec: FilmSpec, placed: Sequence[tuple[int, Segment]]
) -> CodedSound | None:
    with span("soundtrack"):
        made = tools.soundtracks.track(timeline, placed, spec.audio, spec.music_seed)
    return None if made is None else read_sound(made.path)


def _name(item: Shot | Clip) -> str:
    return f"the clip of {item.image.path.name}" if isinstance(item, Shot) else item.id
