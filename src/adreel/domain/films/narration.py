"""The speech of a film: lines of sound with the times of their words, placed on its frames."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from adreel.domain.films.formats import FPS, SAMPLE_RATE

FASTEST = 1.15
"""The most by which a line is spoken faster than the voice's own pace to fit its beat."""


@dataclass(frozen=True, slots=True)
class TimedText:
    """A written word, from `start` to `end` in seconds of its line."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """The model that spoke, with its version and the SHA-256 of its weights, to be declared with the film. `is_synthetic`: a
    trained model made the sound. A hosted model has a `provider` and no hash: its weights are not public."""

    name: str
    version: str
    sha256: str | None
    is_synthetic: bool
    provider: str | None = None
    licence: str = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class LineSound:
    """How a speaker says a line: the number of its samples at 48 kHz, and its words with their seconds.

    `voice` spoke it, None for a person. `sound` is its file, a 16-bit WAV at 48 kHz with one channel, where it is not spoken
    again for the film; else the offline voice does that, with the pronunciations `said`: pairs of a word and how it is spoken.
    With a `span` the file is a person's recording in any format, which is levelled, and the line its samples [first, last).
    `language` is the code of what is spoken, None where that is not known. `times_words`: the seconds are those of each word;
    else those of sentences are, and words are spread within them.
    """

    samples: int
    words: tuple[TimedText, ...]
    voice: VoiceRecord | None = None
    sound: Path | None = None
    said: tuple[tuple[str, str], ...] = ()
    span: tuple[int, int] | None = None
    language: str | None = None
    times_words: bool = False

    @property
    def frames(self) -> int:
        """The least number of frames in which it is spoken."""
        return ceil(self.samples * FPS / SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A spoken line: `sound` is a 16-bit WAV at 48 kHz, one channel, of `samples` samples; `digest` is the hash of what it was
    made from. `times` are of its words, in order."""

    sound: Path
    digest: str
    samples: int
    times: tuple[TimedText, ...]
    speed: float = 1.0

    @property
    def seconds(self) -> float:
        return self.samples / SAMPLE_RATE

    @property
    def frames(self) -> int:
        """The least number of frames in which it is spoken."""
        return ceil(self.samples * FPS / SAMPLE_RATE)
