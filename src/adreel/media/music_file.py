"""A person's own music file: told by its first bytes, opened as that and nothing else, decoded within limits."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from adreel.domain.errors import MusicError
from adreel.domain.formats import SAMPLE_RATE
from adreel.media.sound import Samples, to_samples

MAX_BYTES = 200 * 2**20
MAX_SECONDS = 600
"""More of a file is not decoded: no film is longer, and a day of sound would fill the memory."""
MIN_SECONDS = 1.0

READABLE = "WAV, MP3, M4A, AAC, OGG, Opus and FLAC"

_HEAD_BYTES = 64
_ID3_HEADER = 10
_OPEN_SECONDS = 20.0
_MOST_FAULTS = 2
"""Packets that may fail to decode: players skip the odd one at a file's ends, more are damage."""
_SHORTFALL = 0.02


def load_music(path: Path) -> Samples:
    """The file's sound as (n, 2) at 48 kHz, at most its first ten minutes.

    Raises MusicError, naming the file, when it is missing, over 200 MB, not music in a container that adreel reads,
    damaged, cut short, or shorter than a second. No other file is ever opened, whatever this one refers to.
    """
    demuxer, declares_length = _sniff(path)
    try:
        with av.open(
            f"file:{path.absolute()}",
            format=demuxer,
            options={"protocol_whitelist": "file", "format_whitelist": demuxer},
            metadata_errors="replace",
            timeout=_OPEN_SECONDS,
        ) as container:
            return _decoded(path, container, declares_length=declares_length)
    except (FFmpegError, OSError) as error:
        reason = error.strerror if isinstance(error, FFmpegError) else str(error)
        raise _refusal(path, f"is damaged or cut short ({reason}); export it again") from error
    except ValueError as error:
        # What the resampler says to a file whose rate or number of channels changes midway.
        raise _refusal(path, "changes its sound format midway; export it again as one piece") from error


def _decoded(path: Path, container: InputContainer, *, declares_length: bool) -> Samples:
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        raise _refusal(path, "has no sound; give a music file")
    declared = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    samples = to_samples(_frames(path, container, stream))[: MAX_SECONDS * SAMPLE_RATE]
    seconds = len(samples) / SAMPLE_RATE
    if declares_length and seconds < min(declared, MAX_SECONDS) * (1 - _SHORTFALL) - 0.1:
        raise _refusal(path, f"is cut short: {seconds:.1f} of {declared:.1f} seconds are there; export it again")
    if seconds < MIN_SECONDS:
        raise _refusal(path, "holds less than a second of sound; give a longer one")
    return samples


def _frames(path: Path, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """The stream's frames, up to the limit of length. Raises MusicError where too much of it does not decode."""
    seconds, faults = 0.0, 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except FFmpegError as error:
            faults += 1
            if faults > _MOST_FAULTS:
                raise _refusal(path, f"is damaged ({error.strerror}); export it again") from error
            continue
        for frame in frames:
            seconds += frame.samples / frame.sample_rate
            yield frame
        if seconds >= MAX_SECONDS:
            return


def _sniff(path: Path) -> tuple[str, bool]:
    """The demuxer to force, and whether such a file says how long it is. Raises MusicError."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise _refusal(path, "is not a file; give the path of a music file")
        if facts.st_size > MAX_BYTES:
            raise _refusal(path, f"is larger than {MAX_BYTES // 2**20} MB; give a shorter or compressed one")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            tag = _id3_size(head)
            file.seek(tag)
            body = file.read(_HEAD_BYTES)
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror or error}") from error
    if not facts.st_size:
        raise _refusal(path, "is empty; export it again")
    demuxer = sniff(body)
    if demuxer is None:
        raise _refusal(path, f"is not music that adreel reads; it reads {READABLE}")
    return demuxer, demuxer in ("wav", "flac", "mov") or _has_frame_count(body)


def sniff(head: bytes) -> str | None:
    """The FFmpeg demuxer for sound that begins with ``head`` (any ID3 tag already passed); None for all else."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    for prefix, demuxer in ((b"fLaC", "flac"), (b"OggS", "ogg")):
        if head.startswith(prefix):
            return demuxer
    if head[4:8] == b"ftyp":
        return "mov"
    return _mpeg(head)


def _mpeg(head: bytes) -> str | None:
    """An MPEG audio frame begins with eleven set bits; layer zero marks ADTS (ISO/IEC 11172-3, 13818-7)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0:
        return "aac" if head[1] & 0xF0 == 0xF0 else None
    return "mp3" if head[2] >> 4 != 0xF and head[2] >> 2 & 3 != 3 else None


def _has_frame_count(head: bytes) -> bool:
    """Whether an MP3's first frame is the silent one that encoders use to tell the number of frames."""
    return b"Xing" in head or b"Info" in head


def _id3_size(head: bytes) -> int:
    """Bytes of the ID3v2 tag at the start, header included; its size is written in seven bits of each byte."""
    if not head.startswith(b"ID3") or len(head) < _ID3_HEADER:
        return 0
    size = 0
    for byte in head[6:_ID3_HEADER]:
        size = size << 7 | byte & 0x7F
    return _ID3_HEADER + size


def _refusal(path: Path, why: str) -> MusicError:
    return MusicError(f"{path} {why}")
