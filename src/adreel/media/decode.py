"""Reads our own segments and films back: pictures and packets. Not for files from outside (see probe and conform)."""

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
from adreel.domain.formats import FrameSize
from adreel.media.encoding import TICKS_PER_FRAME

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.stream import Stream
    from av.video.codeccontext import VideoCodecContext

    from adreel.domain.ports import YuvFrame

_LOCAL_ONLY = {"protocol_whitelist": "file"}

_NO_DECODER = {"codec_whitelist": "none"}
"""FFmpeg decodes the first picture of whatever it opens, in ten times the time of reading the index, unless it may not."""


def open_mp4(path: Path, *, packets_only: bool = False) -> InputContainer:
    """Opens one of our MP4 files. `packets_only`: what is in it can be read and copied, not decoded. Raises RenderError."""
    options = {**_LOCAL_ONLY, **(_NO_DECODER if packets_only else {})}
    try:
        return av.open(str(path), format="mov", options=options)
    except (FFmpegError, OSError) as error:
        raise RenderError(f"cannot read {path}: {error}") from error


def decode_frames(path: Path, first: int = 0, last: int | None = None) -> Iterator[YuvFrame]:
    """I420 pictures [first, last) of a segment, by frame index. Raises RenderError on any decoding fault."""
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
    """A file's picture as it is coded: the stream header (avcC with SPS and PPS) and the packets in decoding order.

    `sound` holds the packets of all other streams.
    """

    header: bytes
    packets: list[av.Packet[VideoStream]]
    sound: list[av.Packet[Stream]]


def decode_luma(coded: Coded, path: Path, size: FrameSize, step: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Every `step`-th luma sample of every `step`-th row of each picture; a view, valid until the next is asked for.

    Decodes everything but leaves out the smoothing of block edges, a quarter of the cost, which tells nothing of a whole
    picture. Raises RenderError on any decoding fault and for pictures of another size; `path` is for messages.
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
    """By a decoder of our own: FFmpeg's way to open a file would decode its first picture once more."""
    context: VideoCodecContext = av.CodecContext.create("h264", "r")
    context.extradata = coded.header
    context.options = {"err_detect": "explode", "skip_loop_filter": "all"}
    for packet in coded.packets:
        yield from context.decode(packet)
    yield from context.decode(None)


def read_coded(path: Path) -> Coded:
    """Reads a segment's or film's coded pictures. Raises RenderError."""
    with open_mp4(path, packets_only=True) as container:
        return coded_of(container, path)


def coded_of(container: InputContainer, path: Path) -> Coded:
    """As `read_coded`, of a file that is open already; `path` is for messages."""
    try:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux() if packet.size]
    except (FFmpegError, IndexError) as error:
        raise RenderError(f"{path} is damaged: {error}") from error
    pictures = [cast("av.Packet[VideoStream]", packet) for packet in packets if packet.stream_index == stream.index]
    sound = [packet for packet in packets if packet.stream_index != stream.index]
    return Coded(bytes(stream.codec_context.extradata or b""), pictures, sound)


def read_coded_sound(path: Path) -> list[av.Packet[AudioStream]]:
    """The packets of a file that holds only sound. Raises RenderError."""
    with open_mp4(path, packets_only=True) as container:
        try:
            return [packet for packet in container.demux(container.streams.audio[0]) if packet.size]
        except (FFmpegError, IndexError) as error:
            raise RenderError(f"{path} is damaged: {error}") from error
