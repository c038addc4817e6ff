"""Makes segments from an engine's frames, cards, crossfades and external clips.

A crossfade encodes only its own frames; the neighbouring segments stay bit-exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import cv2

from adreel.domain.films.clip import Segment
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import TRANSITION_FRAMES, FrameSize
from adreel.domain.films.shown_words import Words
from adreel.domain.ports import ProductPicture
from adreel.media.cards.card import CardSpec, card_frames
from adreel.media.cards.logo import identified
from adreel.media.clips import interpolation as interpolate
from adreel.media.clips.conform import conform
from adreel.media.clips.interpolation import can_be_smoothed
from adreel.media.clips.probe import ClipInfo
from adreel.media.clips.raw_pictures import conform_laid
from adreel.media.end_cards.end_card import VERSION as END_CARD_VERSION
from adreel.media.end_cards.end_card import EndCardSpec, end_card_frames
from adreel.media.end_cards.intro_card import VERSION as INTRO_VERSION
from adreel.media.end_cards.intro_card import IntroCardSpec, intro_frames
from adreel.media.ffmpeg.filters import conform_chain, place
from adreel.media.overlays.burned import NO_CAPTIONS, ClipCaptions
from adreel.media.overlays.overlay import Captioned, plan_overlay
from adreel.media.reframing.follow import VERSION as FOLLOW_VERSION
from adreel.media.reframing.follow import conform_following, product_path
from adreel.media.reframing.path import CropPath
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.footage import SegmentFootage
from adreel.media.segments.parts import Divided, write_parts
from adreel.media.segments.store import Draw, SegmentStore, file_digest, profiled_key, segment_key
from adreel.media.worded_frames import words_of

if TYPE_CHECKING:
    from adreel.domain.ports import FindProduct, YuvFrame
    from adreel.media.clips.raw_pictures import Lay


def crossfade_frames(left: Segment, right: Segment) -> Iterator[YuvFrame]:
    """TRANSITION_FRAMES pictures that fade from the end of `left` to the beginning of `right`."""
    tail = decode_frames(left.video, left.frames - TRANSITION_FRAMES, left.frames)
    return faded(tail, decode_frames(right.video, 0, TRANSITION_FRAMES))


def faded(tail: Iterable[YuvFrame], head: Iterable[YuvFrame]) -> Iterator[YuvFrame]:
    """TRANSITION_FRAMES pictures that fade from `tail` to `head`, which are as many."""
    for index, (old, new) in enumerate(zip(tail, head, strict=True)):
        share = weight(index)
        yield cv2.addWeighted(old, 1 - share, new, share, 0).astype("uint8", copy=False)


def weight(index: int) -> float:
    """Share of the new picture in frame `index` of a crossfade, in even steps strictly between 0 and 1."""
    return (index + 1) / (TRANSITION_FRAMES + 1)


OnFrame = Callable[[int], None]
"""Called with the number of frames done so far; an exception it raises, such as CancelledError, stops the work."""


_CARDS_VERSION = "5"
"""Part of the segment key. Increased when cards are drawn differently."""


def no_watch(_done: int) -> None:
    """An `OnFrame` that does nothing."""


class SegmentMaker:
    """Makes each segment once, in the calling thread, and stores it.

    `threads` is the number of encoder threads. It is not part of a segment's key: it does not visibly change the picture.
    `profile` encodes all of them; segments of STANDARD and FAST join one another.
    """

    def __init__(
        self,
        store: SegmentStore,
        ffmpeg: Path,
        profile: EncoderProfile = EncoderProfile.STANDARD,
        find: FindProduct | None = None,
    ) -> None:
        """`find` finds the product in clips whose crop follows it; without it they are shown whole."""
        self._store = store
        self._find = find
        self._ffmpeg = ffmpeg
        self.profile = profile

    def of(self, profile: EncoderProfile) -> SegmentMaker:
        """A maker of segments of another profile, with the same store."""
        return self if profile is self.profile else SegmentMaker(self._store, self._ffmpeg, profile, self._find)

    def make(self, key: str, size: FrameSize, frames: int, draw: Draw, kind: str) -> Segment:
        """The segment of this key: the stored one, else drawn by `draw` and stored. `kind` names what it shows in errors."""
        return self._store.make(profiled_key(key, self.profile), size, frames, draw, kind=kind)

    def from_frames(
        self,
        key: str,
        size: FrameSize,
        frames: int,
        pictures: Callable[[], Iterable[YuvFrame]],
        *,
        threads: int,
        on_frame: OnFrame,
        divided: Divided | None = None,
    ) -> Segment:
        """The segment of an engine's frames, encoded as they are drawn, in parts where it is `divided`. `pictures` is called only
        on a cache miss."""

        def draw(video: Path, _sound: Path) -> Words:
            drawn = pictures()
            if divided is None:
                with SegmentEncoder(video, size, frames, threads=threads, profile=self.profile) as encoder:
                    write(encoder, drawn, on_frame)
            else:
                ending, profile = partial(self._ending, size), self.profile
                write_parts(video, divided, drawn, ending, threads=threads, profile=profile, on_frame=on_frame)
            return words_of(drawn)

        return self.make(key, size, frames, draw, "drawn")

    def file_of(self, key: str) -> Path:
        """Where the segment of this key is or will be."""
        return self._store.file_of(profiled_key(key, self.profile))

    def has(self, key: str) -> bool:
        """Whether the segment of this key is there."""
        return self._store.find(profiled_key(key, self.profile)) is not None

    def _ending(self, size: FrameSize, key: str, frames: int, pictures: Iterator[YuvFrame]) -> Segment:
        def draw(video: Path, _sound: Path) -> Words:
            with SegmentEncoder(video, size, frames, profile=self.profile) as encoder:
                write(encoder, pictures, no_watch)
            return ()

        return self.make(key, size, frames, draw, "ending")

    def card(self, spec: CardSpec, *, cuttable: bool) -> Segment:
        """The segment of a title card. Raises TextError for text that cannot be shown.

        `cuttable` adds key frames for crossfades, which increases a card's encoding time by half.
        """

        def draw(video: Path, _sound: Path) -> Words:
            drawn = card_frames(spec)
            with SegmentEncoder(
                video, spec.size, spec.frames, still=True, cuttable=cuttable, profile=self.profile
            ) as encoder:
                write(encoder, _prefetched(drawn), no_watch)
            return drawn.words

        key = segment_key("card", _CARDS_VERSION, spec, cuttable)
        return self.make(key, spec.size, spec.frames, draw, "card")

    def end_card(
        self, spec: EndCardSpec, digest: str, picture: Callable[[], ProductPicture], *, cuttable: bool
    ) -> Segment:
        """The segment of an end card. `digest` identifies the photo, whose `picture` is read only on a cache miss. Raises
        TextError, InputError, PhotoError."""

        def draw(video: Path, _sound: Path) -> Words:
            drawn = end_card_frames(spec, picture())
            # The product moves slowly on a still ground: a fifth of the time, and the picture is better (decision 0113).
            with SegmentEncoder(
                video, spec.size, spec.frames, threads=2, still=True, cuttable=cuttable, profile=self.profile
            ) as encoder:
                write(encoder, _prefetched(drawn), no_watch)
            return drawn.words

        logo = identified(spec.look.logo) if spec.look.logo else None
        look = replace(spec.look, photo=Path(digest), logo=logo)
        key = segment_key("end card", END_CARD_VERSION, replace(spec, look=look), cuttable)
        return self.make(key, spec.size, spec.frames, draw, "card")

    def intro(
        self, spec: IntroCardSpec, digest: str, picture: Callable[[], ProductPicture], *, cuttable: bool
    ) -> Segment:
        """The segment of an intro with the product; `digest` and `picture` as in `end_card`. Raises TextError, PhotoError."""

        def draw(video: Path, _sound: Path) -> Words:
            drawn = intro_frames(spec, picture())
            with SegmentEncoder(video, spec.size, spec.frames, cuttable=cuttable, profile=self.profile) as encoder:
                write(encoder, _prefetched(drawn), no_watch)
            return drawn.words

        key = segment_key("intro", INTRO_VERSION, spec, digest, cuttable)
        return self.make(key, spec.size, spec.frames, draw, "card")

    def crossfade(self, left: Segment, right: Segment) -> Segment:
        """The segment of a crossfade between two segments of the same size."""

        def draw(video: Path, _sound: Path) -> Words:
            with SegmentEncoder(video, left.size, TRANSITION_FRAMES, profile=self.profile) as encoder:
                write(encoder, crossfade_frames(left, right), no_watch)
            return ()

        key = segment_key("crossfade", left.key, right.key)
        return self.make(key, left.size, TRANSITION_FRAMES, draw, "crossfade")

    def from_clip(
        self,
        source: Path,
        info: ClipInfo,
        size: FrameSize,
        frames: int,
        fit: Fit,
        *,
        threads: int,
        on_frame: OnFrame,
        smooth: bool = False,
    ) -> Segment:
        """The segment of an external clip, conformed to `size`. Raises ClipError, RenderError.

        With `smooth`, a clip of low frame rate is interpolated; otherwise its pictures are repeated.
        """
        is_smoothed = smooth and can_be_smoothed(info)
        render = interpolate.smooth if is_smoothed else conform
        conforming = Conforming(source, info, size, frames, fit, threads, on_frame)

        def draw(video: Path, sound: Path) -> Words:
            path = self._path(conforming, smooth=is_smoothed)
            if path is None:
                render(*conforming.files(video, sound), **conforming.options(self._ffmpeg, self.profile))
            else:
                self._follow(conforming, path, video, sound, smooth=is_smoothed)
            return ()

        return self.make(conforming.key(smoothed=is_smoothed), size, frames, draw, "conformed")

    def _path(self, conforming: Conforming, *, smooth: bool) -> CropPath | None:
        """Where the crop of a clip goes that is to follow the product; None where the clip is not cropped so."""
        if conforming.fit is not Fit.FOLLOW or self._find is None:
            return None
        given, info = conforming, conforming.info
        whole = place(info.width, info.height, given.size, Fit.BLUR)
        if whole.width >= given.size.width and whole.height >= given.size.height:
            return None
        return product_path(given.source, info, given.size, given.frames, self._ffmpeg, self._find, smooth=smooth)

    def _follow(
        self, conforming: Conforming, path: CropPath, video: Path, sound: Path, *, smooth: bool, lay: Lay | None = None
    ) -> None:
        conform_following(
            *conforming.files(video, sound),
            path,
            size=conforming.size,
            frames=conforming.frames,
            ffmpeg=self._ffmpeg,
            threads=conforming.threads,
            on_frame=conforming.on_frame,
            smooth=smooth,
            lay=lay,
            profile=self.profile,
        )

    def from_clip_with_words(
        self,
        source: Path,
        info: ClipInfo,
        captioned: Captioned,
        fit: Fit,
        *,
        threads: int,
        on_frame: OnFrame,
        smooth: bool = False,
        captions: ClipCaptions = NO_CAPTIONS,
    ) -> Segment:
        """The same with words and captions laid over it before its only encoding. Words are measured against the segment without
        them, which is made first. Raises ClipError, RenderError, and TextError for words that cannot be shown or read."""
        size, frames = captioned.size, captioned.frames
        bare = self.from_clip(source, info, size, frames, fit, threads=threads, on_frame=no_watch, smooth=smooth)
        is_smoothed = smooth and can_be_smoothed(info)
        render = interpolate.smooth if is_smoothed else conform_laid
        conforming = Conforming(source, info, size, frames, fit, threads, on_frame)

        def draw(video: Path, sound: Path) -> Words:
            overlay = plan_overlay(captioned, SegmentFootage(bare))
            lay = captions.over(overlay)
            path = self._path(conforming, smooth=is_smoothed)
            if path is None:
                options = conforming.options(self._ffmpeg, self.profile)
                render(*conforming.files(video, sound), **options, lay=lay)
            else:
                self._follow(conforming, path, video, sound, smooth=is_smoothed, lay=lay)
            return overlay.words

        return self.make(segment_key(bare.key, *captioned.key, *captions.key), size, frames, draw, "conformed")


@dataclass(frozen=True, slots=True)
class Conforming:
    """What the conforming of an external clip depends on."""

    source: Path
    info: ClipInfo
    size: FrameSize
    frames: int
    fit: Fit
    threads: int
    on_frame: OnFrame

    def key(self, *, smoothed: bool) -> str:
        """The filters are part of the key: a change of the filters makes another segment."""
        kind = f"smoothed {interpolate.VERSION}" if smoothed else "given"
        chain = conform_chain(self.info, self.size, self.frames, self.fit)
        follows = (f"following {FOLLOW_VERSION}",) if self.fit is Fit.FOLLOW else ()
        return segment_key(kind, file_digest(self.source), self.frames, self.size, chain, *follows)

    def files(self, video: Path, sound: Path) -> tuple[Path, ClipInfo, Path, Path | None]:
        return self.source, self.info, video, sound if self.info.has_audio else None

    def options(self, ffmpeg: Path, profile: EncoderProfile) -> _Options:
        return {
            "size": self.size,
            "frames": self.frames,
            # A clip in which no product is found is shown whole.
            "fit": Fit.BLUR if self.fit is Fit.FOLLOW else self.fit,
            "ffmpeg": ffmpeg,
            "threads": self.threads,
            "on_frame": self.on_frame,
            "profile": profile,
        }


class _Options(TypedDict):
    size: FrameSize
    frames: int
    fit: Fit
    ffmpeg: Path
    threads: int
    on_frame: OnFrame
    profile: EncoderProfile


def _prefetched(pictures: Iterable[YuvFrame]) -> Iterator[YuvFrame]:
    """The same pictures; the next one is drawn while the caller processes the current one."""
    with ThreadPoolExecutor(1) as executor:
        source = iter(pictures)
        following = executor.submit(next, source, None)
        while (picture := following.result()) is not None:
            following = executor.submit(next, source, None)
            yield picture


def write(encoder: SegmentEncoder, pictures: Iterable[YuvFrame], on_frame: OnFrame) -> None:
    for done, picture in enumerate(pictures, start=1):
        encoder.write(picture)
        on_frame(done)
