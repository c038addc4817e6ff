"""Reads the user's music file: detects its format by its first bytes, opens it with that demuxer only, decodes within limits.

FFmpeg never probes the format, because it could detect a playlist.
"""

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

from adreel.domain.errors import AdreelError, MusicError
from adreel.domain.films.file_faults import EMPTY, cannot_be_read, is_no_file, wrong_kind
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.media.audio.music_format import MusicFormat, sniff
from adreel.media.audio.samples import Samples, to_samples

READABLE = "WAV, MP3, M4A, AAC, OGG, Opus or FLAC"

MAX_BYTES = 200 * 2**20
MAX_SECONDS = 600
"""Seconds of a file that are decoded at most: no film is longer, and a day of sound would fill the memory."""
MIN_SECONDS = 1.0

_OPEN_SECONDS = 20.0
_MOST_FAULTS = 2
"""Packets that may fail to decode: players skip single ones at a file's ends; more are damage."""
_SHORTFALL = 0.02
_MOST_CACHED = 90 * SAMPLE_RATE
"""Samples: 35 MB."""

_Key = tuple[str, int, int, int]


@dataclass(slots=True)
class _LastChecked:
    """The sound of the last checked file, until it is taken: a caller that checks a file usually loads it next."""

    key: _Key | None = None
    samples: Samples | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: _Key, samples: Samples) -> None:
        with self.lock:
            if len(samples) <= _MOST_CACHED:
                self.key, self.samples = key, samples

    def take(self, key: _Key | None) -> Samples | None:
        """Returns the sound and removes it; None for another key."""
        with self.lock:
            if key is None or key != self.key:
                return None
            samples, self.key, self.samples = self.samples, None, None
            return samples


_last_checked = _LastChecked()


def load_music(path: Path) -> Samples:
    """The file's sound as (n, 2) at 48 kHz, at most its first ten minutes.

    Raises MusicError naming the file when it is missing, over 200 MB, not music in a supported container, damaged, truncated,
    or shorter than a second. Never opens another file, whatever this one refers to.
    """
    cached = _last_checked.take(_key_of(path))
    return _load(path) if cached is None else cached


def load_sound(path: Path, least: float) -> Samples:
    """As `load_music`, for sound of at least so many seconds."""
    return _load(path, least)


def _load(path: Path, least: float = MIN_SECONDS) -> Samples:
    found = _sniff(path)
    try:
        with av.open(
            f"file:{path.absolute()}",
            format=found.demuxer,
            options={"protocol_whitelist": "file", "format_whitelist": found.demuxer, **dict(found.options)},
            metadata_errors="replace",
            timeout=_OPEN_SECONDS,
        ) as container:
            return _decoded(path, container, least, declares_length=found.declares_length)
    except AdreelError:
        raise
    except ValueError as error:
        if isinstance(error, FFmpegError):
            raise _damaged(path, error.strerror) from error
        raise _damaged(path, str(error)) from error
    except Exception as error:
        # Mostly FFmpeg's own errors; PyAV and NumPy also raise others for unexpected values.
        raise _damaged(path, error.strerror if isinstance(error, FFmpegError) else str(error)) from error


def check_music(path: Path) -> None:
    """Raises like `load_music`. A usable file is not decoded again until it changes."""
    key = _key_of(path)
    if key is None:
        _load(path)
    else:
        _check(key, path)


def _key_of(path: Path) -> _Key | None:
    """A cache key that changes with the file; None for a missing file."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return str(path.absolute()), facts.st_mtime_ns, facts.st_size, facts.st_ino


@lru_cache(maxsize=64)
def _check(key: _Key, path: Path) -> None:
    _last_checked.put(key, _load(path))


def _decoded(path: Path, container: InputContainer, least: float, *, declares_length: bool) -> Samples:
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        raise _music_error(path, "has no sound; give a music file")
    declared = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    samples = to_samples(_frames(path, container, stream))[: MAX_SECONDS * SAMPLE_RATE]
    seconds = len(samples) / SAMPLE_RATE
    if not np.isfinite(samples).all():
        raise _music_error(path, "is damaged: it holds samples that are not numbers; export it again")
    if declares_length and seconds < min(declared, MAX_SECONDS) * (1 - _SHORTFALL) - 0.1:
        raise _music_error(path, f"is cut short: {seconds:.1f} of {declared:.1f} seconds are there; export it again")
    if seconds < least:
        shortest = "a second" if least == MIN_SECONDS else f"{least:g} seconds"
        raise _music_error(path, f"holds less than {shortest} of sound; give a longer one")
    return samples


def _frames(path: Path, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """The stream's frames, up to MAX_SECONDS. Raises MusicError when too many packets fail to decode."""
    seconds, faults = 0.0, 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except FFmpegError as error:
            faults += 1
            if faults > _MOST_FAULTS:
                raise _music_error(path, f"is damaged ({error.strerror}); export it again") from error
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
            raise _music_error(path, is_no_file("music files"))
        if facts.st_size > MAX_BYTES:
            raise _music_error(path, f"is larger than {MAX_BYTES // 2**20} MB; give a shorter or compressed one")
        with path.open("rb") as file:
            found = sniff(file, facts.st_size)
    except OSError as error:
        raise _music_error(path, cannot_be_read(error)) from error
    if not facts.st_size:
        raise _music_error(path, EMPTY)
    if found is None:
        raise _music_error(path, wrong_kind("music", READABLE))
    if found.cut_short:
        raise _music_error(path, "is cut short; export or download it again")
    return found


def _damaged(path: Path, reason: str | None) -> MusicError:
    return _music_error(path, f"is damaged or cut short ({reason or 'for no reason given'}); export it again")


def _music_error(path: Path, why: str) -> MusicError:
    return MusicError(f"{path} {why}")
