"""Frame interpolation: draws intermediate pictures for a clip of low frame rate instead of repeating its own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.errors import RenderError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FPS, FrameSize
from adreel.media.clips.conform import check_hdr, conform_sound, work_limits
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.optical_flow import Between, MotionFinder
from adreel.media.clips.raw_pictures import FrameWriter, PictureStream
from adreel.media.ffmpeg import args as ffmpeg_args
from adreel.media.ffmpeg.process import run
from adreel.media.segments.encoder import SegmentEncoder

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame
    from adreel.media.clips.raw_pictures import Lay


SMOOTH_BELOW = 24
"""Frame rate (fps) from which a clip is not interpolated: the familiar rate of cinema. Below it, repeated pictures stutter."""

SLOWEST = Fraction(85, 100)
"""Lowest speed to which a too short clip is slowed, so that it ends in motion: hardly visible in a camera move, unlike a frozen
end."""

_SAME = Fraction(1, 50)
"""A frame this close to a picture, as a fraction of the interval, is that picture: containers round timestamps."""


@dataclass(frozen=True, slots=True)
class Blend:
    """A frame between pictures `left` and `right` (indices). At `position` 0 it is `left`, and `right` is not needed."""

    left: int
    right: int
    position: float

    @property
    def last_needed(self) -> int:
        """Index of the last picture that the frame needs."""
        return self.right if self.position else self.left


def can_be_smoothed(info: ClipInfo) -> bool:
    """Whether a clip has a constant rate below `SMOOTH_BELOW`; in a variable-rate clip, long pictures are intentional."""
    return info.fps is not None and info.fps < SMOOTH_BELOW and not info.is_vfr


def picture_times(info: ClipInfo) -> list[Fraction]:
    """Seconds from the first picture of a clip that can be smoothed, one for each picture."""
    step = 1 / info.fps if info.fps else Fraction(0)
    return [step * index for index in range(info.frames)]


def may_be_slowed(info: ClipInfo) -> bool:
    """Whether a clip may be slowed: one with its own sound keeps its speed."""
    return can_be_smoothed(info) and not info.has_audio


def frames_within_reach(info: ClipInfo, requested: int) -> int:
    """How many of the `requested` frames an interpolated clip fills, slowed down to `SLOWEST` if needed."""
    slowest = SLOWEST if may_be_slowed(info) else 1
    return min(requested, int(info.film_frames / slowest))


def plan(times: Sequence[Fraction], frames: int, *, slowed: bool = True) -> list[Blend]:
    """The blend of each of `frames` film frames; `times` are the pictures' times in seconds, ascending.

    Frames before the first picture show the first, frames after the last show the last. With `slowed`, a too short clip is
    slowed, down to `SLOWEST`, so that its last picture falls on the last frame.
    """
    end = Fraction(frames - 1, FPS)
    short = slowed and times[-1] < end
    speed = max(SLOWEST, times[-1] / end) if short else Fraction(1)
    return [_blend(times, speed * index / FPS) for index in range(frames)]


def _blend(times: Sequence[Fraction], moment: Fraction) -> Blend:
    left = bisect_right(times, moment) - 1
    if left < 0:
        return Blend(0, 0, 0)
    if left == len(times) - 1:
        return Blend(left, left, 0)
    position = (moment - times[left]) / (times[left + 1] - times[left])
    if position > 1 - _SAME:
        return Blend(left + 1, left + 1, 0)
    return Blend(left, left + 1, float(position) if position >= _SAME else 0)


VERSION = "1"
"""Part of the segment key. Increased when intermediate pictures are drawn differently."""


class Interpolator:
    """Converts a clip's pictures, one after another, to the frames of a plan; holds two pictures at a time.

    Deterministic, independent of the number of processors.
    """

    def __init__(self, blends: Sequence[Blend], size: FrameSize) -> None:
        self._blends = blends
        self._size = size
        self._emitted = 0
        self._consumed = 0
        self._last: YuvFrame | None = None
        self._motion = MotionFinder()

    def feed(self, picture: YuvFrame) -> Iterator[YuvFrame]:
        """Consumes the clip's next I420 picture and yields the frames that are now complete. Exhaust the iterator.

        Frames at a picture's own time are that picture, the same array. Between pictures of different scenes the nearer one is
        repeated: a cut stays a cut.
        """
        between = self._between(picture) if self._needs_motion() else None
        while self._emitted < len(self._blends) and self._blends[self._emitted].last_needed <= self._consumed:
            blend = self._blends[self._emitted]
            yield self._frame(blend, picture, between)
            self._emitted += 1
        self._last = picture
        self._consumed += 1

    def _needs_motion(self) -> bool:
        """Whether any frame lies between the previous picture and the current one."""
        rest = self._blends[self._emitted :]
        return any(blend.position and blend.right == self._consumed for blend in rest)

    def _between(self, picture: YuvFrame) -> Between | None:
        if self._last is None or np.array_equal(self._last, picture):
            return None
        rows = self._size.height
        motion = self._motion.find(self._last[:rows], picture[:rows])
        if motion is None or motion.is_cut:
            return None
        return Between(self._last, picture, self._size, motion)

    def _frame(self, blend: Blend, picture: YuvFrame, between: Between | None) -> YuvFrame:
        if blend.position and between is not None:
            return between.at(blend.position)
        nearest = blend.right if blend.position >= 0.5 else blend.left
        return picture if nearest == self._consumed or self._last is None else self._last


def smooth(
    source: Path,
    info: ClipInfo,
    out_video: Path,
    out_sound: Path | None,
    *,
    size: FrameSize,
    frames: int,
    fit: Fit,
    ffmpeg: Path,
    threads: int,
    on_frame: Callable[[int], None],
    lay: Lay | None = None,
    profile: EncoderProfile = EncoderProfile.STANDARD,
) -> None:
    """Like `conform`, for clips that `can_be_smoothed`: draws intermediate frames and encodes all frames once, with what is
    laid over them.

    Raises ClipError for an unusable clip, RenderError when ffmpeg fails or returns too few pictures.
    """
    check_hdr(source, info, ffmpeg)
    blends = plan(picture_times(info), frames, slowed=may_be_slowed(info))
    needed = max(blend.last_needed for blend in blends) + 1
    limits = work_limits(info, frames)
    args = ffmpeg_args.pictures_args(ffmpeg, source, info, size, needed, fit, threads)
    with SegmentEncoder(out_video, size, frames, threads=threads, profile=profile) as encoder:
        interpolator, writer = Interpolator(blends, size), FrameWriter(encoder, on_frame, lay)

        def each(picture: YuvFrame) -> None:
            for frame in interpolator.feed(picture):
                writer.write(frame)

        stream = PictureStream(size, each)
        run(args, limits=limits, on_output=stream.take)
        if stream.count != needed:
            raise RenderError(f"{source} gave {stream.count} pictures instead of {needed}; export it again")
    if out_sound is not None:
        conform_sound(source, info, out_sound, frames=frames, ffmpeg=ffmpeg)
