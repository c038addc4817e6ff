"""How long a line takes to speak, before it is spoken."""

from __future__ import annotations

from adreel.media.speech.normalizer import read_aloud, sentences

_SECONDS_OF_LETTER = 0.046
_SECONDS_OF_WORD = 0.094
_SECONDS_OF_PAUSE = 0.5
_SECONDS_OF_SENTENCE = 0.38
"""Silence between two sentences, beyond that of a pause."""
_SPARE = 0.02
"""Fitted to 30 lines of ads in the offline voice; the spare part covers nine of ten."""


def speaking_seconds(text: str) -> float:
    """Returns about how long the offline voice takes for a line at its own pace; rather more."""
    words = read_aloud(text)
    said = [each for word in words for each in word.said]
    pauses = sum(bool(word.pause) for word in words)
    letters = sum(map(len, said))
    breaks = _SECONDS_OF_PAUSE * pauses + _SECONDS_OF_SENTENCE * max(0, len(sentences(words)) - 1)
    return _SECONDS_OF_LETTER * letters + _SECONDS_OF_WORD * len(said) + breaks + _SPARE
