"""Encodes frames in memory to a segment, in this process."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import PictureType

from adreel.domain.errors import AdreelError, RenderError, StorageError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import FPS, FrameSize
from adreel.domain.machine_faults import fault_or
from adreel.media.segments import x264 as encoding
from adreel.media.segments.instructions import x264_instructions
from adreel.media.yuv import plane_views

if TYPE_CHECKING:
    from collections.abc import Collection
    from io import BytesIO
    from types import TracebackType

    from av.video.stream import VideoStream

    from adreel.domain.ports import YuvFrame

_FRAME_TIME = Fraction(1, FPS)


def _x264_params(profile: EncoderProfile, width: int, *, still: bool) -> str:
    """The x264 parameters of a segment, with the instruction sets that make the output deterministic."""
    params, instructions = encoding.x264_params(profile, still=still), x264_instructions(width)
    return params if instructions is None else f"{params}:asm={instructions}"


def _blank(size: FrameSize) -> av.VideoFrame:
    picture = av.VideoFrame(size.width, size.height, encoding.PIXEL_FORMAT)
    picture.time_base, picture.duration = _FRAME_TIME, 1
    return picture


class SegmentEncoder:
    """Writes one closed segment of exactly `frames` pictures. Use as a context manager.

    Its stream headers equal those of `ffmpeg.args.conform_args` of the same `profile`, so that both kinds of segment join without
    encoding.
    x264 releases the interpreter lock: several encoders run in parallel, one per calling thread.
    An exception in the block, or a wrong number of frames, removes the unfinished file.

    `cuttable` adds key frames where a crossfade may cut; a segment without them can only be joined whole.
    `continued`: frames of another file follow, for which a crossfade that ends the segment begins there.
    `still` is for pictures that do not move (cards): several times faster, somewhat larger per moving frame.
    """

    def __init__(
        self,
        target: Path | BytesIO,
        size: FrameSize,
        frames: int,
        *,
        threads: int = 1,
        still: bool = False,
        cuttable: bool = True,
        profile: EncoderProfile = EncoderProfile.STANDARD,
        key_frames: Collection[int] | None = None,
        continued: bool = False,
    ) -> None:
        """`target` is a file or, for a part that is never one, memory. `key_frames` instead of those of `cuttable`, for a part
        of a segment. Raises RenderError when the file cannot be opened or the encoder rejects the size."""
        self._path = target if isinstance(target, Path) else None
        self._size = size
        self._frames = frames
        keys = key_frames or (encoding.key_frames(frames) if cuttable else (0,))
        # Where the frames go on in another file, none of the last is where a crossfade may cut.
        self._keys = frozenset(sorted(keys)[:2] if continued else keys)
        self._written = 0
        self._picture = _blank(size)
        self._container = av.open(
            target if self._path is None else str(target), "w", format="mp4", options=encoding.muxer_options()
        )
        self._stream = self._add_stream(threads, profile, still=still)
        try:
            # Opens the file and the encoder, which PyAV would otherwise defer to the first frame.
            self._container.start_encoding()
        except (FFmpegError, OSError) as error:
            self.abandon()
            raise self._fault(error, "cannot begin") from error

    def _add_stream(self, threads: int, profile: EncoderProfile, *, still: bool) -> VideoStream:
        options = {
            "preset": encoding.PROFILES[profile].preset,
            "crf": str(encoding.PROFILES[profile].crf),
            "profile": encoding.PROFILE,
            "level": encoding.LEVEL,
            "forced-idr": "1",
            "x264-params": _x264_params(profile, self._size.width, still=still),
        }
        stream = self._container.add_stream(
            "libx264",
            rate=FPS,
            options=options,
            time_base=_FRAME_TIME,
            width=self._size.width,
            height=self._size.height,
        )
        context = stream.codec_context
        context.pix_fmt = encoding.PIXEL_FORMAT
        context.color_range = encoding.COLOR_RANGE_LIMITED
        context.color_primaries = context.color_trc = context.colorspace = encoding.COLOR_BT709
        context.sample_aspect_ratio = Fraction(1)
        context.thread_count = threads
        # PyAV's default, threads within a frame, would cut every picture into slices.
        context.thread_type = "FRAME"
        stream.time_base = encoding.TIME_BASE
        return stream

    def write(self, frame: YuvFrame) -> None:
        """Encodes the next picture; the array may be reused afterwards.

        Raises RenderError for a wrong shape, or for one picture too many.
        """
        shape = (self._size.height * 3 // 2, self._size.width)
        if frame.shape != shape:
            raise RenderError(f"a frame of shape {frame.shape} does not fit {self._name}, which needs {shape}")
        if self._written == self._frames:
            raise RenderError(f"{self._name} received more than its {self._frames} frames")
        self._copy(frame)
        self._picture.pts = self._written
        self._picture.pict_type = PictureType.I if self._written in self._keys else PictureType.NONE
        self._encode(self._picture)
        self._written += 1

    def _copy(self, frame: YuvFrame) -> None:
        """Copies a picture into the encoder's input picture, which is reused to avoid an allocation per frame."""
        self._picture.make_writable()
        for source, plane in zip(plane_views(frame, self._size), self._picture.planes, strict=True):
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            rows[: source.shape[0], : source.shape[1]] = source

    def _encode(self, picture: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(picture))
        except (FFmpegError, OSError) as error:
            raise self._fault(error, f"cannot encode frame {self._written} of") from error

    @property
    def _name(self) -> str:
        return "a part in memory" if self._path is None else f"segment {self._path}"

    def _fault(self, error: Exception, what: str) -> AdreelError:
        folder = None if self._path is None else self._path.parent
        return fault_or(error, folder, RenderError(f"{what} {self._name}: {error}"))

    def close(self) -> None:
        """Finishes the file. Raises RenderError, and removes the file, when frames are missing."""
        try:
            self._check_count()
            self._encode(None)
            self._container.close()
        except (RenderError, StorageError, FFmpegError, OSError) as error:
            self.abandon()
            raise self._fault(error, "cannot finish") from error

    def _check_count(self) -> None:
        if self._written != self._frames:
            raise RenderError(f"{self._written} frames were written, {self._frames} were expected")

    def abandon(self) -> None:
        """Closes and removes the unfinished file."""
        with contextlib.suppress(FFmpegError, OSError):
            self._container.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()
