"""The port of voices that speak a line of text, and what they give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from adreel.domain.errors import TextError
from adreel.domain.films.narration import FASTEST, TimedText, VoiceRecord

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Speech:
    """Spoken sound at 48 kHz, one channel, and the written words with their seconds. `sound` is a WAV of just that, of which
    films are made; None from the offline voice, which says the line again."""

    samples: Floats
    words: tuple[TimedText, ...]
    sound: Path | None = None


class LineVoice(Protocol):
    """A voice. Thread-safe; its methods may take long: not for the event loop.

    `language` is the code of what it speaks here, None where that is not known. `times_words` says that the seconds of words are
    those of the sound; else those of sentences are, and words are spread within them.
    """

    @property
    def record(self) -> VoiceRecord: ...
    @property
    def language(self) -> str | None: ...
    @property
    def times_words(self) -> bool: ...

    def check(self, text: str) -> None:
        """Raises TextError for a line that the voice cannot speak."""
        ...

    def say(self, text: str, *, speed: float = 1.0) -> Speech:
        """Speaks a line, 1 to 1.15 times as fast as the voice usually speaks. Raises TextError as `check`, InputError for a line
        that was not bought."""
        ...


def check_speed(speed: float) -> None:
    """Raises TextError for a speed at which no line is spoken."""
    if not 1.0 <= speed <= FASTEST:
        raise TextError(f"a line is spoken 1 to {FASTEST} times as fast as usual, not {speed:g} times")
