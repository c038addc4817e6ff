"""When the words of a line are spoken, for voices that do not say so: sentences by pauses, words spread within them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.films.narration import TimedText

if TYPE_CHECKING:
    from adreel.media.speech.line_voice import Floats

_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"'”’»)]*(?=\s|$)|[。！？]+[\"'”’»」』）]*|$)", re.DOTALL)
_WINDOW = SAMPLE_RATE // 50
_QUIET = 0.03
"""The level of a pause, as a part of the loudest window of the line."""
_SHORTEST_PAUSE = 0.1
_NEAR = 0.25
"""How far from its place by letters the pause after a sentence may be, as a part of the line."""
_WIDE = 2.5
"""Letters that a Chinese or Japanese one counts as."""

_HANGUL = range(0xAC00, 0xD7A4)
"""Korean letters, between whose words there are spaces."""


def words_of(text: str) -> list[str]:
    """The words of a text; in Chinese and Japanese each letter, with the signs behind it."""
    return [part for word in text.split() for part in _parts(word)]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, each with the quotation marks that close it."""
    return _SENTENCE.findall(text)


def sentence_times(text: str, samples: Floats) -> tuple[TimedText, ...]:
    """The words of a line with their seconds; `samples` are the line without silence around it."""
    sentences = sentences_of(text)
    seconds = len(samples) / SAMPLE_RATE
    pauses = list(_pauses(samples))
    times: list[TimedText] = []
    for sentence, (start, end) in zip(sentences, _spans(sentences, pauses, seconds), strict=True):
        times += spread(sentence, start, end)
    return tuple(times)


def _parts(word: str) -> Iterator[str]:
    part = ""
    for char in word:
        if part and _is_wide(char) and unicodedata.category(char)[0] == "L":
            yield part
            part = ""
        part += char
    if part:
        yield part


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF" and ord(char) not in _HANGUL


def _letters(text: str) -> float:
    return sum(_WIDE if _is_wide(char) else 1.0 for char in text if unicodedata.category(char)[0] in "LNM") or 1.0


def _pauses(samples: Floats) -> Iterator[tuple[float, float]]:
    """The silences within the line, in seconds."""
    count = len(samples) // _WINDOW
    if not count:
        return
    levels = np.sqrt(np.square(samples[: count * _WINDOW].reshape(count, _WINDOW)).mean(axis=1))
    quiet = np.concatenate([[False], levels < _QUIET * levels.max(), [False]]).astype(np.int8)
    steps = np.flatnonzero(np.diff(quiet))
    for first, last in zip(steps[::2], steps[1::2], strict=True):
        start, end = first * _WINDOW / SAMPLE_RATE, last * _WINDOW / SAMPLE_RATE
        if end - start >= _SHORTEST_PAUSE and first > 0 and last < count:
            yield float(start), float(end)


def _spans(
    sentences: Sequence[str], pauses: Sequence[tuple[float, float]], seconds: float
) -> list[tuple[float, float]]:
    """From where to where each sentence is spoken: a sentence ends at the longest pause that is near its place by letters."""
    letters = [_letters(sentence) for sentence in sentences]
    places = np.cumsum(letters)[:-1] / sum(letters) * seconds
    bounds: list[tuple[float, float]] = [(0.0, 0.0)]
    for place in map(float, places):
        free = [each for each in pauses if each[0] > bounds[-1][1] and abs(sum(each) / 2 - place) <= _NEAR * seconds]
        longest = max(free, key=lambda each: each[1] - each[0], default=None)
        bounds.append(longest or (max(place, bounds[-1][1]), max(place, bounds[-1][1])))
    return [(before[1], after[0]) for before, after in pairwise([*bounds, (seconds, seconds)])]


def spread(sentence: str, start: float, end: float) -> list[TimedText]:
    """The words of a sentence over its time, by their letters."""
    words = words_of(sentence)
    letters = [_letters(word) for word in words]
    ends = np.cumsum([0.0, *letters]) / sum(letters) * (end - start) + start
    return [
        TimedText(word, float(first), float(last)) for word, (first, last) in zip(words, pairwise(ends), strict=True)
    ]
