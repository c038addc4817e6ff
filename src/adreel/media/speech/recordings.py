"""A person's recording of spoken lines: checked, levelled, and parted into lines and sentences by its pauses.

All sound here is one channel of float32 at 48 kHz. Words have the times of their sentence, within which they are spread by their
letters: a recording is not transcribed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.errors import MusicError, RecordingError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.films.narration import TimedText
from adreel.media.audio.loudness import integrated_loudness
from adreel.media.audio.music_file import load_music
from adreel.media.speech.estimate import speaking_seconds
from adreel.media.speech.sentence_times import sentences_of, spread
from adreel.media.speech.wav import read_wav

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

LONGEST = 300
"""Seconds of a recording."""
_STEP = SAMPLE_RATE // 50
"""20 ms: the time over which a level is measured."""
_LEVEL_LUFS = -16.0
_PEAK = 0.89
"""-1 dBFS, which a levelled recording does not exceed."""
_FULL = 0.999
_FULL_RUN = 3
"""Samples in a row at the greatest height of all, or nearly so, from which a peak was cut off."""
_MOST_CUT = 5
"""Cut-off peaks per second above which a voice sounds broken."""
_LEAST_DISTANCE = 15.0
"""Decibels between speech and the noise of its room below which the noise is heard under music too."""
_LEAST_LUFS = -50.0
_QUIET_SHARE, _LOUD_SHARE = 5, 90
"""Percentiles of the level that stand for the room and for speech."""
_ABOVE_ROOM = 0.35
"""Share of the way in decibels from the room's level to that of speech above which someone speaks."""
_PAUSE = 0.2
"""Seconds without speech that part lines and sentences."""
_BEFORE, _AFTER, _FADE = 0.04, 0.14, 0.01


@dataclass(frozen=True, slots=True)
class Recording:
    """A levelled recording, and the samples [first, last) between which someone speaks."""

    samples: Floats
    spoken: tuple[tuple[int, int], ...]


def prepared(path: Path) -> Recording:
    """Reads, checks and levels a recording in any format that music may have. The same file gives the same samples, and is read
    once while it is worked with.

    Raises RecordingError, which names the file, for one that cannot be read, is clipped, noisy, too quiet, or too long.
    """
    try:
        facts = path.stat()
    except OSError as error:
        raise RecordingError(f"the recording {path} cannot be read: {error.strerror}") from error
    return _prepared(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(4)
def _prepared(path: Path, _changed: int, _size: int) -> Recording:
    try:
        samples = load_music(path).mean(axis=1, dtype=np.float32)
    except MusicError as error:
        raise RecordingError(f"the recording {error}") from error
    _check(path, samples)
    levels = _levels(samples)
    level = integrated_loudness(np.repeat(samples[:, None], 2, axis=1))
    gain = 10 ** ((_LEVEL_LUFS - level) / 20)
    return Recording(_limited(samples * np.float32(gain)), tuple(_spans(levels, len(samples))))


def _check(path: Path, samples: Floats) -> None:
    """Raises RecordingError for a recording that would spoil the film, with the figures."""
    seconds = len(samples) / SAMPLE_RATE
    if seconds > LONGEST:
        raise RecordingError(
            f"the recording {path} lasts {seconds:.0f} s; {LONGEST} s are the most: record the lines alone"
        )
    cut = _cut_peaks(samples)
    if cut > _MOST_CUT * max(1.0, seconds):
        raise RecordingError(
            f"the recording {path} is clipped: {cut} peaks are cut off; record it again with a lower level or farther from the "
            "microphone"
        )
    level = integrated_loudness(np.repeat(samples[:, None], 2, axis=1))
    if not np.isfinite(level) or level < _LEAST_LUFS:
        raise RecordingError(
            f"the recording {path} is too quiet to be understood; record it again, closer to the microphone"
        )
    levels = _levels(samples)
    distance = float(np.percentile(levels, _LOUD_SHARE) - np.percentile(levels, _QUIET_SHARE))
    if distance < _LEAST_DISTANCE:
        raise RecordingError(
            f"the recording {path} is noisy: speech is {distance:.0f} dB above its pauses, and {_LEAST_DISTANCE:.0f} dB are "
            "needed; record it again in a quiet room, with a moment of silence at its ends"
        )


def _cut_peaks(samples: Floats) -> int:
    """How many peaks were cut off: all at the same height, whatever that is."""
    level = np.abs(samples)
    full = np.concatenate([[0], (level >= _FULL * level.max()).astype(np.int8), [0]])
    changes = np.flatnonzero(np.diff(full))
    return int(np.sum(changes[1::2] - changes[::2] >= _FULL_RUN))


def _levels(samples: Floats) -> npt.NDArray[np.float64]:
    """Decibels of each 20 ms."""
    whole = samples[: len(samples) // _STEP * _STEP].reshape(-1, _STEP)
    return 10 * np.log10(np.mean(np.square(whole, dtype=np.float64), axis=1) + 1e-9)


def _limited(samples: Floats) -> Floats:
    """The samples with their loudest peaks bent to -1 dBFS: those above two thirds of it, smoothly."""
    knee = _PEAK * 2 / 3
    over = np.abs(samples) > knee
    bent = knee + (_PEAK - knee) * np.tanh((np.abs(samples) - knee) / (_PEAK - knee))
    return np.where(over, np.sign(samples) * bent, samples).astype(np.float32)


def _spans(levels: npt.NDArray[np.float64], length: int) -> list[tuple[int, int]]:
    """The samples between which someone speaks, parted by pauses."""
    room, speech = np.percentile(levels, _QUIET_SHARE), np.percentile(levels, _LOUD_SHARE)
    loud = levels > room + _ABOVE_ROOM * (speech - room)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
    spans: list[tuple[int, int]] = []
    for first, last in zip(edges[::2] * _STEP, edges[1::2] * _STEP, strict=True):
        if spans and first - spans[-1][1] < _PAUSE * SAMPLE_RATE:
            spans[-1] = (spans[-1][0], int(last))
        else:
            spans.append((int(first), int(min(last, length))))
    return spans


def line_span(recording: Recording) -> tuple[int, int]:
    """The samples of a recording of one line, without the silence around it."""
    return _widened(recording, recording.spoken[0][0], recording.spoken[-1][1])


def line_spans(recording: Recording, lines: Sequence[str], path: Path) -> list[tuple[int, int]]:
    """The samples of each line of a recording of all lines, in their order: parted at those pauses after which the lengths suit
    the lines best. Raises RecordingError where there are too few pauses."""
    parts = _parted(recording.spoken, lines)
    if parts is None:
        found = len(recording.spoken) - 1
        raise RecordingError(
            f"the recording {path} has {found} pause{'' if found == 1 else 's'}, and {len(lines)} lines need {len(lines) - 1} "
            "between them; pause after each line, or give a recording for each"
        )
    return [_widened(recording, spans[0][0], spans[-1][1]) for spans in parts]


def _widened(recording: Recording, first: int, last: int) -> tuple[int, int]:
    """The samples with a little of the room before and after them."""
    before, after = round(_BEFORE * SAMPLE_RATE), round(_AFTER * SAMPLE_RATE)
    return max(0, first - before), min(len(recording.samples), last + after)


Spans = Sequence[tuple[int, int]]


def _parted(spans: Spans, texts: Sequence[str]) -> list[Spans] | None:
    """The spans of each text, so that their lengths suit those of the texts best; None for fewer spans than texts."""
    if len(spans) < len(texts):
        return None
    lengths = _logarithms(spans)
    seconds = np.array([speaking_seconds(text) for text in texts])
    wanted = np.log(seconds * (sum(last - first for first, last in spans) / seconds.sum()))
    # costs[n] is that of speaking the texts so far within the first n spans; starts has where each text begins then.
    costs = np.concatenate([[0.0], np.full(len(spans), np.inf)])
    starts: list[npt.NDArray[np.intp]] = []
    for length in wanted:
        each = costs[:-1, None] + np.abs(lengths - length)
        starts.append(each.argmin(axis=0))
        costs = np.concatenate([[np.inf], each.min(axis=0)])
    ends = [len(spans)]
    for begins in reversed(starts):
        ends.append(int(begins[ends[-1] - 1]))
    ends.reverse()
    return [spans[start:end] for start, end in pairwise(ends)]


def _logarithms(spans: Spans) -> npt.NDArray[np.float64]:
    """Of the samples from the beginning of each span to the end of each; infinite where it ends before."""
    first, last = np.array(spans, np.float64).T
    samples = last[None, :] - first[:, None]
    return np.log(samples, out=np.full(samples.shape, np.inf), where=samples > 0)


def line_samples(path: Path, span: tuple[int, int] | None) -> Floats:
    """The samples of a line, faded at its ends: those of a span of a recording, or of a stored line without one. Raises
    RecordingError, RenderError."""
    if span is None:
        return read_wav(path)
    samples = prepared(path).samples[span[0] : span[1]].copy()
    fade = np.linspace(0, 1, min(round(_FADE * SAMPLE_RATE), len(samples) // 2), dtype=np.float32)
    samples[: len(fade)] *= fade
    samples[len(samples) - len(fade) :] *= fade[::-1]
    return samples


def recorded_times(samples: Floats, text: str) -> tuple[TimedText, ...]:
    """The words of a line with seconds by its sentences, whose ends are the pauses that suit them best; without enough pauses by
    the length of the text."""
    sentences = sentences_of(text)
    spans = _spans(_levels(samples), len(samples)) or [(0, len(samples))]
    parts = _parted(spans, sentences) or _parted([(spans[0][0], spans[-1][1])], [text]) or []
    if len(parts) < len(sentences):
        sentences = [text]
    return tuple(
        word
        for sentence, part in zip(sentences, parts, strict=True)
        for word in spread(sentence, part[0][0] / SAMPLE_RATE, part[-1][1] / SAMPLE_RATE)
    )
