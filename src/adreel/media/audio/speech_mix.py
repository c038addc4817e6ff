"""Speech over the other sound of a film, which is lowered while it is spoken."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.films.film import SpokenPart
from adreel.domain.films.formats import SAMPLE_RATE, SAMPLES_PER_FRAME
from adreel.media.audio.loudness import integrated_loudness
from adreel.media.audio.samples import Samples
from adreel.media.speech.recordings import line_samples
from adreel.media.speech.voice import offline_voice

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

BAND = (300.0, 4000.0)
"""Hz between which speech is understood."""
ABOVE = 12.0
"""Decibels of speech above the other sound in the band, over each line: at least 8 are left after limiting."""
RAISED_WITHOUT_MUSIC = 6.0
"""The most by which clips' own sound without music is raised: between the lines a quiet room stays one."""
_LEAST_DUCK, _MOST_DUCK = 4.0, 40.0
_SPEECH_LUFS = -16.0
_SLOPE = SAMPLE_RATE * 3 // 10
"""Samples in which the other sound is lowered before a line and raised after it."""
_NEAR = SAMPLE_RATE // 2
"""The other sound is not raised between lines with less time between them than a slope each and this."""


def spoken_track(frames: int, parts: Sequence[SpokenPart]) -> tuple[Floats, tuple[tuple[int, int], ...]]:
    """The speech of a film of `frames` frames, one channel, and the samples at which each line begins and ends."""
    track = np.zeros(frames * SAMPLES_PER_FRAME, np.float32)
    spans: list[tuple[int, int]] = []
    for part in parts:
        samples = _spoken(part)
        start = part.start * SAMPLES_PER_FRAME
        end = min(len(track), start + len(samples))
        track[start:end] += samples[: end - start]
        spans.append((start, end))
    return track, tuple(spans)


def _spoken(part: SpokenPart) -> Floats:
    """The samples of a line. Raises StorageError, RecordingError for a file that cannot be read."""
    if part.sound is not None:
        return line_samples(part.sound, part.span)
    return offline_voice().say(part.text, dict(part.said), part.speed).samples


def with_speech(
    bed: Samples | None, speech: tuple[Floats, tuple[tuple[int, int], ...]], most_raised: float = math.inf
) -> Samples:
    """Speech over a bed of other sound, if any; both (n, 2) at 48 kHz. The bed is lowered under each line. Before, it is made as
    loud as the speech, for which it is raised by at most so many decibels."""
    track, spans = speech
    voice = np.repeat(track[:, None], 2, axis=1)
    level = integrated_loudness(voice)
    if np.isfinite(level):
        voice *= np.float32(10 ** ((_SPEECH_LUFS - level) / 20))
    if bed is None:
        return voice
    bed_level = integrated_loudness(bed)
    if np.isfinite(bed_level):
        bed = bed * np.float32(10 ** (min(_SPEECH_LUFS - bed_level, most_raised) / 20))
    return voice + bed * np.power(10.0, _lowered(bed, voice, spans) / -20, dtype=np.float32)[:, None]


def _lowered(bed: Samples, voice: Samples, spans: Sequence[tuple[int, int]]) -> Floats:
    """Decibels by which the bed is lowered at each sample."""
    points = list(_points(bed, voice, spans))
    at, decibels = [each[0] for each in points], [each[1] for each in points]
    return np.interp(np.arange(len(bed)), at, decibels).astype(np.float32)


def _points(bed: Samples, voice: Samples, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, float]]:
    """The corners of the curve."""
    ducks = [_duck(bed[start:end], voice[start:end]) for start, end in spans]
    for place, ((start, end), duck) in enumerate(zip(spans, ducks, strict=True)):
        if place == 0 or start - spans[place - 1][1] >= 2 * _SLOPE + _NEAR:
            yield start - _SLOPE, 0.0
        yield start, duck
        yield end, duck
        if place == len(spans) - 1 or spans[place + 1][0] - end >= 2 * _SLOPE + _NEAR:
            yield end + _SLOPE, 0.0


def _duck(bed: Samples, voice: Samples) -> float:
    missing = ABOVE - (band_level(voice) - band_level(bed))
    return min(_MOST_DUCK, max(_LEAST_DUCK, missing))


def band_level(samples: Samples) -> float:
    """Decibels of the power of samples (n, 2) in the band of speech."""
    if not len(samples):
        return -200.0
    power = np.square(np.abs(np.fft.rfft(samples.mean(axis=1)))) / len(samples) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return float(10 * np.log10(power[(hertz >= BAND[0]) & (hertz <= BAND[1])].sum() + 1e-20))
