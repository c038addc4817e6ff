"""Speaks without words: syllables of a buzzing tone with three resonances, of about the length that the line takes to say.

The pitch follows the voice, the resonances the letters, so that a test can tell lines and voices apart. Sentences end with a
pause.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from av.audio.stream import AudioStream

    Sound = npt.NDArray[np.float64]

_SYLLABLE = 0.17
_WIDE_SYLLABLE = 0.21
"""Seconds of a syllable of three letters, and of one Chinese or Japanese letter."""
_BETWEEN_WORDS = 0.03
_AFTER_CLAUSE, _AFTER_SENTENCE = 0.18, 0.4
_AROUND = 0.12
"""Seconds of silence before and after a line."""
_LETTERS = 3
_ENDS, _BREAKS = ".!?…。！？", ",;:，、；："


@dataclass(frozen=True, slots=True)
class Line:
    """What an order asks for; `speed` is 1 for the usual pace."""

    text: str
    voice: str
    speed: float
    rate: int
    channels: int


def line_of(given: dict[str, Any]) -> Line:
    """The line of an input."""
    text = " ".join(str(given["text"]).split())
    voice, speed = str(given.get("voice_id", "Wise_Woman")), float(given.get("speed", 1))
    return Line(text, voice, speed, int(given.get("sample_rate", 32000)), 1 + (given.get("channel") == "stereo"))


@lru_cache(maxsize=64)
def spoken(line: Line, kind: str, *, is_silent: bool = False, is_short: bool = False) -> bytes:
    """The sound of a line as a file; `kind` is wav, mp3, flac or pcm."""
    sound = _sound(line)
    sound = sound * (0.0 if is_silent else 1.0)
    return _file(sound[: len(sound) // 10] if is_short else sound, line, kind)


def _sound(line: Line) -> Sound:
    pitch = 90.0 + _number(line.voice) % 140
    parts = [np.zeros(round(_AROUND * line.rate))]
    for word in line.text.split():
        parts += [_tone(syllable, pitch, line) for syllable in _syllables(word)]
        parts.append(np.zeros(round(_pause(word) / line.speed * line.rate)))
    return np.concatenate([*parts, np.zeros(round(_AROUND * line.rate))])


def _syllables(word: str) -> list[str]:
    letters = "".join(char for char in word if unicodedata.category(char)[0] in "LN")
    if any(unicodedata.east_asian_width(char) == "W" for char in letters):
        return list(letters)
    return [letters[at : at + _LETTERS] for at in range(0, len(letters), _LETTERS)]


def _tone(syllable: str, pitch: float, line: Line) -> Sound:
    wide = unicodedata.east_asian_width(syllable[0]) == "W"
    seconds = (_WIDE_SYLLABLE if wide else _SYLLABLE * len(syllable) / _LETTERS) / line.speed
    at = np.arange(max(1, round(seconds * line.rate))) / line.rate
    resonances = [300.0 + _number(f"{syllable} {part}") % (400 * part) + 500 * (part - 1) for part in (1, 2, 3)]
    harmonics = np.arange(1, int(min(5000.0, line.rate / 2 - 200) / pitch))
    loudness = sum(np.exp(-(((harmonics * pitch - each) / 180.0) ** 2)) for each in resonances) + 0.02
    tone = (np.sin(2 * np.pi * pitch * np.outer(at, harmonics)) * loudness).sum(axis=1)
    return 0.25 * tone / max(1e-9, np.abs(tone).max()) * np.sin(np.pi * np.linspace(0, 1, len(at))) ** 0.5


def _pause(word: str) -> float:
    if word[-1] in _ENDS:
        return _AFTER_SENTENCE
    return _AFTER_CLAUSE if word[-1] in _BREAKS else _BETWEEN_WORDS


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def _file(sound: Sound, line: Line, kind: str) -> bytes:
    samples = np.repeat(np.rint(sound * 32767).astype(np.int16)[None, :], line.channels, axis=0)
    packed = np.ascontiguousarray(samples.T).reshape(1, -1)
    if kind == "pcm":
        return packed.tobytes()
    target, layout = io.BytesIO(), "stereo" if line.channels == 2 else "mono"
    codec = {"wav": "pcm_s16le", "mp3": "libmp3lame", "flac": "flac"}[kind]
    with av.open(target, "w", format=kind) as container:
        stream = cast("AudioStream", container.add_stream(codec, rate=line.rate, layout=layout))
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate = line.rate
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=line.rate, frame_size=stream.frame_size)
        for ready in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return target.getvalue()
