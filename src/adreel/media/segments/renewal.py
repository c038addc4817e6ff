"""Segments of shots whose words change often: other words are laid over kept frames, which are not drawn again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adreel.domain.films.clip import Segment
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import FrameSize
from adreel.media.overlays.overlay import Captioned, Footage, plan_overlay
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.render import OnFrame, SegmentMaker, no_watch, write
from adreel.media.segments.store import segment_key
from adreel.media.segments.underlay import VERSION, KeptFootage, joined_parts, worded_frames, write_subject
from adreel.media.worded_frames import Words


def renewed(
    maker: SegmentMaker,
    bare_key: str,
    captioned: Captioned,
    footage: Callable[[], Footage],
    *,
    threads: int,
    on_frame: OnFrame,
) -> Segment:
    """The segment of a shot whose words change often. Its frames without words are kept under `bare_key`, so that `footage`
    is called only once for all words. Raises as drawing does, and TextError for words that cannot be shown or read."""
    size, frames, profile = captioned.size, captioned.frames, EncoderProfile.RENEWED
    bare = _underlay(maker.of(EncoderProfile.UNDERLAY), bare_key, size, frames, footage, threads)
    count = worded_frames(captioned)
    tail = _tail(maker.of(profile), bare, count) if count < frames else None

    def draw(video: Path, _sound: Path) -> Words:
        kept = KeptFootage(bare, count)
        overlay = plan_overlay(captioned, kept)
        head = video if tail is None else video.with_name("head.mp4")
        with SegmentEncoder(head, size, count, threads=threads, profile=profile, continued=tail is not None) as encoder:
            write(encoder, overlay.over(kept.frames()), on_frame)
        if tail is not None:
            joined_parts(head, tail, video)
        return overlay.words

    key = segment_key("renewed", VERSION, bare.key, *captioned.key)
    return maker.of(profile).make(key, size, frames, draw, "drawn")


def _tail(maker: SegmentMaker, bare: Segment, first: int) -> Segment:
    """The frames of an underlay from `first` on, over which no words are laid."""

    def draw(video: Path, _sound: Path) -> Words:
        with SegmentEncoder(video, bare.size, bare.frames - first, profile=maker.profile) as encoder:
            write(encoder, decode_frames(bare.video, first), no_watch)
        return ()

    key = segment_key("renewed tail", VERSION, bare.key, first)
    return maker.make(key, bare.size, bare.frames - first, draw, "underlay")


def _underlay(
    maker: SegmentMaker, key: str, size: FrameSize, frames: int, footage: Callable[[], Footage], threads: int
) -> Segment:
    """The frames of a shot without words, with where its subject is."""

    def draw(video: Path, _sound: Path) -> Words:
        found = footage()
        write_subject(maker.file_of(key), found.subject)
        with SegmentEncoder(video, size, frames, threads=threads, cuttable=False, profile=maker.profile) as encoder:
            write(encoder, found.frames(), no_watch)
        return ()

    return maker.make(key, size, frames, draw, "underlay")
