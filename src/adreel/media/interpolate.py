"""Brings a clip of low frame rate to the film's by drawing the pictures that it lacks, instead of repeating those it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.errors import RenderError
from adreel.domain.fit import Fit
from adreel.domain.formats import FrameSize
from adreel.media import ffmpeg_args
from adreel.media.clip_info import ClipInfo
from adreel.media.conform import check_hdr, conform_sound, work_limits
from adreel.media.encoder import SegmentEncoder
from adreel.media.ffmpeg import run
from adreel.media.in_between import Between
from adreel.media.motion_plan import Blend, may_be_slowed, picture_times, plan
from adreel.media.optical_flow import MotionFinder

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

VERSION = "1"
"""Goes up when in-between pictures are drawn differently, so that older segments are not taken from the store."""


class Interpolator:
    """Takes a clip's pictures one after the other and gives the frames of a plan; holds two pictures at a time.

    The same pictures give the same frames, on any number of processors.
    """

    def __init__(self, blends: Sequence[Blend], size: FrameSize) -> None:
        self._blends = blends
        self._size = size
        self._given = 0
        self._taken = 0
        self._last: YuvFrame | None = None
        self._motion = MotionFinder()

    def feed(self, picture: YuvFrame) -> Iterator[YuvFrame]:
        """The next I420 picture of the clip in; out come the frames for which it was wanting. Exhaust it each time.

        Frames at a picture's own time are that picture, the same array. Between pictures of unlike scenes the nearer one is
        held: a cut stays a cut.
        """
        between = self._between(picture) if self._is_wanted() else None
        while self._given < len(self._blends) and self._blends[self._given].last_needed <= self._taken:
            blend = self._blends[self._given]
            yield self._frame(blend, picture, between)
            self._given += 1
        self._last = picture
        self._taken += 1

    def _is_wanted(self) -> bool:
        """Whether any frame lies between the picture before and the one just taken."""
        rest = self._blends[self._given :]
        return any(blend.position and blend.right == self._taken for blend in rest)

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
        return picture if nearest == self._taken or self._last is None else self._last


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
) -> None:
    """As `conform`, for clips that `can_be_smoothed`: the frames that the clip lacks are drawn, and all are encoded once.

    Raises ClipError for a clip that cannot be used, RenderError when ffmpeg fails or gives too few pictures.
    """
    check_hdr(source, info, ffmpeg)
    blends = plan(picture_times(info), frames, slowed=may_be_slowed(info))
    needed = max(blend.last_needed for blend in blends) + 1
    limits = work_limits(info, frames)
    args = ffmpeg_args.pictures_args(ffmpeg, source, info, size, needed, fit, threads)
    with SegmentEncoder(out_video, size, frames, threads=threads) as encoder:
        writer = _Writer(Interpolator(blends, size), encoder, size, on_frame)
        run(args, limits=limits, on_output=writer.take)
        if writer.pictures != needed:
            raise RenderError(f"{source} gave {writer.pictures} pictures instead of {needed}; export it again")
    if out_sound is not None:
        conform_sound(source, info, out_sound, frames=frames, ffmpeg=ffmpeg)


class _Writer:
    """Cuts a stream of bytes into pictures and writes the frames made of them."""

    def __init__(
        self, interpolator: Interpolator, encoder: SegmentEncoder, size: FrameSize, on_frame: Callable[[int], None]
    ) -> None:
        self._interpolator = interpolator
        self._encoder = encoder
        self._shape = size.height * 3 // 2, size.width
        self._on_frame = on_frame
        self._rest = bytearray()
        self._written = 0
        self.pictures = 0

    def take(self, chunk: bytes) -> None:
        self._rest += chunk
        length = self._shape[0] * self._shape[1]
        while len(self._rest) >= length:
            picture = np.frombuffer(bytes(self._rest[:length]), np.uint8).reshape(self._shape)
            del self._rest[:length]
            self._write(picture)

    def _write(self, picture: YuvFrame) -> None:
        self.pictures += 1
        for frame in self._interpolator.feed(picture):
            self._encoder.write(frame)
            self._written += 1
            self._on_frame(self._written)
