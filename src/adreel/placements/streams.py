"""Reads what a film's container and packets say; decodes one picture. Every packet is read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

from av.stream import Disposition

from adreel.domain.errors import ClipError
from adreel.media.checks import moov_is_first
from adreel.media.clips.containers import HEAD_BYTES
from adreel.media.clips.info import Timing, displayed_size
from adreel.media.clips.probe import MAX_FRAMES, open_clip, packets_of, sniff_clip
from adreel.placements.colors import color_name
from adreel.placements.mp4_boxes import has_edits, is_fragmented

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.format import VideoFormat
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_NOT_FILM = Disposition.attached_pic | Disposition.timed_thumbnails
_INTERLACED_ORDERS = frozenset({2, 3, 4, 5})
_KILOBIT = 1000
_FULL_RANGE = 2
_MILLISECONDS = frozenset({"matroska", "flv"})
USUAL_RATES = tuple(
    map(Fraction, (Fraction(24000, 1001), 24, 25, Fraction(30000, 1001), 30, 50, Fraction(60000, 1001), 60))
)
"""Frame rates of broadcasting and of the web."""
_CHROMA: Mapping[tuple[int, int], str] = {(2, 2): "4:2:0", (2, 1): "4:2:2", (1, 1): "4:4:4", (4, 1): "4:1:1"}
"""Luma samples for each chroma sample, across and down."""


@dataclass(slots=True)
class _Packets:
    """What was read of one stream."""

    size: int = 0
    count: int = 0
    timing: Timing = field(default_factory=Timing)

    def seconds(self, frame_time: Fraction) -> float:
        return float(self.timing.duration(frame_time)) if self.timing.frames else 0.0

    def kbps(self, seconds: float) -> float:
        return 8 * self.size / seconds / _KILOBIT if seconds else 0.0


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """`index` is that of the stream in the file, `seconds` its length."""

    index: int
    codec: str
    rate: int
    channels: int
    kbps: float
    seconds: float


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """A film by its container. `shown` is the size in square pixels, upright; `stored` that of the decoded picture, upright."""

    demuxer: str
    container: str
    bytes: int
    index: int
    seconds: float
    codec: str
    shown: tuple[int, int]
    stored: tuple[int, int]
    chroma: str
    bit_depth: int
    color: str
    full_range: bool
    square_pixels: bool
    progressive: bool
    rotation: int
    frames: int
    rate: Fraction | None
    constant_rate: bool
    kbps: float
    video_streams: int
    audio_streams: int
    other_streams: int
    index_first: bool | None
    edit_list: bool | None
    fragmented: bool | None
    sound: SoundFacts | None


def read_facts(path: Path) -> FilmFacts:
    """Reads a film's container. Never opens another file. Raises ClipError that names the file and the reason."""
    demuxer = sniff_clip(path)
    with open_clip(path, demuxer) as opened:
        return _facts(path, demuxer, opened)


def _facts(path: Path, demuxer: str, opened: InputContainer) -> FilmFacts:
    video = _films(opened)
    if not video or cast("object", video[0].codec_context) is None:
        raise ClipError(f"{path} has no picture that can be decoded; give a file that holds moving pictures")
    main, sounds = video[0], list(opened.streams.audio)
    read, picture = _read(path, opened, main)
    shown, timing = read[main.index], read[main.index].timing
    if picture is None or not timing.frames:
        raise ClipError(f"{path} holds no picture that can be decoded; export it again")
    size = path.stat().st_size
    if any(entry.pos + entry.size > size for entry in main.index_entries):
        raise ClipError(f"{path} is cut short; export or download it again")
    rate = main.guessed_rate or main.average_rate
    seconds = shown.seconds(1 / rate if rate else Fraction(0))
    is_mov = demuxer == "mov"
    sar = main.sample_aspect_ratio or Fraction(1)
    return FilmFacts(
        demuxer=demuxer,
        container=_container(path, demuxer),
        bytes=path.stat().st_size,
        index=main.index,
        seconds=seconds,
        codec=main.codec_context.codec.canonical_name,
        shown=displayed_size(picture.width, picture.height, sar, picture.rotation),
        stored=displayed_size(picture.width, picture.height, Fraction(1), picture.rotation),
        chroma=_chroma(picture.format),
        bit_depth=max(component.bits for component in picture.format.components),
        color=color_name(picture.colorspace, picture.color_primaries, picture.color_trc),
        full_range=picture.format.name.startswith("yuvj") or picture.color_range == _FULL_RANGE,
        square_pixels=sar == 1,
        progressive=not (picture.interlaced_frame or main.codec_context.field_order in _INTERLACED_ORDERS),
        rotation=picture.rotation % 360,
        frames=timing.frames,
        rate=_rate(timing, demuxer),
        constant_rate=not timing.is_vfr(),
        kbps=shown.kbps(seconds),
        video_streams=len(video),
        audio_streams=len(sounds),
        other_streams=len(opened.streams) - len(video) - len(sounds),
        index_first=moov_is_first(path) if is_mov else None,
        edit_list=has_edits(path) if is_mov else None,
        fragmented=is_fragmented(path) if is_mov else None,
        sound=_sound(sounds[0], read[sounds[0].index]) if sounds else None,
    )


def _rate(timing: Timing, demuxer: str) -> Fraction | None:
    """The mean rate. Containers that round times to milliseconds show a usual rate as one nearby."""
    mean = timing.fps()
    if mean is None or demuxer not in _MILLISECONDS:
        return mean
    error = mean * mean / (1000 * timing.frames)
    return next((rate for rate in USUAL_RATES if abs(rate - mean) <= error), mean)


def _films(opened: InputContainer) -> list[VideoStream]:
    return [stream for stream in opened.streams.video if not stream.disposition & _NOT_FILM]


def _read(path: Path, opened: InputContainer, main: VideoStream) -> tuple[Mapping[int, _Packets], VideoFrame | None]:
    """Reads all packets of all streams, and the first picture of the main one."""
    read = {stream.index: _Packets() for stream in opened.streams}
    picture: VideoFrame | None = None
    for packet in packets_of(opened, *opened.streams):
        stream = read[packet.stream_index]
        stream.size += packet.size
        stream.count += bool(packet.size)
        time, unit = packet.pts if packet.pts is not None else packet.dts, packet.time_base
        if packet.size and time is not None and not packet.is_discard:
            stream.timing.add(time * unit, (packet.duration or 0) * unit)
        if packet.stream_index == main.index and picture is None:
            decoded = main.codec_context.decode(packet if packet.size else None)  # pyright: ignore[reportArgumentType]
            picture = next(iter(decoded), None)
        if stream.count > MAX_FRAMES:
            raise ClipError(f"{path} holds more than {MAX_FRAMES} frames; give a shorter film")
    return read, picture


def _sound(stream: AudioStream, read: _Packets) -> SoundFacts:
    context = stream.codec_context
    if cast("object", context) is None:
        return SoundFacts(stream.index, "unknown", 0, 0, 0.0, 0.0)
    name = context.codec.canonical_name
    seconds = read.seconds(Fraction(0))
    codec = "pcm" if name.startswith("pcm_") else name
    return SoundFacts(stream.index, codec, context.sample_rate, context.channels, read.kbps(seconds), seconds)


def _container(path: Path, demuxer: str) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if demuxer == "matroska":
        return "webm" if b"webm" in head[:64] else "mkv"
    if demuxer != "mov":
        return demuxer
    brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "
    return {b"qt  ": "mov", b"M4V ": "m4v"}.get(brand, "3gp" if brand[:3] == b"3gp" else "mp4")


def _chroma(layout: VideoFormat) -> str:
    if layout.is_rgb:
        return "RGB"
    if len(layout.components) == 1:
        return "none"
    wide = 8
    return _CHROMA.get((wide // layout.chroma_width(wide), wide // layout.chroma_height(wide)), layout.name)
