"""The pictures of one item of a draft: drawn frame by frame, or coded as a whole like cards and bought clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adreel.agents.drafts.cache import Recent
from adreel.agents.shot_pictures import burned_of, captioned_of
from adreel.domain.films.clip import Segment
from adreel.domain.ports import Shot, StagedShot, StagingEngine
from adreel.domain.work.cancellation import CancellationToken
from adreel.media.fragments.coded import CodedPart, encode_part, part_of
from adreel.media.overlays.burned import BurnedCaptions, caption_key
from adreel.media.overlays.footage import StagedFootage
from adreel.media.overlays.overlay import Overlay, plan_overlay
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.store import file_digest, segment_key

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


class NamedEngine(StagingEngine, Protocol):
    """An engine that prepares shots; `name` and `version` as in `FrameEngine`."""

    name: str
    version: str


class Prepared(Protocol):
    """An item that is ready to be shown."""

    def pictures(self, first: int, last: int) -> Iterator[YuvFrame]:
        """Frames [first, last)."""
        ...

    def part(self, first: int, last: int) -> CodedPart:
        """The same, coded."""
        ...


@dataclass(frozen=True, slots=True)
class DrawnFrames:
    """A staged shot with its words, logo and captions."""

    shot: Shot
    staged: StagedShot
    overlay: Overlay | None
    captions: BurnedCaptions | None
    cancellation: CancellationToken

    def pictures(self, first: int, last: int) -> Iterator[YuvFrame]:
        for index in range(first, last):
            self.cancellation.check()
            frame = self.staged.draw(index)
            if self.overlay is not None:
                self.overlay.lay(frame, index)
            if self.captions is not None:
                self.captions.lay(frame, index)
            yield frame

    def part(self, first: int, last: int) -> CodedPart:
        return encode_part(self.pictures(first, last), self.shot.size, last - first)


@dataclass(frozen=True, slots=True)
class SegmentFrames:
    """A segment of the draft's profile."""

    segment: Segment

    def pictures(self, first: int, last: int) -> Iterator[YuvFrame]:
        return decode_frames(self.segment.video, first, last)

    def part(self, first: int, last: int) -> CodedPart:
        return part_of(self.segment, first, last)


@dataclass(frozen=True, slots=True)
class DrawnStrip:
    """A shot that an engine draws. `key` identifies its pictures; `stages` keeps prepared shots."""

    shot: Shot
    engine: NamedEngine
    stages: Recent[StagedShot]
    key: str

    @property
    def frames(self) -> int:
        return self.shot.frames

    def prepare(self, cancellation: CancellationToken) -> Prepared:
        """Stages the shot and places its words. Raises PhotoError, GenerationError, TextError."""
        shot = self.shot
        # A picture leaves room for words by their number: other words are laid over the same pictures.
        key = _staging_key(self.engine, shot, len(shot.words))
        staged = self.stages.find(key) or self.stages.keep(key, self.engine.stage(shot))
        footage = StagedFootage(staged, shot.frames)
        overlay = plan_overlay(captioned_of(shot, shot.frames), footage) if shot.has_overlay else None
        return DrawnFrames(shot, staged, overlay, burned_of(shot, overlay, staged.subject), cancellation)


@dataclass(frozen=True, slots=True)
class CodedStrip:
    """An item that is made as one segment. `may_sound`: a clip of a file, which may have sound of its own."""

    frames: int
    make: Callable[[], Segment]
    may_sound: bool = False

    def prepare(self, _cancellation: CancellationToken) -> SegmentFrames:
        return SegmentFrames(self.make())


Strip = DrawnStrip | CodedStrip


def drawn_strip(shot: Shot, engine: NamedEngine, stages: Recent[StagedShot]) -> DrawnStrip:
    """Reads the photo's file. Raises InputError for an unknown text style."""
    return DrawnStrip(shot, engine, stages, _key(engine, shot))


def _key(engine: NamedEngine, shot: Shot) -> str:
    words = captioned_of(shot, shot.frames).key if shot.has_overlay else ()
    captions = caption_key(shot.captions, shot.caption_style) if shot.captions else ()
    return _staging_key(engine, shot, words, *captions)


def _staging_key(engine: NamedEngine, shot: Shot, *more: object) -> str:
    facts = (shot.scene, shot.size, shot.frames, shot.seed, shot.composed_for)
    return segment_key("draft", engine.name, engine.version, file_digest(shot.image.path), *facts, *more)
