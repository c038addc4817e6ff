"""What the voice says, heard by a recogniser: word errors, and when captions show each word."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from adreel.domain.films.formats import FPS, SAMPLE_RATE
from adreel.domain.films.narration import TimedText
from adreel.media.speech.normalizer import read_aloud
from adreel.media.speech.phonemes import phonemes_of
from adreel.media.speech.voice import Speech, offline_voice
from adreel.media.speech.wav import write_wav
from benchmarks.speech.recogniser import Heard, Recogniser
from benchmarks.speech.word_errors import aligned, errors, misread, plain_words

_LINES = Path(__file__).with_name("lines.toml")
_BETWEEN = 0.4
"""Seconds between the lines of a script."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A line or a script: what should be said and what was heard, in plain words; `offsets` are seconds by which the recogniser
    hears a word later than its caption shows it."""

    name: str
    expected: Sequence[str]
    heard: Sequence[str]
    offsets: Sequence[float]

    @property
    def errors(self) -> int:
        return errors(self.expected, self.heard)


@dataclass(frozen=True, slots=True)
class Words:
    """All readings, and the CPU seconds that a second of speech cost."""

    lines: Sequence[Reading]
    scripts: Sequence[Reading]
    cost: float
    seconds: float
    spoken: Mapping[str, Speech] = field(repr=False)

    @property
    def readings(self) -> list[Reading]:
        return [*self.lines, *self.scripts]

    @property
    def rate(self) -> float:
        return rate_of(self.readings)

    @property
    def offsets(self) -> list[float]:
        return [abs(each) for reading in self.readings for each in reading.offsets]

    @property
    def misread(self) -> list[tuple[str, str, str]]:
        """The line, what should be said, what was heard."""
        return [(each.name, *run) for each in self.readings for run in misread(each.expected, each.heard)]


def rate_of(readings: Sequence[Reading]) -> float:
    """Word error rate."""
    return sum(each.errors for each in readings) / sum(len(each.expected) for each in readings)


def sound_alike(expected: str, heard: str) -> bool:
    """Whether two texts have the same sounds, such as Hale and hail: no fault of the voice."""
    return _sounds(expected) == _sounds(heard)


def _sounds(text: str) -> str:
    return "".join(each.phonemes for each in phonemes_of(read_aloud(text))).translate(dict.fromkeys(map(ord, " ˈˌ")))


def spoken_and_heard(recogniser: Recogniser, folder: Path) -> Words:
    """Speaks all lines and scripts and has them transcribed."""
    given = tomllib.loads(_LINES.read_text(encoding="utf-8"))
    voice = offline_voice()
    voice.say("Warm up.")
    began = time.process_time()
    lines = [_spoken([each]) for each in given["lines"]]
    scripts = [_spoken(each["lines"]) for each in given["scripts"]]
    cost, sounds = time.process_time() - began, [*lines, *scripts]
    files = [folder / f"{number:02d}.wav" for number in range(len(sounds))]
    for file, sound in zip(files, sounds, strict=True):
        write_wav(file, sound.samples)
    said = [*([each] for each in given["lines"]), *(each["lines"] for each in given["scripts"])]
    names = [*(each["text"] for each in given["lines"]), *(each["name"] for each in given["scripts"])]
    heard = recogniser.transcripts(files)
    readings = [_reading(*each) for each in zip(names, said, sounds, heard, strict=True)]
    seconds = sum(len(sound.samples) for sound in sounds) / SAMPLE_RATE
    count = len(lines)
    spoken = dict(zip(names, sounds, strict=True))
    return Words(readings[:count], readings[count:], cost / seconds, seconds, spoken)


def _spoken(lines: Sequence[Mapping[str, Any]]) -> Speech:
    """Lines with a pause after each."""
    gap = np.zeros(round(_BETWEEN * SAMPLE_RATE), np.float32)
    parts, words, at = list[np.ndarray[Any, Any]](), list[TimedText](), 0
    for line in lines:
        speech = offline_voice().say(line["text"])
        begin = at / SAMPLE_RATE
        words += [TimedText(word.text, begin + word.start, begin + word.end) for word in speech.words]
        parts += [speech.samples, gap]
        at += len(speech.samples) + len(gap)
    return Speech(np.concatenate(parts), tuple(words))


def _reading(name: str, said: Sequence[Mapping[str, Any]], sound: Speech, heard: Heard) -> Reading:
    expected = plain_words(" ".join(line.get("said", line["text"]) for line in said))
    return Reading(name, expected, plain_words("".join(word for word, _, _ in heard)), _offsets(sound.words, heard))


def _offsets(words: Sequence[TimedText], heard: Heard) -> list[float]:
    """Of the words that were heard as they are written: captions show a word from the frame in which it begins."""
    written, other = [_key(word.text) for word in words], [_key(word) for word, _, _ in heard]
    pairs = ((step.expected, step.heard) for step in aligned(written, other))
    return [
        heard[there][1] - int(words[here].start * FPS) / FPS
        for here, there in pairs
        if here is not None and there is not None and written[here] == other[there]
    ]


def _key(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
