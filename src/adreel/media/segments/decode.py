"""Reads pictures and packets of segments and films made by adreel. Not for external files (see `probe` and `conform`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from adreel.domain.errors import RenderError
from adreel.domain.films.formats import FrameSize
from adreel.domain.machine_faults import fault_or
from adreel.media.segments.x264 import TICKS_PER_FRAME

if TYPE_CHECKING:
    from io import BytesIO

    from av.audio.stream import AudioStream
    from av.stream import Stream
    from av.video.codeccontext import VideoCodecContext

    from adreel.domain.ports import YuvFrame

_LOCAL_ONLY = {"protocol_whitelist": "file"}

_NO_DECODER = {"codec_whitelist": "none"}
"""Keeps FFmpeg from decoding the first picture of every file it opens, which takes ten times as long as reading the index."""


def open_mp4(path: Path | BytesIO, *, packets_only: bool = False) -> InputContainer:
    """Opens an MP4 file made by adreel, also one in memory. With `packets_only`, packets can be read and copied, not decoded.
    Raises RenderError."""
    options = {**_LOCAL_ONLY, **(_NO_DECODER if packets_only else {})}
    try:
        return av.open(str(path) if isinstance(path, Path) else path, "r", format="mov", options=options)
    except (FFmpegError, OSError) as error:
        raise fault_or(error, None, RenderError(f"cannot read {path}: {error}")) from error


def decode_frames(path: Path, first: int = 0, last: int | None = None) -> Iterator[YuvFrame]:
    """I420 pictures [first, last) of a segment, by frame index. Raises RenderError on any decoding error."""
    with open_mp4(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        if first:
            container.seek(first * TICKS_PER_FRAME, stream=stream)
        try:
            for frame in container.decode(stream):
                index = (frame.pts or 0) // TICKS_PER_FRAME
                if last is not None and index >= last:
                    return
                if index >= first:
                    yield frame.to_ndarray().astype("uint8", copy=False)
        except FFmpegError as error:
            raise RenderError(f"{path} does not decode: {error}") from error


@dataclass(frozen=True, slots=True)
class Coded:
    """A file's coded picture: the stream header (avcC with SPS and PPS) and the packets in decoding order.

    `sound` holds the packets of all other streams.
    """

    header: bytes
    packets: list[av.Packet[VideoStream]]
    sound: list[av.Packet[Stream]]


def decode_luma(coded: Coded, path: Path, size: FrameSize, step: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Every `step`-th luma sample of every `step`-th row of each picture; a view, valid until the next iteration.

    Decodes everything but skips the deblocking filter, a quarter of the cost and irrelevant for whole pictures. Raises
    RenderError on any decoding error and for pictures of another size; `path` is for messages.
    """
    try:
        for frame in _decoded(coded):
            if (frame.width, frame.height) != (size.width, size.height):
                raise RenderError(
                    f"{path} holds a picture of {frame.width}x{frame.height}, not {size.width}x{size.height}"
                )
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            yield rows[: size.height : step, : size.width : step]
    except FFmpegError as error:
        raise RenderError(f"{path} does not decode: {error}") from error


def _decoded(coded: Coded) -> Iterator[av.VideoFrame]:
    """Uses a separate decoder: opening the file with FFmpeg would decode its first picture once more."""
    context: VideoCodecContext = av.CodecContext.create("h264", "r")
    context.extradata = coded.header
    context.options = {"err_detect": "explode", "skip_loop_filter": "all"}
    # One segment is often all that is made: then the other core is idle.
    context.thread_type, context.thread_count = "FRAME", 2
    for packet in coded.packets:
        yield from context.decode(packet)
    yield from context.decode(None)


def read_coded(path: Path) -> Coded:
    """Reads a segment's or film's coded pictures. Raises RenderError."""
    with open_mp4(path, packets_only=True) as container:
        return coded_of(container, path)


def coded_of(container: InputContainer, path: Path) -> Coded:
    """Like `read_coded`, for an open file; `path` is for messages."""
    try:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux() if packet.size]
    except (FFmpegError, IndexError) as error:
        raise RenderError(f"{path} is damaged: {error}") from error
    pictures = [cast("av.Packet[VideoStream]", packet) for packet in packets if packet.stream_index == stream.index]
    heard = {each.index for each in container.streams.audio}
    sound = [packet for packet in packets if packet.stream_index in heard]
    return Coded(bytes(stream.codec_context.extradata or b""), pictures, sound)


def read_coded_sound(path: Path) -> list[av.Packet[AudioStream]]:
    """The packets of a sound-only file. Raises RenderError."""
    with open_mp4(path, packets_only=True) as container:
        try:
            return [packet for packet in container.demux(container.streams.audio[0]) if packet.size]
        except (FFmpegError, IndexError) as error:
            raise RenderError(f"{path} is damaged: {error}") from error
