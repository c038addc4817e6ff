"""How long words must be on the screen to be read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import ceil

WORDS_PER_SECOND = 3.0
"""A comfortable pace for words over a moving picture."""

SHORTEST_READING = 1.0
"""Seconds that the shortest text needs."""

_LONG_WORD = 14
"""Letters of a word that is read as one; a longer compound counts as several."""

_DENSE_SCRIPTS = (
    (0x0E00, 0x0EFF, 5),
    (0x1000, 0x109F, 5),
    (0x1780, 0x17FF, 5),
    (0x3040, 0x30FF, 2),
    (0x3400, 0x9FFF, 2),
    (0xF900, 0xFAFF, 2),
    (0x20000, 0x3FFFF, 2),
)
"""Scripts without spaces between words, as the first and last code point and the letters that are read as one word: Thai and
Lao, Burmese, Khmer, Japanese syllables, Han."""


def count_words(text: str) -> float:
    """Returns the number of words as they are read: letters of scripts without spaces are parts of one, long words several,
    dashes and signs none."""
    return sum(map(_count, text.split()))


def reading_seconds(texts: Iterable[str]) -> float:
    """Returns the seconds in which all texts, shown at the same time, can be read; 0 without any."""
    words = sum(map(count_words, texts))
    return max(SHORTEST_READING, words / WORDS_PER_SECOND) if words else 0.0


@lru_cache(maxsize=16_384)
def _count(word: str) -> float:
    """Kept for the words seen last: a script is measured many times while it is fitted, and ads of a shop share words."""
    if not any(letter.isalnum() for letter in word):
        return 0.0
    shares = [
        next((1 / size for first, last, size in _DENSE_SCRIPTS if first <= ord(letter) <= last), 0) for letter in word
    ]
    return sum(shares) + ceil(shares.count(0) / _LONG_WORD)
