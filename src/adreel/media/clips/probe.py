"""Probes external clips and rejects unusable ones before rendering."""

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

from adreel.domain.errors import AdreelError, ClipError, ToolError
from adreel.domain.films.file_faults import EMPTY, cannot_be_read, is_no_file, wrong_kind
from adreel.domain.machine_faults import fault_or
from adreel.media.clips import containers
from adreel.media.clips.flow import Flow
from adreel.media.clips.info import PRIMARIES, TRANSFERS, ClipInfo, Timing, displayed_size, matrix_name
from adreel.media.ffmpeg import args as ffmpeg_args
from adreel.media.ffmpeg.process import Limits, run

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
"""Above any clip of an advertisement; these limits bound the cost of a hostile file."""

MAX_PIXEL_ASPECT = 10
"""Largest pixel aspect ratio and its inverse. Formats in use reach 64:33 and twice that for halved pictures; 65535:1 would scale
one picture to hundreds of millions of pixels."""

_OPEN_SECONDS = 20.0
_NOT_A_CLIP = Disposition.attached_pic | Disposition.timed_thumbnails
_CUT_SHORT = "is damaged or cut short; export or download it again"
_ENDS_EARLY = "is cut short; export or download it again"
_APART = "give them one by one"
_COPIED = frozenset({"mpegts", "mpeg"})
"""Containers whose recordings may be joined byte by byte, and begin anywhere."""
_MOST_UNREAD = 1024
_HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}
"""PQ and HLG (ITU-T H.273, table 3) with FFmpeg's names."""
_FULL_RANGE = 2
_INTERLACED_ORDERS = frozenset({2, 3, 4, 5})
"""FFmpeg's AVFieldOrder: top or bottom field first, coded and shown."""
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""Decoders that read the alpha layer, which FFmpeg's own decoders ignore."""


def probe_clip(path: Path) -> ClipInfo:
    """Reads a clip's structure and its first picture. Reads the whole file once but does not decode it: see `verify_decodes`.

    Never opens another file, whatever the clip refers to. Raises ClipError naming the file and the reason.
    """
    container = sniff_clip(path)
    with open_clip(path, container) as opened:
        clip = _Reader(path, opened, container)
        clip.read()
        return clip.describe()


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes in a clip on the way: `sizes` are those of its picture from the first change on, `sound` its format."""

    sizes: tuple[tuple[int, int], ...] = ()
    sound: bool = False

    @property
    def picture(self) -> bool:
        return bool(self.sizes)

    def canvas(self, info: ClipInfo) -> tuple[int, int] | None:
        """The size in which all pictures fit: the first one's, enlarged for larger ones; None when the picture stays alike."""
        if not self.sizes:
            return None
        width, height = info.width, info.height
        shown = [(down, across) if info.rotation % 180 else (across, down) for across, down in self.sizes]
        factor = max(1.0, *(min(across / width, down / height) for across, down in shown))
        factor = min(factor, MAX_SIDE / max(width, height))
        return 2 * round(width * factor / 2), 2 * round(height * factor / 2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of decoding a whole clip: the number of its pictures, whether it is black, or frozen for a second, anywhere, and
    what changes on the way."""

    frames: int
    stands_still: bool
    changes: Changes = Changes()


def verify_decodes(
    path: Path, info: ClipInfo, *, ffmpeg: Path, threads: int = 1, cancel: CancelCheck | None = None
) -> Verdict:
    """Decodes all of the clip's picture and sound, several times faster than real time.

    Blocks; an exception raised by `cancel` stops it and propagates.
    Raises ClipError at the first damage. Small damage is undetectable in formats without checksums (such as VP9).
    """
    limits = Limits(seconds=60 + 20 * info.duration)
    try:
        output = run(ffmpeg_args.verify_args(ffmpeg, path, info, threads), limits=limits, cancel=cancel)
    except ToolError as error:
        if _CHANNELS.search(str(error)):
            raise _clip_error(
                path, "has sound in channels that no stereo can be made of; export it in stereo"
            ) from error
        if _CRASHED.search(str(error)):
            # Known of HEVC with an alpha layer in transport streams, which is no damage.
            raise _clip_error(path, f"cannot be decoded ({error}); export it again, for example as H.264") from error
        raise _clip_error(path, f"is damaged ({error}); export it again") from error
    if not output.frames:
        raise _clip_error(path, "holds no picture that can be decoded; export it again")
    # FFmpeg's Matroska demuxer logs such damage and continues, without an error status.
    fault = re.search(r"^\[[^]]*matroska[^]]*\] \[(?:error|fatal)\] (.+)", output.stderr, re.MULTILINE)
    if fault:
        raise _clip_error(path, f"is damaged ({fault[1]}); export it again")
    stands_still = ffmpeg_args.STANDS_STILL.search(output.stdout) is not None
    return Verdict(output.frames, stands_still, _changes(output.stderr))


_CHANNELS = re.compile(r"channel layout|rematrix|aresample", re.IGNORECASE)
_CRASHED = re.compile(r"it crashed \(SIG")
_CHANGED = re.compile(r"because .*video parameters changed to .*?, (\d+)x(\d+)")
_SOUND_CHANGED = re.compile(r"because .*audio parameters changed")


def _changes(log: str) -> Changes:
    """By the lines in which ffmpeg (since 7.0) says that it starts its filters anew."""
    sizes = {(int(width), int(height)): None for width, height in _CHANGED.findall(log)}
    return Changes(tuple(sizes), _SOUND_CHANGED.search(log) is not None)


def _clip_error(path: Path, why: str) -> ClipError:
    return ClipError(f"{path} {why}")


def sniff_clip(path: Path) -> str:
    """The demuxer to force. Raises ClipError."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise _clip_error(path, is_no_file("clips"))
        with path.open("rb") as file:
            head = file.read(containers.HEAD_BYTES)
    except OSError as error:
        raise fault_or(error, None, _clip_error(path, cannot_be_read(error))) from error
    if not facts.st_size:
        raise _clip_error(path, EMPTY)
    if facts.st_size > MAX_BYTES:
        raise _clip_error(path, f"is larger than {MAX_BYTES // 2**30} GB; give a shorter clip")
    demuxer = containers.sniff(head)
    if demuxer is None:
        raise _clip_error(path, wrong_kind("a video", containers.READABLE))
    if not containers.is_whole(demuxer, head, facts.st_size):
        raise _clip_error(path, _ENDS_EARLY)
    return demuxer


@contextmanager
def open_clip(path: Path, container: str) -> Generator[InputContainer]:
    """Opens a clip with this demuxer and without access to other files; converts errors in the block into ClipError."""
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
    except AdreelError:
        raise
    except Exception as error:
        # Mostly FFmpeg's own errors; PyAV also raises ValueError, OverflowError and others for unexpected values.
        reason = error.strerror if isinstance(error, FFmpegError) else str(error) or type(error).__name__
        damaged = _clip_error(path, f"is damaged or cut short ({reason}); export it again")
        raise fault_or(error, None, damaged) from error


def packets_of(container: InputContainer, *streams: Stream) -> Generator[av.Packet[Stream]]:
    """All packets of these streams, in file order. Raises FFmpegError."""
    # After the last packet, PyAV 18.1 raises IndexError for streams that first appeared while demuxing.
    with suppress(IndexError):
        yield from container.demux(streams)


def _can_decode(stream: Stream) -> bool:
    """Without a decoder PyAV's codec context is None, despite its type stubs."""
    return cast("object", stream.codec_context) is not None


class _Reader:
    """Reads an opened clip's packets once."""

    def __init__(self, path: Path, container: InputContainer, demuxer: str) -> None:
        self._path = path
        self._demuxer = demuxer
        self._container = container
        self._video = self._pick_video()
        self._audio = self._pick_audio()
        self._timing = Timing()
        self._flows = {stream.index: Flow() for stream in (self._video, self._audio) if stream is not None}
        self._end = 0
        self._picture: VideoFrame | None = None
        self._sound_packets = 0

    def _pick_video(self) -> VideoStream:
        """The largest video stream, ignoring cover art and thumbnails."""
        streams = [stream for stream in self._container.streams.video if not stream.disposition & _NOT_A_CLIP]
        if not streams:
            raise _clip_error(self._path, "has no video stream; give a file that holds moving pictures")
        readable = [stream for stream in streams if _can_decode(stream)]
        if not readable:
            raise _clip_error(self._path, "holds pictures in a format that cannot be decoded; export it as H.264")
        # max returns the first of equals.
        chosen = max(readable, key=lambda stream: stream.codec_context.width * stream.codec_context.height)
        width, height = chosen.codec_context.width, chosen.codec_context.height
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise _clip_error(self._path, f"is {width}x{height}, larger than adreel reads; scale it down to 4K or less")
        return chosen

    def _pick_audio(self) -> AudioStream | None:
        """The first decodable stream: phones add a second, spatial one that other devices cannot decode."""
        streams = self._container.streams.audio
        readable = [stream for stream in streams if _can_decode(stream)]
        if streams and not readable:
            raise _clip_error(self._path, "holds sound in a format that cannot be decoded; export it with AAC sound")
        return readable[0] if readable else None

    def read(self) -> None:
        for packet in self._packets():
            self._follow(packet)
            if packet.stream_index == self._video.index:
                self._take(cast("av.Packet[VideoStream]", packet))
            elif packet.size:
                self._sound_packets += 1
        self._check_flow()
        self._check()

    def _follow(self, packet: av.Packet[Stream]) -> None:
        if not packet.size:
            return
        time = None if packet.dts is None else packet.dts * packet.time_base
        flow = self._flows[packet.stream_index]
        # Every packet of sound is a key packet, which shows nothing.
        is_key = packet.is_keyframe and packet.stream_index == self._video.index
        flow.add(time, is_key=is_key, is_corrupt=packet.is_corrupt)
        self._end = max(self._end, (packet.pos or 0) + packet.size)
        if flow.is_damaged and packet.stream_index == self._video.index:
            raise _clip_error(self._path, _CUT_SHORT)

    def _check_flow(self) -> None:
        for flow in self._flows.values():
            flow.end()
        if any(flow.is_damaged for flow in self._flows.values()) and not self._flows[self._video.index].is_joined:
            raise _clip_error(self._path, _CUT_SHORT)
        unread = self._path.stat().st_size - self._end
        if self._demuxer == "flv" and unread > _MOST_UNREAD:
            raise _clip_error(
                self._path, f"is several recordings in one file ({unread} bytes follow the first); {_APART}"
            )
        if self._is_joined and self._demuxer not in _COPIED:
            after = next((flow.restarts_after for flow in self._flows.values() if flow.restarts_after), Fraction(0))
            raise _clip_error(
                self._path,
                f"is several recordings in one file: its timestamps start anew after {float(after):.1f} s; {_APART}",
            )

    @property
    def _is_joined(self) -> bool:
        return any(flow.is_joined for flow in self._flows.values())

    @property
    def _needs_copy(self) -> bool:
        begins_midway = self._flows[self._video.index].begins_midway
        return self._demuxer in _COPIED and (self._is_joined or begins_midway)

    def _packets(self) -> Generator[av.Packet[Stream]]:
        return packets_of(self._container, *([self._video, self._audio] if self._audio else [self._video]))

    def _take(self, packet: av.Packet[VideoStream]) -> None:
        if self._picture is None:
            # The last packet, without data, flushes the decoder.
            self._picture = next(iter(self._video.codec_context.decode(packet if packet.size else None)), None)
        # AVI knows decoding times only. FFmpeg derives others, which are late by the reordered pictures; the sound is not.
        is_decoding_time = packet.pts is None or self._demuxer == "avi"
        time, unit = (packet.dts if is_decoding_time else packet.pts), packet.time_base
        if packet.size and time is not None and not packet.is_discard:
            self._timing.add(time * unit, (packet.duration or 0) * unit)
        if self._timing.frames > MAX_FRAMES:
            raise _clip_error(self._path, f"holds more than {MAX_FRAMES} frames; give a shorter clip")

    def _check(self) -> None:
        picture = self._first_picture()
        if picture.pts is not None and picture.time_base is not None and self._demuxer != "avi":
            # A recording cut in the middle begins with pictures that reference lost ones: no player shows them.
            self._timing.begin_at(picture.pts * picture.time_base)
        if not self._timing.frames:
            raise _clip_error(self._path, "holds no picture with a time; export it again")
        if self._duration() > MAX_SECONDS and not self._needs_copy:
            raise _clip_error(self._path, f"is longer than {MAX_SECONDS // 60} minutes; give a shorter clip")
        size = self._path.stat().st_size
        if self._demuxer == "avi" and self._video.frames > self._timing.frames and self._states_more(size):
            raise _clip_error(self._path, _ENDS_EARLY)
        if any(entry.pos + entry.size > size for entry in self._video.index_entries):
            raise _clip_error(self._path, _ENDS_EARLY)

    def _states_more(self, size: int) -> bool:
        with self._path.open("rb") as file:
            return containers.avi_exceeds(file.read(containers.HEAD_BYTES), size)

    def _first_picture(self) -> VideoFrame:
        if self._picture is None:
            raise _clip_error(self._path, "holds no picture that can be decoded; export it again")
        return self._picture

    def _duration(self) -> Fraction:
        rate = self._video.guessed_rate or self._video.average_rate
        return self._timing.duration(1 / rate if rate else Fraction(0))

    def _check_shape(self, sar: Fraction, width: int, height: int) -> None:
        if not Fraction(1, MAX_PIXEL_ASPECT) <= sar <= MAX_PIXEL_ASPECT:
            aspect = f"{sar.numerator}:{sar.denominator}"
            raise _clip_error(
                self._path, f"has a pixel aspect ratio of {aspect}, which no player shows; export it with square pixels"
            )
        if max(width, height) > MAX_SIDE * MAX_PIXEL_ASPECT or width * height > MAX_PIXELS * MAX_PIXEL_ASPECT:
            raise _clip_error(
                self._path, f"is {width}x{height} as shown, larger than adreel reads; scale it down to 4K or less"
            )

    def describe(self) -> ClipInfo:
        picture, stream, context = self._first_picture(), self._video, self._video.codec_context
        sar = stream.sample_aspect_ratio or Fraction(1)
        width, height = displayed_size(picture.width, picture.height, sar, picture.rotation)
        self._check_shape(sar, width, height)
        layout = picture.format
        tags = {name.lower(): value for name, value in stream.metadata.items()}
        decoder = _ALPHA_DECODERS.get(context.codec.canonical_name) if tags.get("alpha_mode") == "1" else None
        jpeg = layout.name.startswith("yuvj")
        palette = layout.name == "pal8"
        return ClipInfo(
            container=self._demuxer,
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
                picture.colorspace,
                rgb=layout.is_rgb or palette,
                jpeg=jpeg,
                size=(picture.width, picture.height),
                hdr=picture.color_trc in _HDR_TRANSFERS,
            ),
            hdr_transfer=_HDR_TRANSFERS.get(picture.color_trc),
            has_audio=self._sound_packets > 0,
            video_stream_index=stream.index,
            audio_stream_index=self._audio.index if self._audio and self._sound_packets else None,
            primaries=PRIMARIES.get(picture.color_primaries),
            transfer=TRANSFERS.get(picture.color_trc),
            needs_copy=self._needs_copy,
        )
