"""A person's own music file: told by its first bytes, opened as that and nothing else, decoded within limits."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from adreel.domain.errors import MusicError
from adreel.domain.formats import SAMPLE_RATE
from adreel.media import music_formats
from adreel.media.music_formats import MusicFormat
from adreel.media.sound import Samples, to_samples

MAX_BYTES = 200 * 2**20
MAX_SECONDS = 600
"""More of a file is not decoded: no film is longer, and a day of sound would fill the memory."""
MIN_SECONDS = 1.0

_OPEN_SECONDS = 20.0
_MOST_FAULTS = 2
"""Packets that may fail to decode: players skip the odd one at a file's ends, more are damage."""
_SHORTFALL = 0.02
_MOST_WAITING = 90 * SAMPLE_RATE
"""Samples: 35 MB."""

_Key = tuple[str, int, int, int]


@dataclass(slots=True)
class _Waiting:
    """The sound of the file that was checked last, until it is asked for: whoever checks one mostly wants it next."""

    key: _Key | None = None
    samples: Samples | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: _Key, samples: Samples) -> None:
        with self.lock:
            if len(samples) <= _MOST_WAITING:
                self.key, self.samples = key, samples

    def take(self, key: _Key | None) -> Samples | None:
        """The sound, once."""
        with self.lock:
            if key is None or key != self.key:
                return None
            samples, self.key, self.samples = self.samples, None, None
            return samples


_waiting = _Waiting()


def load_music(path: Path) -> Samples:
    """The file's sound as (n, 2) at 48 kHz, at most its first ten minutes.

    Raises MusicError, naming the file, when it is missing, over 200 MB, not music in a container that adreel reads,
    damaged, cut short, or shorter than a second. No other file is ever opened, whatever this one refers to.
    """
    ready = _waiting.take(_key_of(path))
    return _load(path) if ready is None else ready


def _load(path: Path) -> Samples:
    found = _sniff(path)
    try:
        with av.open(
            f"file:{path.absolute()}",
            format=found.demuxer,
            options={"protocol_whitelist": "file", "format_whitelist": found.demuxer},
            metadata_errors="replace",
            timeout=_OPEN_SECONDS,
        ) as container:
            return _decoded(path, container, declares_length=found.declares_length)
    except (FFmpegError, OSError) as error:
        reason = error.strerror if isinstance(error, FFmpegError) else str(error)
        raise _refusal(path, f"is damaged or cut short ({reason}); export it again") from error
    except ValueError as error:
        # What the resampler says to a file whose rate or number of channels changes midway.
        raise _refusal(path, "changes its sound format midway; export it again as one piece") from error


def check_music(path: Path) -> None:
    """Raises what `load_music` raises. A file that was found usable is not decoded again until it changes."""
    key = _key_of(path)
    if key is None:
        _load(path)
    else:
        _check(key, path)


def _key_of(path: Path) -> _Key | None:
    """What changes when the file does; None for one that is not there."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return str(path.absolute()), facts.st_mtime_ns, facts.st_size, facts.st_ino


@lru_cache(maxsize=64)
def _check(key: _Key, path: Path) -> None:
    _waiting.put(key, _load(path))


def _decoded(path: Path, container: InputContainer, *, declares_length: bool) -> Samples:
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        raise _refusal(path, "has no sound; give a music file")
    declared = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    samples = to_samples(_frames(path, container, stream))[: MAX_SECONDS * SAMPLE_RATE]
    seconds = len(samples) / SAMPLE_RATE
    if not np.isfinite(samples).all():
        raise _refusal(path, "is damaged: it holds samples that are not numbers; export it again")
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


def _sniff(path: Path) -> MusicFormat:
    """The format to open the file as. Raises MusicError."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise _refusal(path, "is not a file; give the path of a music file")
        if facts.st_size > MAX_BYTES:
            raise _refusal(path, f"is larger than {MAX_BYTES // 2**20} MB; give a shorter or compressed one")
        with path.open("rb") as file:
            found = music_formats.sniff(file, facts.st_size)
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror or error}") from error
    if not facts.st_size:
        raise _refusal(path, "is empty; export it again")
    if found is None:
        raise _refusal(path, f"is not music that adreel reads; it reads {music_formats.READABLE}")
    if found.cut_short:
        raise _refusal(path, "is cut short; export or download it again")
    return found


def _refusal(path: Path, why: str) -> MusicError:
    return MusicError(f"{path} {why}")
