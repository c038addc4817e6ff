"""What is spoken in a film: lines of sound with the times of their words, placed on its frames."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from pathlib import Path

from adreel.domain.films.formats import FPS, SAMPLE_RATE

FASTEST = 1.15
"""The most by which a line is spoken faster than the voice's own pace to fit its beat."""


class Timing(StrEnum):
    """How exactly the times of a line are known: of each word, or of each sentence only."""

    WORDS = "words"
    SENTENCES = "sentences"


@dataclass(frozen=True, slots=True)
class TimedText:
    """A written word, or a sentence where only that is known, from `start` to `end` in seconds of its line."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """Who spoke: a model with its version and the SHA-256 of its weights, to be declared with the film (a trained model made the
    sound); or a person, whose recording has this hash."""

    name: str
    version: str
    sha256: str
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A spoken line: `sound` is a 16-bit WAV at 48 kHz, one channel, of `samples` samples; `digest` is the hash of what it was
    made from. `times` are of its words or sentences, in order."""

    sound: Path
    digest: str
    samples: int
    times: tuple[TimedText, ...]
    timing: Timing
    speed: float = 1.0

    @property
    def seconds(self) -> float:
        return self.samples / SAMPLE_RATE

    @property
    def frames(self) -> int:
        """The least number of frames in which it is spoken."""
        return ceil(self.samples * FPS / SAMPLE_RATE)
