"""Checks of a finished film. A failed check raises CheckError.

`inspect` decodes and inspects every picture when its segment is made; `aac` measures the sound when it is encoded. These
checks prove that the film holds exactly those packets, in order and on time, so nothing is decoded again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Stream

from adreel.domain.errors import CheckError, RenderError
from adreel.domain.films.film import CheckResult
from adreel.domain.films.formats import FPS, SAMPLE_RATE, FrameSize
from adreel.media.audio.loudness import NEAR_SILENCE
from adreel.media.audio.mix import Loudness, measure_loudness
from adreel.media.audio.soundtrack import SoundFile
from adreel.media.captions.cue import Cue
from adreel.media.captions.track import TRACK_CODEC, CaptionTrack, track_text
from adreel.media.segments import decode
from adreel.media.segments import x264 as encoding
from adreel.media.segments.inspect import packets_digest
from adreel.media.segments.join import Joined, Piece

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class BoxPlace:
    """Type, offset and length in bytes of a top-level box, header included."""

    kind: bytes
    offset: int
    length: int


def top_level_box_places(path: Path) -> Iterator[BoxPlace]:
    """An MP4 file's top-level boxes (ISO/IEC 14496-12), in file order; stops at the first invalid box."""
    end = path.stat().st_size
    with path.open("rb") as file:
        offset = 0
        while offset + _HEADER.size <= end:
            file.seek(offset)
            length, kind = _HEADER.unpack(file.read(_HEADER.size))
            if length == 1:
                length = _LARGE.unpack(file.read(_LARGE.size))[0]
            elif length == 0:
                length = end - offset
            if length < _HEADER.size:
                return
            yield BoxPlace(kind, offset, length)
            offset += length


def top_level_boxes(path: Path) -> Iterator[bytes]:
    """Types of an MP4 file's top-level boxes, in file order."""
    return (place.kind for place in top_level_box_places(path))


def moov_is_first(path: Path) -> bool:
    """Whether the index (moov) comes before the media data."""
    kinds = list(top_level_boxes(path))
    return b"moov" in kinds and b"mdat" in kinds and kinds.index(b"moov") < kinds.index(b"mdat")


LOUDNESS_TARGET = -14.0
LOUDNESS_TOLERANCE = 1.0
TRUE_PEAK_LIMIT = -1.0
AT_PEAK = 2.0
"""Decibels below the peak limit within which sound counts as being as loud as its peaks allow."""
LEAST_SHOWN = 0.01
"""Share of the first picture that a product must fill where a film opens with it."""
VISIBLE = 12
"""Difference of a sample, in 8-bit steps, that is seen, and that no encoder makes."""
AAC_FRAME = 1024
"""Samples of one AAC frame: the resolution of the sound's length."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected properties of the film. `asked_still` holds keys of segments that may be black or frozen: cards, and clips
    whose source is. `sound` is the muxed soundtrack with its measured loudness, where known. `empty_opening`: for a film that
    opens with the product, its first picture without it. `captions`: its text track."""

    size: FrameSize
    pieces: Sequence[Piece]
    joined: Joined
    has_sound: bool
    asked_still: frozenset[str] = frozenset()
    sound: SoundFile | None = None
    empty_opening: YuvFrame | None = None
    captions: CaptionTrack | None = None

    @property
    def frames(self) -> int:
        return sum(piece.last - piece.first for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Film:
    """The finished file, opened, with its coded packets."""

    path: Path
    container: InputContainer
    coded: decode.Coded


Check = Callable[[Film, Expected], CheckResult]


def check_film(path: Path, expected: Expected) -> tuple[CheckResult, ...]:
    """Runs every check. Raises CheckError that lists all failed checks with their figures."""
    try:
        with decode.open_mp4(path) as container:
            streams = _streams(container, expected)
            # The other checks need the right streams.
            require_checks([streams])
            film = Film(path, container, decode.coded_of(container, path))
            results = (streams, *(check(film, expected) for check in _checks_of(expected)))
    except (RenderError, FFmpegError) as error:
        raise CheckError(f"the finished film cannot be read back: {error}") from error
    require_checks(results)
    return results


def require_checks(results: Sequence[CheckResult]) -> None:
    """Raises CheckError that names all failed checks with their figures."""
    failed = [f"{result.name} ({result.detail})" for result in results if not result.passed]
    if failed:
        raise CheckError(f"the finished film failed its checks: {'; '.join(failed)}")


def _streams(container: InputContainer, expected: Expected) -> CheckResult:
    codecs = ["h264/High"] + (["aac/LC"] if expected.has_sound else [])
    codecs += [f"{TRACK_CODEC}/None"] if _captions_of(expected) else []
    found = [_codec(stream) for stream in container.streams]
    return CheckResult("streams", found == codecs, f"{' + '.join(found) or 'none'}, expected {' + '.join(codecs)}")


def _codec(stream: Stream) -> str:
    # PyAV returns no codec context for a stream without a decoder.
    context: CodecContext | None = getattr(stream, "codec_context", None)
    return "unreadable" if context is None else f"{context.name}/{context.profile}"


def _picture_format(film: Film, expected: Expected) -> CheckResult:
    context = film.container.streams.video[0].codec_context
    facts = {
        f"{expected.size.width}x{expected.size.height}": (context.width, context.height)
        == (expected.size.width, expected.size.height),
        encoding.PIXEL_FORMAT: context.pix_fmt == encoding.PIXEL_FORMAT,
        "bt709": context.colorspace == context.color_primaries == context.color_trc == encoding.COLOR_BT709,
        "limited range": context.color_range == encoding.COLOR_RANGE_LIMITED,
        "square pixels": context.sample_aspect_ratio in (None, Fraction(1)),
    }
    wrong = [name for name, right in facts.items() if not right]
    return CheckResult("picture format", not wrong, f"not {', '.join(wrong)}" if wrong else ", ".join(facts))


def _frames(film: Film, expected: Expected) -> CheckResult:
    ticks = sorted(packet.pts or 0 for packet in film.coded.packets)
    right = ticks == [index * encoding.TICKS_PER_FRAME for index in range(expected.frames)]
    unit = film.container.streams.video[0].time_base == encoding.TIME_BASE
    detail = f"{len(ticks)} of {expected.frames} frames, each at its multiple of 1/{FPS} s"
    return CheckResult("frame count and constant rate", right and unit, detail if right else f"not {detail}")


def _decoding_order(film: Film, _expected: Expected) -> CheckResult:
    times = [packet.dts for packet in film.coded.packets if packet.dts is not None]
    rising = len(times) == len(film.coded.packets) and all(a < b for a, b in pairwise(times))
    early = all(
        packet.dts <= packet.pts for packet in film.coded.packets if packet.dts is not None and packet.pts is not None
    )
    return CheckResult("monotonic timestamps", rising and early, f"{len(times)} decoding times, strictly rising")


def _duration(film: Film, expected: Expected) -> CheckResult:
    picture = Fraction(expected.frames, FPS)
    timed = (*film.container.streams.video, *film.container.streams.audio)
    lengths = [Fraction(s.duration or 0) * (s.time_base or 0) for s in timed]
    slack = Fraction(AAC_FRAME, SAMPLE_RATE)
    right = all(abs(length - picture) < slack for length in lengths)
    detail = " and ".join(f"{float(length):.3f} s" for length in lengths)
    return CheckResult("duration", right, f"{detail}; film of {float(picture):.3f} s")


def _identity(film: Film, expected: Expected) -> CheckResult:
    start = 0
    same = 0
    for piece, digest in zip(expected.pieces, expected.joined.digests, strict=True):
        count = piece.last - piece.first
        same += packets_digest(film.coded.packets[start : start + count]) == digest
        start += count
    header = film.coded.header == expected.joined.header
    right = same == len(expected.pieces) and start == len(film.coded.packets) and header
    detail = f"{same} of {len(expected.pieces)} pieces bit-identical to what was decoded without error on arrival"
    return CheckResult("decodes", right, detail)


def _black_or_frozen(_film: Film, expected: Expected) -> CheckResult:
    checked = [piece.segment for piece in expected.pieces if piece.segment.key not in expected.asked_still]
    black = sum(segment.black for segment in checked)
    frozen = sum(segment.frozen for segment in checked)
    return CheckResult("no black or frozen stretch", black + frozen == 0, f"{black} black, {frozen} frozen frames")


def _opening(_film: Film, expected: Expected) -> CheckResult:
    """Words come later, so that what differs in the first frame is the product."""
    assert expected.empty_opening is not None  # noqa: S101 (see `_checks_of`)
    first = next(iter(decode.decode_frames(expected.pieces[0].segment.video, 0, 1)))
    share = shown_share(first, expected.empty_opening)
    return CheckResult("product in the first frame", share >= LEAST_SHOWN, f"it fills {100 * share:.1f} % of it")


def shown_share(picture: YuvFrame, empty: YuvFrame) -> float:
    """The share of a picture (of all samples of its three planes) that differs from the empty one by more than `VISIBLE`."""
    return float((cv2.absdiff(picture, empty) > VISIBLE).mean())


def _loudness(film: Film, expected: Expected) -> CheckResult:
    if not expected.has_sound:
        return CheckResult("loudness", True, "no sound was requested")
    if expected.sound is not None and packets_digest(film.coded.sound) != expected.sound.digest:
        return CheckResult("loudness", False, "other sound than was measured")
    measured = measure_loudness(film.path) if expected.sound is None else expected.sound.loudness
    if measured.integrated < NEAR_SILENCE:
        return CheckResult("loudness", True, "the source sound is silent and was left unchanged")
    figures = f"{measured.integrated:.1f} LUFS, true peak {measured.true_peak:.1f} dBTP"
    right = measured.true_peak <= TRUE_PEAK_LIMIT and _is_loud_enough(measured)
    return CheckResult("loudness", right and measured.integrated <= LOUDNESS_TARGET + LOUDNESS_TOLERANCE, figures)


def _is_loud_enough(measured: Loudness) -> bool:
    """Single clicks in a quiet room reach the peak limit far below the target; more gain would crush their peaks."""
    at_peak = measured.true_peak > TRUE_PEAK_LIMIT - AT_PEAK
    return measured.integrated >= LOUDNESS_TARGET - LOUDNESS_TOLERANCE or at_peak


def _sound_fits(film: Film, expected: Expected) -> CheckResult:
    if not expected.has_sound:
        return CheckResult("sound starts with the picture", True, "no sound was requested")
    stream = film.container.streams.audio[0]
    start = _first_sample(stream)
    return CheckResult("sound starts with the picture", abs(start) < AAC_FRAME, f"first sample at {start}")


def _captions(film: Film, expected: Expected) -> CheckResult:
    """What the text track holds, read back from the film."""
    stream = film.container.streams.subtitles[0]
    with decode.open_mp4(film.path, packets_only=True) as container:
        read = [
            (round((packet.pts or 0) * (stream.time_base or 0) * FPS), text)
            for packet in container.demux(container.streams.subtitles[0])
            if packet.size and (text := track_text(bytes(packet)))
        ]
    written = [(cue.first, "\n".join(cue.lines)) for cue in _captions_of(expected)]
    return CheckResult("captions", read == written, f"{len(read)} of {len(written)} captions in a text track")


def _captions_of(expected: Expected) -> Sequence[Cue]:
    return () if expected.captions is None else expected.captions.cues


def _first_sample(stream: AudioStream) -> int:
    return int((stream.start_time or 0) * (stream.time_base or 0) * SAMPLE_RATE)


def _web_ready(film: Film, _expected: Expected) -> CheckResult:
    return CheckResult("ready for the web", moov_is_first(film.path), "index (moov) before the media data")


CHECKS: tuple[Check, ...] = (
    _picture_format,
    _frames,
    _decoding_order,
    _duration,
    _sound_fits,
    _identity,
    _black_or_frozen,
    _loudness,
    _web_ready,
)


def _checks_of(expected: Expected) -> tuple[Check, ...]:
    opening = () if expected.empty_opening is None else (_opening,)
    return (*CHECKS, *opening, *((_captions,) if _captions_of(expected) else ()))
