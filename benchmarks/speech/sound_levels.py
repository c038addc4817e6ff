"""Measures of a finished soundtrack: speech above everything else, and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from adreel.domain.films.formats import SAMPLE_RATE, SAMPLES_PER_FRAME
from adreel.media.audio import mix, soundtrack, speech_mix
from adreel.media.audio.loudness import Mastered, measure_loudness, read_sound
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.audio.speech_mix import band_level
from adreel.media.speech.voice import offline_voice
from benchmarks.speech.sound_films import SoundFilm

Floats = npt.NDArray[np.float32]

_BLOCK = SAMPLE_RATE // 200
_NEAR, _AROUND = 3, SAMPLE_RATE // 50
SMALLEST_CLICK = 0.02
"""Full scale is 1."""
CLICK = 2.0
"""How much larger than those around it, within 20 ms, a step between two samples is that is heard as a click."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Of a film: `lines` and `words` are decibels of speech above all else between 300 Hz and 4 kHz in the finished sound;
    `clicks` the joints, in seconds, at which one is heard; `ends` the first and the last sample."""

    name: str
    loudness: float
    true_peak: float
    lines: tuple[float, ...]
    words: tuple[float, ...]
    clicks: tuple[float, ...]
    ends: float
    finished: Floats
    speech: Floats


@dataclass(slots=True)
class _Kept:
    bed: Floats | None
    speech: tuple[Floats, tuple[tuple[int, int], ...]]
    together: Floats
    mastered: Floats


def measured(film: SoundFilm, folder: Path) -> Levels:
    """Makes the soundtrack as a film has it, and measures what a viewer hears."""
    kept, path = _made(film, folder)
    finished = read_sound(path)[: len(kept.together)]
    loudness = measure_loudness(finished)
    gain = _gain(kept.together, finished)[:, None]
    voice = speech_mix.with_speech(None, kept.speech) * gain
    above = [_above(voice, finished, span) for span in kept.speech[1]]
    words = [_above(voice, finished, span) for span in _word_spans(film, len(finished))]
    clicks = [joint / SAMPLE_RATE for joint in _joints(film, kept.speech[1]) if is_click(kept.mastered, joint)]
    ends = float(max(np.abs(kept.mastered[0]).max(), np.abs(kept.mastered[-1]).max()))
    return Levels(
        film.name,
        loudness.integrated,
        loudness.true_peak,
        tuple(above),
        tuple(words),
        tuple(clicks),
        ends,
        finished,
        voice,
    )


def _made(film: SoundFilm, folder: Path) -> tuple[_Kept, Path]:
    """The film's soundtrack, and what it was made of on the way."""
    kept = _Kept(None, (np.zeros(0, np.float32), ()), np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32))

    def with_speech(
        bed: Floats | None, speech: tuple[Floats, tuple[tuple[int, int], ...]], most_raised: float
    ) -> Floats:
        kept.bed, kept.speech = bed, speech
        kept.together = speech_mix.with_speech(bed, speech, most_raised)
        return kept.together

    def master(samples: Floats) -> Mastered:
        done = original(samples)
        kept.mastered = done.samples
        return done

    original = mix.master
    with patch.object(soundtrack, "with_speech", with_speech), patch.object(mix, "master", master):
        track = SoundtrackStore(folder).track(film.timeline, film.clips, film.audio, film.seed)
    assert track is not None
    return kept, track.path


def _gain(before: Floats, after: Floats) -> Floats:
    """The gain of mastering at each sample, by least squares in blocks of 5 ms."""
    blocks = len(before) // _BLOCK
    first, last = (each[: blocks * _BLOCK].reshape(blocks, -1).astype(np.float64) for each in (before, after))
    power = np.square(first).sum(axis=1)
    usual = np.square(last).sum() / max(np.square(first).sum(), 1e-12)
    gains = ((first * last).sum(axis=1) + 1e-6 * usual**0.5) / (power + 1e-6)
    return np.interp(np.arange(len(before)), (np.arange(blocks) + 0.5) * _BLOCK, gains).astype(np.float32)


def _above(voice: Floats, finished: Floats, span: tuple[int, int]) -> float:
    """Everything that is not the voice counts as bed: also what limiting and coding added."""
    part = slice(*span)
    return band_level(voice[part]) - band_level(finished[part] - voice[part])


def _word_spans(film: SoundFilm, samples: int) -> list[tuple[int, int]]:
    """The samples of each spoken word."""
    spans: list[tuple[int, int]] = []
    for part in film.audio.speech:
        begin = part.start * SAMPLES_PER_FRAME
        for word in offline_voice().say(part.text, speed=part.speed).words:
            first, last = (begin + round(second * SAMPLE_RATE) for second in (word.start, word.end))
            spans.append((first, min(last, samples)))
    return spans


def _joints(film: SoundFilm, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Samples at which a clip, a line, or the lowering of the other sound begins or ends."""
    slope = SAMPLE_RATE * 3 // 10
    clips = [frame for start, clip in film.clips for frame in (start, start + clip.frames)]
    cuts = [frame * SAMPLES_PER_FRAME for frame in {*clips, *film.timeline.cuts}]
    return sorted({*cuts, *(joint for first, last in spans for joint in (first - slope, first, last, last + slope))})


def is_click(samples: Floats, joint: int) -> bool:
    """Whether the sound jumps at a sample, more than it moves around it anyway."""
    steps = np.abs(np.diff(samples, axis=0)).max(axis=1)
    if not _NEAR < joint < len(steps) - _NEAR:
        return False
    here = float(steps[joint - _NEAR : joint + _NEAR].max())
    before, after = steps[max(0, joint - _AROUND) : joint - _NEAR], steps[joint + _NEAR : joint + _AROUND]
    around = max(float(before.max(initial=0)), float(after.max(initial=0)))
    return here > SMALLEST_CLICK and here > CLICK * around
