"""Pictures of a fast clip that the film leaves out and no other picture is coded from: they need not be decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.formats import FPS
from adreel.media.clip_info import ClipInfo
from adreel.media.picture_filters import is_faster
from adreel.media.probe import open_clip, packets_of

if TYPE_CHECKING:
    from av.container import InputContainer

_MOST = 4000
"""Packets that are named on one command line: those left out of two minutes at 60 pictures a second."""

_AFTER = 1
"""Seconds beyond the film's end up to which is read: pictures are shown in another order than they are coded in."""

_AVC_CONFIGURATION = 1
"""First byte of a stream header after which every unit follows its own length (ISO/IEC 14496-15, 5.3.3.1)."""

_SLICES = (1, 5)
"""Types of the units that hold a slice of a picture, and of one that begins anew (ITU-T H.264, table 7-1)."""


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One packet. `time`: seconds from the clip's first picture, None when it is not told; `is_reference`: others are coded from
    it, or that is not known."""

    time: Fraction | None
    is_reference: bool


def spare_packets(source: Path, info: ClipInfo, frames: int) -> tuple[int, ...]:
    """Indices, in decoding order, of packets of a clip's picture without which its first `frames` frames are the same.

    Known of H.264 in containers that tell each unit's length; otherwise, and of clips not faster than the film, there are none.
    Raises ClipError.
    """
    if info.codec != "h264" or info.interlaced or not is_faster(info):
        return ()
    with open_clip(source, info.container) as container:
        return spare(list(_coded_pictures(container, info, frames)))[:_MOST]


def _coded_pictures(container: InputContainer, info: ClipInfo, frames: int) -> Iterator[CodedPicture]:
    stream = container.streams[info.video_stream_index]
    header = bytes(stream.codec_context.extradata or b"")
    if len(header) < 5 or header[0] != _AVC_CONFIGURATION:
        return
    enough = Fraction(frames, FPS) + _AFTER
    for packet in packets_of(container, stream):
        if packet.dts is not None and packet.dts * packet.time_base - info.start > enough:
            return
        if packet.size:
            time = None if packet.pts is None else packet.pts * packet.time_base - info.start
            yield CodedPicture(time, is_reference(bytes(packet), (header[4] & 3) + 1))


def spare(pictures: Sequence[CodedPicture]) -> tuple[int, ...]:
    """Indices of those that nobody is shown and nothing is coded from; `pictures` is in decoding order.

    As FFmpeg's fps filter has it, of pictures that round to the same frame the last is shown. None when times are missing, or
    come twice, or before the first picture: then it is not known what is shown.
    """
    times = [picture.time for picture in pictures if picture.time is not None and picture.time >= 0]
    if len(set(times)) != len(pictures):
        return ()
    frame_of = [floor(time * FPS + Fraction(1, 2)) for time in times]
    order = sorted(range(len(times)), key=times.__getitem__)
    left_out = [index for index, after in pairwise(order) if frame_of[index] == frame_of[after]]
    return tuple(sorted(index for index in left_out if not pictures[index].is_reference))


def is_reference(packet: bytes, size: int) -> bool:
    """Whether other pictures may be coded from this H.264 picture, whose units each come after their length in `size` bytes.

    True for what is damaged.
    """
    place = 0
    slices: list[int] = []
    while place + size < len(packet):
        length, head = int.from_bytes(packet[place : place + size]), packet[place + size]
        if head & 31 in _SLICES:
            slices.append(head >> 5 & 3)
        place += size + length
    return place != len(packet) or not slices or any(slices)
