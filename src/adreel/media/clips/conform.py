"""Conforms an external clip to a segment: picture and, where present, its own sound.

Packets of a high-frame-rate clip that the film does not show and no other picture references are dropped before decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.errors import ClipError, RenderError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FPS, FrameSize, to_seconds
from adreel.domain.ports import CancelCheck
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.probe import open_clip, packets_of
from adreel.media.ffmpeg import args as ffmpeg_args
from adreel.media.ffmpeg.filters import is_faster
from adreel.media.ffmpeg.process import Limits, capabilities, filters_packets, run

if TYPE_CHECKING:
    from av.container import InputContainer


_MOST_DROPPED = 4000
"""Most packet indices on one command line: those dropped from two minutes at 60 fps."""

_LOOKAHEAD = 1
"""Seconds read beyond the film's end: display order differs from coding order."""

_AVC_CONFIGURATION = 1
"""First byte of a stream header that marks length-prefixed NAL units (ISO/IEC 14496-15, 5.3.3.1)."""

_SLICES = (1, 5)
"""NAL unit types of a non-IDR and an IDR slice (ITU-T H.264, table 7-1)."""


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One packet. `time`: seconds from the clip's first picture, None when unknown; `is_reference`: other pictures reference
    it, or that is unknown."""

    time: Fraction | None
    is_reference: bool


def droppable_packets(source: Path, info: ClipInfo, frames: int) -> tuple[int, ...]:
    """Indices, in decoding order, of video packets without which the clip's first `frames` film frames are the same.

    Determined for H.264 with length-prefixed units; empty for other streams and for clips not faster than the film.
    Raises ClipError.
    """
    if info.codec != "h264" or info.interlaced or not is_faster(info):
        return ()
    with open_clip(source, info.container) as container:
        return droppable(list(_coded_pictures(container, info, frames)))[:_MOST_DROPPED]


def _coded_pictures(container: InputContainer, info: ClipInfo, frames: int) -> Iterator[CodedPicture]:
    stream = container.streams[info.video_stream_index]
    header = bytes(stream.codec_context.extradata or b"")
    if len(header) < 5 or header[0] != _AVC_CONFIGURATION:
        return
    end = Fraction(frames, FPS) + _LOOKAHEAD
    for packet in packets_of(container, stream):
        if packet.dts is not None and packet.dts * packet.time_base - info.start > end:
            return
        if packet.size:
            time = None if packet.pts is None else packet.pts * packet.time_base - info.start
            yield CodedPicture(time, is_reference(bytes(packet), (header[4] & 3) + 1))


def droppable(pictures: Sequence[CodedPicture]) -> tuple[int, ...]:
    """Indices of the pictures that are neither shown nor referenced; `pictures` is in decoding order.

    FFmpeg's fps filter shows the last of the pictures that round to the same frame. Empty when times are missing, duplicate, or
    before the first picture: then the shown pictures are unknown.
    """
    times = [picture.time for picture in pictures if picture.time is not None and picture.time >= 0]
    if len(set(times)) != len(pictures):
        return ()
    frame_of = [floor(time * FPS + Fraction(1, 2)) for time in times]
    order = sorted(range(len(times)), key=times.__getitem__)
    hidden = [index for index, after in pairwise(order) if frame_of[index] == frame_of[after]]
    return tuple(sorted(index for index in hidden if not pictures[index].is_reference))


def is_reference(packet: bytes, size: int) -> bool:
    """Whether other pictures may reference this H.264 picture. Each of its units is prefixed by its length in `size` bytes.

    True for a damaged packet.
    """
    offset = 0
    slices: list[int] = []
    while offset + size < len(packet):
        length, head = int.from_bytes(packet[offset : offset + size]), packet[offset + size]
        if head & 31 in _SLICES:
            slices.append(head >> 5 & 3)
        offset += size + length
    return offset != len(packet) or not slices or any(slices)


_SECONDS_PER_SECOND = 120
"""Time limit in seconds per second of clip: above two decoded 8K streams on one old core."""


def conform(
    source: Path,
    info: ClipInfo,
    out_video: Path,
    out_sound: Path | None,
    *,
    size: FrameSize,
    frames: int,
    fit: Fit,
    ffmpeg: Path,
    threads: int = 1,
    on_frame: Callable[[int], None] | None = None,
    cancel: CancelCheck | None = None,
    profile: EncoderProfile = EncoderProfile.STANDARD,
) -> None:
    """Writes a closed segment of exactly `frames` pictures and, unless `out_sound` is None, WAV sound of the same length.

    Blocks; thread-safe. An exception raised by `on_frame` or `cancel` stops the work and propagates.
    Raises ClipError for an unusable clip, RenderError when ffmpeg fails on a clip that passed its examination.
    """
    check_hdr(source, info, ffmpeg)
    limits = work_limits(info, frames)
    dropped = dropped_packets(source, info, frames, ffmpeg)
    args = ffmpeg_args.conform_args(ffmpeg, source, info, out_video, size, frames, fit, threads, dropped, profile)
    written = run(args, limits=limits, on_frame=on_frame, cancel=cancel).frames
    if written != frames:
        raise RenderError(f"{source} gave {written} frames instead of {frames}; export it again")
    if out_sound is not None:
        conform_sound(source, info, out_sound, frames=frames, ffmpeg=ffmpeg, cancel=cancel)


def dropped_packets(source: Path, info: ClipInfo, frames: int, ffmpeg: Path) -> tuple[int, ...]:
    """The droppable packets; none when this ffmpeg cannot drop packets."""
    packets = droppable_packets(source, info, frames)
    return packets if packets and filters_packets(ffmpeg) else ()


def conform_sound(
    source: Path, info: ClipInfo, out: Path, *, frames: int, ffmpeg: Path, cancel: CancelCheck | None = None
) -> None:
    """Writes the sound of a clip with sound as WAV, exactly `frames` long. Raises ToolError."""
    run(ffmpeg_args.sound_args(ffmpeg, source, info, out, frames), limits=work_limits(info, frames), cancel=cancel)


def work_limits(info: ClipInfo, frames: int) -> Limits:
    """Limits of a process that renders `frames` frames of a clip."""
    return Limits(seconds=60 + _SECONDS_PER_SECOND * max(info.duration, to_seconds(frames)))


def check_hdr(source: Path, info: ClipInfo, ffmpeg: Path) -> None:
    """Raises ClipError for an HDR clip that this ffmpeg cannot convert to SDR."""
    if info.hdr and not capabilities(ffmpeg).can_tone_map:
        raise ClipError(f"{source} is HDR, which {ffmpeg} cannot tone-map; use an ffmpeg with zscale, or an SDR clip")
