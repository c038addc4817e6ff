"""The pictures of a drawn shot, with its words, logo and captions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from adreel.domain.ad import USUAL_STYLE
from adreel.domain.errors import AdreelError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.subject import Subject
from adreel.domain.ports import FrameEngine, Shot
from adreel.media import thumbnails
from adreel.media.overlays.burned import BurnedCaptions, caption_key, captioned_frames
from adreel.media.overlays.caption_style import caption_style
from adreel.media.overlays.footage import StagedFootage, footage_of
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned, Overlay, plan_overlay
from adreel.media.segments.parts import Divided
from adreel.media.segments.renewal import renewed
from adreel.media.segments.store import file_digest, segment_key
from adreel.media.worded_frames import WordedFrames

if TYPE_CHECKING:
    from adreel.domain.films.clip import Segment
    from adreel.domain.ports import YuvFrame
    from adreel.media.segments.render import OnFrame, SegmentMaker


def pictures_of(engine: FrameEngine, shot: Shot) -> Iterator[YuvFrame]:
    """The frames of a shot. Raises TextError for words and captions that cannot be shown or read."""
    if not shot.has_overlay and not shot.captions:
        return engine.frames(shot)
    footage = footage_of(engine, shot)
    overlay = plan_overlay(captioned_of(shot, shot.frames), footage) if shot.has_overlay else None
    burned = burned_of(shot, overlay, footage.subject)

    def laid(frames: Iterable[YuvFrame], first: int) -> Iterator[YuvFrame]:
        frames = iter(frames) if overlay is None else overlay.over(frames, first)
        return frames if burned is None else captioned_frames(burned, frames, first)

    words = () if overlay is None else overlay.words
    if not isinstance(footage, StagedFootage):
        return WordedFrames(words, laid(footage.frames(), 0))
    between = footage.between
    return WordedFrames(words, laid(footage.frames(), 0), lambda first, last: laid(between(first, last), first))


def key_of(engine: FrameEngine, shot: Shot) -> str:
    """The key of a drawn shot's segment. A shot without words, and one that is no draft, keep the keys that they had before there
    were any. Raises InputError for an unknown style, PhotoError for a logo that cannot be read."""
    words = captioned_of(shot, shot.frames).key if shot.has_overlay else ()
    composed = (shot.composed_for,) if shot.composed_for else ()
    captions = caption_key(shot.captions, shot.caption_style) if shot.captions else ()
    facts = (shot.scene, shot.size, shot.frames, shot.seed, *words, *composed, *captions)
    return segment_key("drawn", engine.name, engine.version, file_digest(shot.image.path), *facts)


def missing_of(maker: SegmentMaker, engine: FrameEngine, shots: Sequence[Shot]) -> list[int]:
    """The numbers of the shots that have no segment yet, among them those with a fault: it is reported where they are drawn."""
    return [index for index, shot in enumerate(shots) if not _is_there(maker, engine, shot)]


def _is_there(maker: SegmentMaker, engine: FrameEngine, shot: Shot) -> bool:
    try:
        return maker.has(key_of(engine, shot))
    except (AdreelError, OSError):
        return False


def division_of(engine: FrameEngine, shot: Shot) -> Divided | None:
    """How a shot with an overlay is encoded; None for one without. Its last frames are the same for all words, as many as these:
    a picture leaves room for words by their number. A logo and captions are there to the end."""
    if not shot.has_overlay and not shot.captions:
        return None
    if not shot.words or shot.mark or shot.captions:
        return Divided(shot.size, shot.frames)
    facts = (shot.scene, shot.size, shot.frames, shot.seed, shot.composed_for, len(shot.words))
    photo = file_digest(shot.image.path)
    return Divided(shot.size, shot.frames, segment_key("ending", engine.name, engine.version, photo, *facts))


def segment_of(
    maker: SegmentMaker, engine: FrameEngine, shot: Shot, profile: EncoderProfile, *, threads: int, on_frame: OnFrame
) -> Segment:
    """The segment of a drawn shot. Raises as drawing and `pictures_of` do."""
    if shot.words_change and shot.words and not shot.captions and profile is not EncoderProfile.DRAFT:
        return _renewed(maker, engine, shot, threads, on_frame)
    return maker.of(profile).from_frames(
        key_of(engine, shot),
        shot.size,
        shot.frames,
        lambda: pictures_of(engine, shot),
        threads=threads,
        on_frame=on_frame,
        divided=division_of(engine, shot),
    )


def _renewed(maker: SegmentMaker, engine: FrameEngine, shot: Shot, threads: int, on_frame: OnFrame) -> Segment:
    # Engines leave room for as many words; what the words are does not change the frames.
    facts = (shot.scene, shot.size, shot.frames, shot.seed, shot.composed_for, len(shot.words))
    key = segment_key("underlay", engine.name, engine.version, file_digest(shot.image.path), *facts)
    captioned = captioned_of(shot, shot.frames)
    return renewed(maker, key, captioned, lambda: footage_of(engine, shot), threads=threads, on_frame=on_frame)


def middle_of(engine: FrameEngine, shot: Shot) -> bytes:
    """The middle frame as a small WebP."""
    return thumbnails.of_frame(next(islice(pictures_of(engine, shot), shot.frames // 2, None)))


def captioned_of(shot: Shot, frames: int) -> Captioned:
    """The words of a shot of `frames` frames. Raises InputError for an unknown style."""
    return Captioned(shot.words, text_style(shot.text_style or USUAL_STYLE), shot.size, frames, mark=shot.mark)


def burned_of(shot: Shot, overlay: Overlay | None, subject: Subject | None) -> BurnedCaptions | None:
    """The captions of a shot, clear of its words and the label of its subject; None without any. Raises as `BurnedCaptions`
    does."""
    if not shot.captions:
        return None
    boxes = () if overlay is None else overlay.boxes
    return BurnedCaptions(shot.captions, caption_style(shot.caption_style), shot.size, boxes, subject)
