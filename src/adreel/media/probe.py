"""Looks into clips made elsewhere, and refuses those that cannot be used, before anything is rendered."""

from __future__ import annotations

import re
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
from av.error import FFmpegError
from av.stream import Disposition

from adreel.domain.errors import ClipError, ToolError
from adreel.media import containers, ffmpeg_args
from adreel.media.clip_info import ClipInfo, Timing, displayed_size, matrix_name
from adreel.media.ffmpeg import Limits, run

if TYPE_CHECKING:
    from collections.abc import Generator

    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from adreel.domain.ports import CancelCheck

MAX_BYTES = 4 * 2**30
MAX_SECONDS = 600
MAX_SIDE = 8192
MAX_PIXELS = 8192 * 4320
MAX_FRAMES = MAX_SECONDS * 240
"""Beyond any clip of an advertisement; they bound what one hostile file can cost."""

_OPEN_SECONDS = 20.0
_NOT_A_CLIP = Disposition.attached_pic | Disposition.timed_thumbnails
_HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}
"""PQ and HLG (ITU-T H.273, table 3), as FFmpeg calls them."""
_FULL_RANGE = 2
_INTERLACED_ORDERS = frozenset({2, 3, 4, 5})
"""FFmpeg's AVFieldOrder: top or bottom field first, coded and shown."""
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these ignore the second layer that carries the transparency."""


def probe_clip(path: Path) -> ClipInfo:
    """Reads a clip's structure and its first picture. The whole file is read once, but not decoded: see `verify_decodes`.

    No other file is ever opened, whatever the clip refers to. Raises ClipError, which names the file and the reason.
    """
    container = _sniff(path)
    with open_clip(path, container) as opened:
        clip = _Reader(path, opened)
        clip.read()
        return clip.describe(container)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What decoding a whole clip showed: its pictures, and whether it is black or frozen for a second somewhere."""

    frames: int
    stands_still: bool


def verify_decodes(
    path: Path, info: ClipInfo, *, ffmpeg: Path, threads: int = 1, cancel: CancelCheck | None = None
) -> Verdict:
    """Decodes all of the clip's picture and sound, at several times its playing speed.

    Blocks; what `cancel` raises stops it and passes through.
    Raises ClipError at the first damage. Formats without checksums (VP9, for one) can hide small damage from anyone.
    """
    limits = Limits(seconds=60 + 20 * info.duration)
    try:
        output = run(ffmpeg_args.verify_args(ffmpeg, path, info, threads), limits=limits, cancel=cancel)
    except ToolError as error:
        raise _refusal(path, f"is damaged ({error}); export it again") from error
    if not output.frames:
        raise _refusal(path, "holds no picture that can be decoded; export it again")
    # Matroska's reader reports such damage and goes on, without an error status.
    fault = re.search(r"^\[[^]]*matroska[^]]*\] (.+)", output.stderr, re.MULTILINE)
    if fault:
        raise _refusal(path, f"is damaged ({fault[1]}); export it again")
    return Verdict(output.frames, ffmpeg_args.STANDS_STILL.search(output.stdout) is not None)


def _refusal(path: Path, why: str) -> ClipError:
    return ClipError(f"{path} {why}")


def _sniff(path: Path) -> str:
    """The demuxer to force. Raises ClipError."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise _refusal(path, "is not a file; give the path of a video file")
        with path.open("rb") as file:
            head = file.read(containers.HEAD_BYTES)
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror or error}") from error
    if not facts.st_size:
        raise _refusal(path, "is empty; export it again")
    if facts.st_size > MAX_BYTES:
        raise _refusal(path, f"is larger than {MAX_BYTES // 2**30} GB; give a shorter clip")
    demuxer = containers.sniff(head)
    if demuxer is None:
        raise _refusal(path, f"is not a video that adreel reads; it reads {containers.READABLE}")
    if not containers.is_whole(demuxer, head, facts.st_size):
        raise _refusal(path, "is cut short; export or download it again")
    return demuxer


@contextmanager
def open_clip(path: Path, container: str) -> Generator[InputContainer]:
    """Opens with the demuxer forced and every other file out of reach; turns what fails inside into ClipError."""
    options = {"protocol_whitelist": "file", "format_whitelist": container}
    try:
        with av.open(
            f"file:{path.absolute()}",
            format=container,
            options=options,
            metadata_errors="replace",
            timeout=_OPEN_SECONDS,
        ) as opened:
            yield opened
    except (FFmpegError, OSError) as error:
        reason = error.strerror if isinstance(error, FFmpegError) else str(error)
        raise _refusal(path, f"is damaged or cut short ({reason}); export it again") from error


def packets_of(container: InputContainer, *streams: Stream) -> Generator[av.Packet[Stream]]:
    """All packets of these streams, in the file's order. Raises FFmpegError."""
    # After the last packet, PyAV 18.1 stumbles over streams that first appeared on the way.
    with suppress(IndexError):
        yield from container.demux(streams)


def _can_decode(stream: Stream) -> bool:
    """PyAV leaves the context out, whatever its type stubs say, when there is no decoder."""
    return cast("object", stream.codec_context) is not None


class _Reader:
    """Goes through an opened clip's packets once."""

    def __init__(self, path: Path, container: InputContainer) -> None:
        self._path = path
        self._container = container
        self._video = self._pick_video()
        self._audio = self._pick_audio()
        self._timing = Timing()
        self._picture: VideoFrame | None = None
        self._sound_packets = 0

    def _pick_video(self) -> VideoStream:
        """The largest picture that moves: cover art and thumbnails are no clips."""
        streams = [stream for stream in self._container.streams.video if not stream.disposition & _NOT_A_CLIP]
        if not streams:
            raise _refusal(self._path, "has no video stream; give a file that holds moving pictures")
        readable = [stream for stream in streams if _can_decode(stream)]
        if not readable:
            raise _refusal(self._path, "holds pictures in a format that cannot be decoded; export it as H.264")
        # max keeps the first of equals.
        chosen = max(readable, key=lambda stream: stream.codec_context.width * stream.codec_context.height)
        width, height = chosen.codec_context.width, chosen.codec_context.height
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise _refusal(self._path, f"is {width}x{height}, larger than adreel reads; scale it down to 4K or less")
        return chosen

    def _pick_audio(self) -> AudioStream | None:
        """The first that can be decoded: phones add a second, spatial one that no other device knows."""
        streams = self._container.streams.audio
        readable = [stream for stream in streams if _can_decode(stream)]
        if streams and not readable:
            raise _refusal(self._path, "holds sound in a format that cannot be decoded; export it with AAC sound")
        return readable[0] if readable else None

    def read(self) -> None:
        for packet in self._packets():
            if packet.is_corrupt:
                raise _refusal(self._path, "is damaged or cut short; export or download it again")
            if packet.stream_index == self._video.index:
                self._take(cast("av.Packet[VideoStream]", packet))
            elif packet.size:
                self._sound_packets += 1
        self._check()

    def _packets(self) -> Generator[av.Packet[Stream]]:
        return packets_of(self._container, *([self._video, self._audio] if self._audio else [self._video]))

    def _take(self, packet: av.Packet[VideoStream]) -> None:
        if self._picture is None:
            # The last packet, without data, makes the decoder give what it holds.
            self._picture = next(iter(self._video.codec_context.decode(packet if packet.size else None)), None)
        time, unit = (packet.dts if packet.pts is None else packet.pts), packet.time_base
        if packet.size and time is not None and not packet.is_discard:
            self._timing.add(time * unit, (packet.duration or 0) * unit)
        if self._timing.frames > MAX_FRAMES:
            raise _refusal(self._path, f"holds more than {MAX_FRAMES} frames; give a shorter clip")

    def _check(self) -> None:
        picture = self._first_picture()
        if picture.pts is not None and picture.time_base is not None:
            # A recording cut in the middle begins with pictures that need others, now lost: no player shows them.
            self._timing.begin_at(picture.pts * picture.time_base)
        if not self._timing.frames:
            raise _refusal(self._path, "holds no picture with a time; export it again")
        if self._duration() > MAX_SECONDS:
            raise _refusal(self._path, f"is longer than {MAX_SECONDS // 60} minutes; give a shorter clip")
        size = self._path.stat().st_size
        if any(entry.pos + entry.size > size for entry in self._video.index_entries):
            raise _refusal(self._path, "is cut short; export or download it again")

    def _first_picture(self) -> VideoFrame:
        if self._picture is None:
            raise _refusal(self._path, "holds no picture that can be decoded; export it again")
        return self._picture

    def _duration(self) -> Fraction:
        rate = self._video.guessed_rate or self._video.average_rate
        return self._timing.duration(1 / rate if rate else Fraction(0))

    def describe(self, container: str) -> ClipInfo:
        picture, stream, context = self._first_picture(), self._video, self._video.codec_context
        sar = stream.sample_aspect_ratio or Fraction(1)
        width, height = displayed_size(picture.width, picture.height, sar, picture.rotation)
        layout = picture.format
        tags = {name.lower(): value for name, value in stream.metadata.items()}
        decoder = _ALPHA_DECODERS.get(context.codec.canonical_name) if tags.get("alpha_mode") == "1" else None
        jpeg = layout.name.startswith("yuvj")
        palette = layout.name == "pal8"
        return ClipInfo(
            container=container,
            width=width,
            height=height,
            coded_width=picture.width,
            coded_height=picture.height,
            sar=sar,
            rotation=picture.rotation % 360,
            fps=self._timing.fps(),
            is_vfr=self._timing.is_vfr(),
            frames=self._timing.frames,
            start=self._timing.start,
            duration=float(self._duration()),
            codec=context.codec.canonical_name,
            decoder=decoder,
            pix_fmt=layout.name,
            bit_depth=max(component.bits for component in layout.components),
            has_alpha=bool(decoder) or palette or any(part.is_alpha for part in layout.components),
            interlaced=picture.interlaced_frame or context.field_order in _INTERLACED_ORDERS,
            full_range=jpeg or picture.color_range == _FULL_RANGE,
            matrix=matrix_name(
                picture.colorspace, rgb=layout.is_rgb or palette, jpeg=jpeg, size=(picture.width, picture.height)
            ),
            hdr_transfer=_HDR_TRANSFERS.get(picture.color_trc),
            has_audio=self._sound_packets > 0,
            video_stream_index=stream.index,
            audio_stream_index=self._audio.index if self._audio and self._sound_packets else None,
        )
