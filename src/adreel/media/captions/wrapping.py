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
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
"""Vowels of Thai and Lao that are written before the consonant with which their syllable begins."""
_SYLLABLE_ENDS = frozenset("ะๆฯະໆຯ")
"""Signs of Thai and Lao that end a syllable."""
_MOST_TIED = 4.0
"""Width by which a line may be longer for the sake of the signs of its last letter."""
_JOINER, _STACKING = "\u200d", 9
"""The joiner of emoji; the combining class of signs that tie the next consonant to the one before."""


def wrapped(text: str, longest: float = LONGEST_LINE) -> tuple[str, ...]:
    """The lines of a text, as few as possible and about equally long; none longer than `longest` Latin letters.

    Lines break at spaces, and between Chinese and Japanese letters where their rules allow it. What is longer than a line breaks
    within: Thai and Lao between two syllables where their letters show them, all others between two letters with their signs.
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
    if char in _NO_BEGIN or before in _NO_END or _tied(before, char):
        return False
    return is_dense(before) or is_dense(char)


def is_dense(char: str) -> bool:
    """Whether words of its script are not parted by spaces; Korean ones are."""
    return unicodedata.east_asian_width(char) in "WF" and ord(char) not in _HANGUL


def _cut(part: str, longest: float) -> Iterator[str]:
    """A part that is longer than a line, in parts that are not."""
    if width(part) <= longest:
        yield part
        return
    for syllables in _syllables(part):
        yield from _letters(syllables, longest) if width(syllables) > longest else (syllables,)


def _syllables(part: str) -> Iterator[str]:
    """Thai and Lao without spaces, parted where a syllable surely begins; everything else whole."""
    syllables = part[0]
    for before, char in pairwise(part):
        begins = char in _LEADING_VOWELS or (before in _SYLLABLE_ENDS and unicodedata.category(char) == "Lo")
        if begins and before not in _LEADING_VOWELS:
            yield syllables
            syllables = ""
        syllables += char
    yield syllables


def _letters(part: str, longest: float) -> Iterator[str]:
    """A part cut between letters; their vowel signs, accents and what is tied to them stay with them."""
    line = part[0]
    for before, char in pairwise(part):
        beyond = width(line) + _width(char) - longest
        if beyond > (_MOST_TIED if _tied(before, char) else 0):
            yield line
            line = ""
        line += char
    yield line


def _tied(before: str, char: str) -> bool:
    """Whether two characters are parts of one letter."""
    if char == _JOINER or before == _JOINER or before in _LEADING_VOWELS or char in _SYLLABLE_ENDS or char in "ำຳ":
        return True
    return unicodedata.category(char)[0] == "M" or not _width(char) or unicodedata.combining(before) == _STACKING
