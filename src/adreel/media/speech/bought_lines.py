"""Lines that were bought from a hosted speech model: checked, prepared for films, and spoken from there."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.errors import GenerationError, InputError, MusicError, StorageError, TextError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.films.narration import VoiceRecord
from adreel.domain.machine_faults import fault_or
from adreel.media.audio.music_file import load_sound
from adreel.media.audio.samples import filtered, to_samples
from adreel.media.cache_uses import note_use
from adreel.media.speech.languages import check_speakable
from adreel.media.speech.line_voice import Speech, check_speed
from adreel.media.speech.sentence_times import sentence_times, words_of
from adreel.media.speech.wav import read_wav, write_wav

if TYPE_CHECKING:
    from adreel.media.speech.line_voice import Floats

LINE_VERSION = "1"
"""Part of the name of prepared lines. Increased when they are prepared differently."""

_PAUSE_SIGN = "<#"
"""Begins the pauses of MiniMax in a text. A line is words and nothing else."""
_SHORTEST = 0.1
_SILENT = 10 ** (-50 / 20)
"""The highest sample of a file that holds no speech."""
_QUIET = 10 ** (-45 / 20)
"""The level of silence around a line, as a part of its loudest sample."""
_BEFORE, _AFTER = 0.04, 0.14
_FADE = SAMPLE_RATE // 100
_FEWEST_PER_SECOND, _MOST_PER_SECOND = 1.0, 60.0
"""Letters a second between which sound can be the line. A wide letter counts as one."""


@dataclass(frozen=True, slots=True)
class LineStore:
    """A folder of prepared lines, which may be removed at any time: they are prepared again from what was bought."""

    root: Path

    def has(self, key: str) -> bool:
        return self._path(key, 1.0).is_file()

    def keep(self, key: str, text: str, bought: Path) -> None:
        """Prepares a bought file. Raises GenerationError for one that cannot be the line: it is silent, damaged or of another
        length."""
        note_use(self.root, key)
        self._write(self._path(key, 1.0), prepared(text, bought))
        note_use(self.root, key)

    def speech(self, key: str, text: str, speed: float) -> Speech | None:
        """The line, so much faster; None when it is not there. Raises StorageError."""
        path, usual = self._path(key, speed), self._path(key, 1.0)
        if not usual.is_file():
            return None
        if not path.is_file():
            self._write(path, _faster(read_wav(usual), speed))
        samples = read_wav(path)
        return Speech(samples, sentence_times(text, samples), path)

    def _path(self, key: str, speed: float) -> Path:
        # The name before its only dot is the key: by it the files of a deleted session are found.
        return self.root / f"{key}.wav{round(100 * speed)}"

    def _write(self, path: Path, samples: Floats) -> None:
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            write_wav(temporary, samples)
            temporary.replace(path)
        except OSError as error:
            failed = StorageError(f"cannot write to the folder of spoken lines {self.root}: {error}")
            raise fault_or(error, self.root, failed) from error
        finally:
            temporary.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class BoughtVoice:
    """A LineVoice of lines that were bought before. `name` is that of the model in the catalogue, `languages` what it speaks."""

    name: str
    voice: str
    record: VoiceRecord
    languages: Collection[str]
    language: str | None
    lines: LineStore
    times_words: bool = field(default=False, init=False)

    def check(self, text: str) -> None:
        """Raises TextError for a line that the voice cannot speak."""
        check_speakable(text, self.name, self.languages, self.language)
        if _PAUSE_SIGN in text:
            raise TextError(f"the line {text!r} has {_PAUSE_SIGN}, which {self.name} does not speak; leave it out")

    def key(self, text: str) -> str:
        """The name of a line: the same words, voice, language and model have the same."""
        facts = [LINE_VERSION, self.record.version, self.voice, self.language, " ".join(text.split())]
        return sha256(json.dumps(facts).encode()).hexdigest()

    def say(self, text: str, *, speed: float = 1.0) -> Speech:
        """Gives a line. A faster one is the same purchase, played faster at the same pitch."""
        self.check(text)
        check_speed(speed)
        speech = self.lines.speech(self.key(text), " ".join(text.split()), speed)
        if speech is None:
            raise InputError(f"the line {text!r} has not been bought from {self.name}; buy the lines of the film first")
        return speech


def prepared(text: str, bought: Path) -> Floats:
    """A bought line, one channel at 48 kHz, without the silence around it. Raises GenerationError for a file that cannot be the
    line."""
    try:
        samples = load_sound(bought, _SHORTEST).mean(axis=1, dtype=np.float32)
    except MusicError as error:
        raise GenerationError(f"the sound of the line {text!r} cannot be read: {error}") from error
    loudest = float(np.abs(samples).max())
    if loudest < _SILENT:
        raise GenerationError(f"the sound of the line {text!r} is silent")
    line = _trimmed(samples, loudest)
    letters, seconds = sum(len(word) for word in words_of(text)), len(line) / SAMPLE_RATE
    if not letters / _MOST_PER_SECOND <= seconds <= letters / _FEWEST_PER_SECOND + 1:
        raise GenerationError(f"the sound of the line {text!r} lasts {seconds:.1f} s, which cannot be the line")
    return line


def _trimmed(samples: Floats, loudest: float) -> Floats:
    heard = np.flatnonzero(np.abs(samples) > _QUIET * loudest)
    first = max(0, int(heard[0]) - round(_BEFORE * SAMPLE_RATE))
    last = min(len(samples), int(heard[-1]) + round(_AFTER * SAMPLE_RATE))
    line = samples[first:last].copy()
    fade = np.linspace(0, 1, min(_FADE, len(line)), dtype=np.float32)
    line[: len(fade)] *= fade
    line[-len(fade) :] *= fade[::-1]
    return line


def _faster(samples: Floats, speed: float) -> Floats:
    both = np.repeat(samples[:, None], 2, axis=1)
    return to_samples(filtered(both, ("atempo", f"{speed:.4f}"))).mean(axis=1, dtype=np.float32)
