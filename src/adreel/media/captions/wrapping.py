"""Breaks the text of a caption into lines, in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

LONGEST_LINE = 42.0
"""Width of a line in Latin letters, as broadcasters and streaming services limit it."""
_WIDE = LONGEST_LINE / 16
"""Width of a Chinese or Japanese letter: of them a line has 16."""
_NO_BEGIN = frozenset(
    "、。，．・：；？！‥…ー々〻ゝゞ)）]］}｝」』】〉》〕〟’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!%％"
)
"""What no line begins with in Japanese and Chinese."""
_NO_END = frozenset("(（[［{｛「『【〈《〔〝‘“$￥¥€£")
"""What no line ends with."""
_HANGUL = range(0xAC00, 0xD7A4)


def wrapped(text: str, longest: float = LONGEST_LINE) -> tuple[str, ...]:
    """The lines of a text, as few as possible and about equally long; none longer than `longest` Latin letters.

    Lines break at spaces, between Chinese and Japanese letters where their rules allow it, and anywhere within a word that is
    longer than a line.
    """
    pieces = list(_pieces(text, longest))
    count = len(_filled(pieces, longest))
    limits = sorted({width(line) for line in _runs(pieces, longest)} - {0.0})
    best = next((limit for limit in limits if limit <= longest and len(_filled(pieces, limit)) <= count), None)
    return tuple(_filled(pieces, longest if best is None else best))


def width(text: str) -> float:
    """The width of a text in Latin letters; accents that are characters of their own have none."""
    return sum(_width(char) for char in text)


def _width(char: str) -> float:
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc"):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(char) in "WF" else 1.0


def is_unspaced(char: str) -> bool:
    """Whether a letter is of a script that writes words without spaces between them: Chinese or Japanese."""
    return unicodedata.east_asian_width(char) in "WF" and ord(char) not in _HANGUL


def _runs(pieces: Sequence[str], longest: float) -> Iterator[str]:
    """Every line that pieces in a row can make."""
    for first in range(len(pieces)):
        line = ""
        for piece in pieces[first:]:
            line += piece
            if width(line.rstrip()) > longest:
                break
            yield line.rstrip()


def _filled(pieces: Sequence[str], limit: float) -> list[str]:
    lines: list[str] = []
    for piece in pieces:
        if lines and width((lines[-1] + piece).rstrip()) <= limit:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]


def _pieces(text: str, longest: float) -> Iterator[str]:
    """The parts between which a line may break, with the space after them."""
    for word in text.split():
        parts = [part for unbroken in _unbroken(word) for part in _cut(unbroken, longest)]
        yield from parts[:-1]
        yield f"{parts[-1]} "


def _unbroken(word: str) -> Iterator[str]:
    part = word[0]
    for before, char in pairwise(word):
        if _may_break(before, char):
            yield part
            part = ""
        part += char
    yield part


def _may_break(before: str, char: str) -> bool:
    if char in _NO_BEGIN or before in _NO_END or not _width(char):
        return False
    return _is_dense(before) or _is_dense(char)


def _is_dense(char: str) -> bool:
    """Whether words of its script are not parted by spaces; Korean ones are."""
    return unicodedata.east_asian_width(char) in "WF" and ord(char) not in _HANGUL


def _cut(part: str, longest: float) -> Iterator[str]:
    """A part that is longer than a line, in parts that are not; accents stay with their letter."""
    line = ""
    for char in part:
        if line and _width(char) and width(line) + _width(char) > longest:
            yield line
            line = ""
        line += char
    yield line
