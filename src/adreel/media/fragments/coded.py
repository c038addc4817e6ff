"""Coded pictures and sound in memory, as fragments take them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from av.error import FFmpegError

from adreel.domain.errors import RenderError
from adreel.domain.films.clip import Segment
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import SAMPLE_RATE, SAMPLES_PER_FRAME, FrameSize
from adreel.media.fragments.boxes import AAC_FRAME
from adreel.media.segments import decode
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.x264 import TICKS_PER_FRAME

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


@dataclass(frozen=True, slots=True)
class CodedPart:
    """Coded pictures without B frames: the avcC, the samples in order, and the indexes of those that are key frames."""

    header: bytes
    samples: tuple[bytes, ...]
    keys: frozenset[int]

    @property
    def bytes(self) -> int:
        return sum(map(len, self.samples))


def encode_part(pictures: Iterable[YuvFrame], size: FrameSize, frames: int) -> CodedPart:
    """Encodes exactly `frames` pictures with the draft's profile, in the calling thread. Raises RenderError."""
    file = BytesIO()
    with SegmentEncoder(file, size, frames, cuttable=False, profile=EncoderProfile.DRAFT) as encoder:
        for picture in pictures:
            encoder.write(picture)
    file.seek(0)
    with decode.open_mp4(file, packets_only=True) as container:
        return _part(decode.coded_of(container, Path("a part of a draft")), 0, frames)


def part_of(segment: Segment, first: int, last: int) -> CodedPart:
    """Pictures [first, last) of a segment of the draft's profile. Raises RenderError."""
    return _part(decode.read_coded(segment.video), first, last)


def _part(coded: decode.Coded, first: int, last: int) -> CodedPart:
    chosen = [packet for packet in coded.packets if first <= (packet.pts or 0) // TICKS_PER_FRAME < last]
    if len(chosen) != last - first or not chosen[0].is_keyframe or any(each.pts != each.dts for each in chosen):
        raise RenderError(f"frames {first} to {last} of a draft cannot be cut out of their segment")
    keys = frozenset(place for place, packet in enumerate(chosen) if packet.is_keyframe)
    return CodedPart(coded.header, tuple(map(bytes, chosen)), keys)


@dataclass(frozen=True, slots=True)
class CodedSound:
    """The AudioSpecificConfig of AAC and its frames, the first of which begins with the film."""

    config: bytes
    frames: tuple[bytes, ...]

    def between(self, first: int, last: int) -> tuple[int, tuple[bytes, ...]]:
        """The first sample and the AAC frames that begin in the film's frames [first, last)."""
        low, high = (-(-frame * SAMPLES_PER_FRAME // AAC_FRAME) for frame in (first, last))
        return low * AAC_FRAME, self.frames[low:high]


def read_sound(path: Path) -> CodedSound:
    """Reads a soundtrack without the frame before its beginning: sound by fragments has no edit list. Raises RenderError."""
    try:
        with decode.open_mp4(path, packets_only=True) as container:
            stream = container.streams.audio[0]
            config = bytes(stream.codec_context.extradata or b"")
            if stream.codec_context.sample_rate != SAMPLE_RATE:
                raise RenderError(f"the sound of {path} does not have {SAMPLE_RATE} samples a second")
            packets = [packet for packet in container.demux(stream) if packet.size and (packet.pts or 0) >= 0]
            return CodedSound(config, tuple(map(bytes, packets)))
    except (FFmpegError, IndexError) as error:
        raise RenderError(f"{path} is damaged: {error}") from error
