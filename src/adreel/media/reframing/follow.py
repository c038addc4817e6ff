"""Conforms a clip to another aspect by a crop that follows the product. Decodes it twice: small to find it, then to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.errors import RenderError
from adreel.domain.films.box import Box
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.conform import check_hdr, conform_sound, work_limits
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.interpolation import Interpolator, can_be_smoothed, may_be_slowed, picture_times, plan
from adreel.media.clips.raw_pictures import FrameWriter, PictureStream
from adreel.media.ffmpeg import args as ffmpeg_args
from adreel.media.ffmpeg.process import run
from adreel.media.reframing.crop import cropped
from adreel.media.reframing.path import CropPath, plan_path
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.yuv import i420_to_rgb

if TYPE_CHECKING:
    from adreel.domain.ports import FindProduct, YuvFrame
    from adreel.media.clips.raw_pictures import Lay

VERSION = "1"
"""Part of the segment key. Increased when the crop moves or is drawn differently."""

STEP = 5
"""The product is looked for in every fifth frame, six times a second; between them it is where a straight line puts it."""

_SMALL = 384
"""Longer side in pixels of the pictures in which it is looked for."""


def product_path(
    source: Path, info: ClipInfo, size: FrameSize, frames: int, ffmpeg: Path, find: FindProduct, *, smooth: bool
) -> CropPath | None:
    """Where the crop is in each frame of the clip, in pixels of `drawn_size`; None when no product is found."""
    drawn = drawn_size(info, size)
    factor = min(1.0, _SMALL / max(drawn.width, drawn.height))
    small = FrameSize(_even(drawn.width * factor), _even(drawn.height * factor))
    boxes: list[Box | None] = []

    def look(frame: YuvFrame, index: int) -> None:
        if index % STEP == 0 or index == frames - 1:
            found = find(i420_to_rgb(frame))
            boxes.append(None if found is None else _grown(found, small, drawn))

    _pictures(source, info, small, frames, ffmpeg, look, threads=1, smooth=smooth)
    return plan_path(boxes, STEP, frames, drawn, size)


def drawn_size(info: ClipInfo, size: FrameSize) -> FrameSize:
    """The size in which the whole clip is decoded: as it is, or so much smaller that the crop is drawn at the film's size."""
    factor = min(1.0, max(size.width / info.width, size.height / info.height))
    return FrameSize(_even(info.width * factor), _even(info.height * factor))


def conform_following(
    source: Path,
    info: ClipInfo,
    out_video: Path,
    out_sound: Path | None,
    path: CropPath,
    *,
    size: FrameSize,
    frames: int,
    ffmpeg: Path,
    threads: int,
    on_frame: Callable[[int], None],
    smooth: bool,
    lay: Lay | None = None,
    profile: EncoderProfile = EncoderProfile.STANDARD,
) -> None:
    """Like `conform`, along a path of `product_path`. Raises ClipError, RenderError."""
    drawn = drawn_size(info, size)
    with SegmentEncoder(out_video, size, frames, threads=threads, profile=profile) as encoder:
        writer = FrameWriter(encoder, on_frame, lay)

        def draw(frame: YuvFrame, index: int) -> None:
            writer.write(cropped(frame, drawn, path.box(index), size))

        _pictures(source, info, drawn, frames, ffmpeg, draw, threads=threads, smooth=smooth)
    if out_sound is not None:
        conform_sound(source, info, out_sound, frames=frames, ffmpeg=ffmpeg)


def _pictures(
    source: Path,
    info: ClipInfo,
    size: FrameSize,
    frames: int,
    ffmpeg: Path,
    each: Callable[[YuvFrame, int], None],
    *,
    threads: int,
    smooth: bool,
) -> None:
    """Calls `each` with every frame of the film in a size of the clip's own shape."""
    check_hdr(source, info, ffmpeg)
    counted = _Counted(each)
    if smooth and can_be_smoothed(info):
        blends = plan(picture_times(info), frames, slowed=may_be_slowed(info))
        needed = max(blend.last_needed for blend in blends) + 1
        interpolator = Interpolator(blends, size)
        stream = PictureStream(size, lambda picture: counted.all(interpolator.feed(picture)))
        args = ffmpeg_args.pictures_args(ffmpeg, source, info, size, needed, Fit.COVER, threads)
    else:
        stream, needed = PictureStream(size, counted.one), frames
        args = ffmpeg_args.conformed_pictures_args(ffmpeg, source, info, size, frames, Fit.COVER, threads)
    run(args, limits=work_limits(info, frames), on_output=stream.take)
    if stream.count != needed:
        raise RenderError(f"{source} gave {stream.count} pictures instead of {needed}; export it again")


class _Counted:
    """Numbers frames."""

    def __init__(self, each: Callable[[YuvFrame, int], None]) -> None:
        self._each = each
        self._count = 0

    def one(self, frame: YuvFrame) -> None:
        self._each(frame, self._count)
        self._count += 1

    def all(self, frames: Iterable[YuvFrame]) -> None:
        for frame in frames:
            self.one(frame)


def _grown(box: Box, small: FrameSize, drawn: FrameSize) -> Box:
    across, down = drawn.width / small.width, drawn.height / small.height
    return Box(box.left * across, box.top * down, box.right * across, box.bottom * down)


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))
