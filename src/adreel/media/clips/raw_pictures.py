"""A byte stream of raw pictures, and clips conformed to raw pictures that something is laid over before they are encoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.errors import RenderError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.conform import check_hdr, conform_sound, dropped_packets, work_limits
from adreel.media.clips.info import ClipInfo
from adreel.media.ffmpeg import args as ffmpeg_args
from adreel.media.ffmpeg.process import run
from adreel.media.segments.encoder import SegmentEncoder

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

    Lay = Callable[[YuvFrame, int], YuvFrame]
    """Gives the frame of this index with its overlays; the frame itself stays unchanged."""


class PictureStream:
    """Splits a byte stream into I420 pictures and hands each to `each`. `count` is the number so far."""

    def __init__(self, size: FrameSize, each: Callable[[YuvFrame], None]) -> None:
        self._shape = size.height * 3 // 2, size.width
        self._each = each
        self._rest = bytearray()
        self.count = 0

    def take(self, chunk: bytes) -> None:
        self._rest += chunk
        length = self._shape[0] * self._shape[1]
        while len(self._rest) >= length:
            picture = np.frombuffer(bytes(self._rest[:length]), np.uint8).reshape(self._shape)
            del self._rest[:length]
            self.count += 1
            self._each(picture)


class FrameWriter:
    """Encodes frames in their order, with their overlays."""

    def __init__(self, encoder: SegmentEncoder, on_frame: Callable[[int], None], lay: Lay | None) -> None:
        self._encoder = encoder
        self._on_frame = on_frame
        self._lay = lay
        self._written = 0

    def write(self, frame: YuvFrame) -> None:
        self._encoder.write(frame if self._lay is None else self._lay(frame, self._written))
        self._written += 1
        self._on_frame(self._written)


def conform_laid(
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
    lay: Lay | None,
    profile: EncoderProfile = EncoderProfile.STANDARD,
) -> None:
    """Like `conform.conform`, with something laid over each frame before its only encoding. Raises ClipError, RenderError."""
    check_hdr(source, info, ffmpeg)
    dropped = dropped_packets(source, info, frames, ffmpeg)
    args = ffmpeg_args.conformed_pictures_args(ffmpeg, source, info, size, frames, fit, threads, dropped)
    with SegmentEncoder(out_video, size, frames, threads=threads, profile=profile) as encoder:
        stream = PictureStream(size, FrameWriter(encoder, on_frame, lay).write)
        run(args, limits=work_limits(info, frames), on_output=stream.take)
        if stream.count != frames:
            raise RenderError(f"{source} gave {stream.count} frames instead of {frames}; export it again")
    if out_sound is not None:
        conform_sound(source, info, out_sound, frames=frames, ffmpeg=ffmpeg)
