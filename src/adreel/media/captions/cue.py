"""A caption, and captions from what a film shows or says. All times are frames of the film."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from adreel.domain.films.formats import FPS
from adreel.domain.films.narration import TimedText
from adreel.media.captions.wrapping import LONGEST_LINE, is_dense, width, wrapped

MOST_LINES = 2
LETTERS_PER_SECOND = 20
"""The fastest pace at which adults are given captions to read, by the guides of streaming services."""
_HANGUL_PER_SECOND, _HAN_PER_SECOND, _JAPANESE_PER_SECOND = 12, 9, 7
"""The same for Korean, Chinese and Japanese letters."""
_KANA = range(0x3040, 0x3100)
SHORTEST = 25
"""Frames of the shortest caption, five sixths of a second."""
GAP = 2
"""Frames between a caption and the next one, by which a viewer sees that it has changed."""
_PAUSE = 0.7
"""Seconds of silence after which a new caption begins."""
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔")
_CLAUSE = re.compile(r"(?<=[，、。！？；：])|\s+")
_QUOTES = "\"'”’»)"


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown in the frames [first, last) of a film."""

    first: int
    last: int
    lines: tuple[str, ...]

    @property
    def letters(self) -> int:
        return sum(map(len, self.lines))


@dataclass(frozen=True, slots=True)
class ShownText:
    """Texts that a film shows in the frames [first, last), in the order in which they are read."""

    first: int
    last: int
    texts: tuple[str, ...]


def shown_cues(shown: Sequence[ShownText]) -> tuple[Cue, ...]:
    """Captions of what a film shows, each within the frames of its texts. Texts of more than two lines follow one another, each
    for a time that suits its length, unless that time would be too short to read anything."""
    return tuple(cue for each in shown for cue in _cues_of(each))


def _cues_of(shown: ShownText) -> Iterator[Cue]:
    groups = _joined([lines for text in shown.texts if (lines := wrapped(text))])
    room = shown.last - shown.first
    while len(groups) > 1 and room < SHORTEST * len(groups):
        groups = _fewer(groups)
    if not groups or room <= GAP:
        return
    spare = room - SHORTEST * len(groups)
    total = sum(map(_letters, groups))
    lengths = (SHORTEST + spare * _letters(group) / total for group in groups)
    ends = [shown.first, *(shown.first + round(end) for end in accumulate(lengths))]
    for (first, end), group in zip(pairwise(ends), groups, strict=True):
        yield Cue(first, end - GAP, group)


def _joined(texts: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The lines of each caption: texts together as far as there is room, a long text in several."""
    groups: list[tuple[str, ...]] = []
    for lines in texts:
        if groups and len(groups[-1]) + len(lines) <= MOST_LINES:
            groups[-1] += lines
        else:
            groups += [lines[place : place + MOST_LINES] for place in range(0, len(lines), MOST_LINES)]
    return groups


def _fewer(groups: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The shortest two neighbours as one."""
    place = min(range(len(groups) - 1), key=lambda place: _letters(groups[place]) + _letters(groups[place + 1]))
    return [*groups[:place], groups[place] + groups[place + 1], *groups[place + 2 :]]


def _letters(lines: Sequence[str]) -> int:
    return sum(map(len, lines)) or 1


def spoken_cues(
    words: Sequence[TimedText], frames: int, cuts: Sequence[int] = (), longest: float = LONGEST_LINE
) -> tuple[Cue, ...]:
    """Captions of the speech in a film of `frames` frames. `words` have seconds of the film; `cuts` are the frames at which
    a new shot begins, in order: no caption stands across one. A caption stays longer than its words are spoken where that is
    needed to read it and the next one leaves room. Lines have at most `longest` letters. A text that is longer than a caption,
    such as a sentence whose words have no times, is parted, and its time with it."""
    bounds = [0, *(cut for cut in cuts if 0 < cut < frames), frames]
    parts = [part for word in words if word.text.strip() for part in _short_parts(word, longest)]
    groups = _spoken_groups(parts, bounds, longest)
    firsts = [_within(math.floor(group[0].start * FPS + 1e-6), _shot(group[0], bounds)) for group in groups]
    cues: list[Cue] = []
    for group, first, after in zip(groups, firsts, [*firsts, frames][1:], strict=True):
        end = _shot(group[0], bounds)[1]
        latest = end if after >= end else after - GAP
        lines = wrapped(_as_text(group), longest)
        needed = max(SHORTEST, math.ceil(reading_time(lines) * FPS))
        said = math.ceil(group[-1].end * FPS - 1e-6)
        cues.append(Cue(first, max(first + 1, min(latest, max(said, first + needed))), lines))
    return tuple(cues)


def reading_time(lines: Sequence[str]) -> float:
    """The seconds in which lines can be read at the fastest pace."""
    text = "".join(lines)
    dense = _JAPANESE_PER_SECOND if any(ord(char) in _KANA for char in text) else _HAN_PER_SECOND
    wide = [char for char in text if unicodedata.east_asian_width(char) in "WF"]
    hangul = sum("\uac00" <= char <= "\ud7a3" for char in wide)
    return (len(text) - len(wide)) / LETTERS_PER_SECOND + hangul / _HANGUL_PER_SECOND + (len(wide) - hangul) / dense


def _spoken_groups(words: Sequence[TimedText], bounds: Sequence[int], longest: float) -> list[list[TimedText]]:
    groups: list[list[TimedText]] = []
    for word in words:
        if groups and _belongs(word, groups[-1], bounds, longest):
            groups[-1].append(word)
        else:
            groups.append([word])
    for before, after in pairwise(groups):
        _balance(before, after, bounds, longest)
    return groups


def _balance(before: list[TimedText], after: list[TimedText], bounds: Sequence[int], longest: float) -> None:
    """Moves words from a full caption to the next one of its sentence and shot, which would show but one or two otherwise."""
    if not _goes_on(before[-1], after[0], bounds):
        return
    while len(before) > 1:
        fuller = [before[-1], *after]
        if (
            width(_as_text(fuller)) > width(_as_text(before[:-1]))
            or len(wrapped(_as_text(fuller), longest)) > MOST_LINES
        ):
            return
        after.insert(0, before.pop())


def _belongs(word: TimedText, group: Sequence[TimedText], bounds: Sequence[int], longest: float) -> bool:
    """Whether a word stands in the caption of the words before it."""
    return _goes_on(group[-1], word, bounds) and len(wrapped(_as_text([*group, word]), longest)) <= MOST_LINES


def _goes_on(before: TimedText, word: TimedText, bounds: Sequence[int]) -> bool:
    """Whether a word continues the sentence of the word before it, without a pause, in the same shot."""
    if before.text.rstrip(_QUOTES).endswith(_SENTENCE_ENDS) or word.start - before.end > _PAUSE:
        return False
    return _shot(word, bounds) == _shot(before, bounds)


def _short_parts(word: TimedText, longest: float) -> Iterator[TimedText]:
    """A text in parts that fit into a caption, each with its share of the time: its words, clauses without spaces, lines."""
    if len(wrapped(word.text, longest)) <= MOST_LINES:
        yield word
        return
    parts = [part for part in _CLAUSE.split(word.text) if part]
    if len(parts) == 1:
        lines = wrapped(word.text, longest)
        parts = ["".join(lines[first : first + MOST_LINES]) for first in range(0, len(lines), MOST_LINES)]
    pace = (word.end - word.start) / (sum(map(width, parts)) or 1)
    at = word.start
    for part in parts:
        end = at + pace * width(part)
        yield from _short_parts(TimedText(part, at, end), longest)
        at = end


def _as_text(words: Sequence[TimedText]) -> str:
    """The text of words: with spaces, but for those between Chinese and Japanese letters."""
    text = words[0].text
    for word in words[1:]:
        text += word.text if is_dense(text[-1]) and is_dense(word.text[0]) else f" {word.text}"
    return text


def _shot(word: TimedText, bounds: Sequence[int]) -> tuple[int, int]:
    """The first frame and the end of the shot in which the middle of a word is spoken."""
    middle = (word.start + word.end) / 2 * FPS
    return next((shot for shot in pairwise(bounds) if middle < shot[1]), (bounds[-2], bounds[-1]))


def _within(frame: int, shot: tuple[int, int]) -> int:
    return min(max(frame, shot[0]), shot[1] - 1)
