"""Font-independent processing of card text: cleaning, direction, emoji runs, line breaks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from adreel.domain.errors import TextError

MAX_CHARACTERS = 200

_LINE_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u3000]+")

_BMP_EMOJI = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab"
    "\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c"
    "\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55"
)
"""Emoji_Presentation of the Basic Multilingual Plane (Unicode, emoji-data.txt); others are coloured by U+FE0F."""

_TAIL = "[\U0001f3fb-\U0001f3ff\ufe0f\U000e0020-\U000e007f]*"
_PICTURE = f"(?:[\U0001f000-\U0001faff{_BMP_EMOJI}](?!\ufe0e){_TAIL}|.\ufe0f{_TAIL})"
_EMOJI = re.compile(f"(?:[0-9#*]\ufe0f?\u20e3|{_PICTURE}(?:\u200d(?:{_PICTURE}|.\ufe0f?))*)+")

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
    "\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
"""Default_Ignorable_Code_Point, as far as it occurs in text: invisible, so no font needs to cover it."""

_BREAKS_ANYWHERE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u303f\u3040-\u309f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\U00020000-\U0003ffff]+|[\u30a0-\u30ff]{11,}|[\uac00-\ud7af]{11,}"
)
"""Scripts written without spaces between words: lines may break inside what looks like one word."""

_KEPT_WORD = re.compile(
    "(?<![\uac00-\ud7af])[\uac00-\ud7af]{2,10}(?![\uac00-\ud7af])"
    "|(?<![\u30a0-\u30ff])[\u30a0-\u30ff]{2,10}(?![\u30a0-\u30ff])"
)
"""Korean words and Japanese loan words: not divided in display type, although the line-breaking rules allow it."""

_WORD_JOINER = "\u2060"

_KEPT_HYPHEN = re.compile(r"(?<=\S[-\u2010\u2013])(?=[^\s\u200b])")
"""After a hyphen or dash within a word, where line-breaking rules allow a break that display type does not want."""


@dataclass(frozen=True, slots=True)
class TextRun:
    """A part of a line that is only emoji or only letters."""

    text: str
    emoji: bool


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line as the user typed it, before wrapping."""

    runs: tuple[TextRun, ...]
    right_to_left: bool


_BREAKS = re.compile(r"[^\S\u00a0]+|\u200b")
"""Where a line may break: at any space but a fixed one."""

_HYPHEN = re.compile(r"(?<=[^\W\d_]-)(?=[^\W\d_])")
"""Between the parts of a compound."""

_UNIT = re.compile(r"(\d) (?=[^\W\d]{1,2}\b|%|€)")
"""The space between a number and a unit of at most two letters."""


def clean_text(text: str) -> str:
    """Normalises to NFC, removes control characters, collapses spaces and removes empty lines; line breaks become ``\\n``.

    Raises TextError when nothing visible is left or more than MAX_CHARACTERS are.
    """
    spaced = _SPACES.sub(" ", _LINE_BREAKS.sub("\n", text))
    composed = unicodedata.normalize("NFC", "".join(char for char in spaced if not _is_control(char)))
    lines = (_SPACES.sub(" ", line).strip() for line in composed.split("\n"))
    cleaned = "\n".join(line for line in lines if line)
    if not any(_is_visible(char) for char in cleaned):
        raise TextError("the text of the card is empty; give a name or a call to action with at least one letter")
    if len(cleaned) > MAX_CHARACTERS:
        raise TextError(f"the text of a card has {len(cleaned)} characters; {MAX_CHARACTERS} is the most, shorten it")
    return cleaned


def split_lines(text: str) -> tuple[TextLine, ...]:
    return tuple(TextLine(tuple(split_runs(line)), is_right_to_left(line)) for line in text.split("\n"))


def split_runs(line: str) -> Iterator[TextRun]:
    """Splits a line where emoji begin and end, so that each part can be set in its own font."""
    position = 0
    for match in _EMOJI.finditer(line):
        if match.start() > position:
            yield TextRun(line[position : match.start()], emoji=False)
        yield TextRun(match[0], emoji=True)
        position = match.end()
    if position < len(line):
        yield TextRun(line[position:], emoji=False)


def keep_words(text: str) -> str:
    """Prevents line breaks inside short Korean words and Japanese loan words, and after hyphens, with invisible joiners; not
    where `divide_at_hyphens` allows them."""
    kept = _KEPT_WORD.sub(lambda word: _WORD_JOINER.join(word[0]), text)
    return _KEPT_HYPHEN.sub(_WORD_JOINER, kept)


def is_right_to_left(line: str) -> bool:
    """The direction of the first strong character (Unicode Bidirectional Algorithm, rules P2 and P3)."""
    strong = (unicodedata.bidirectional(char) for char in line)
    return next((kind != "L" for kind in strong if kind in {"L", "R", "AL"}), False)


def keep_units(text: str) -> str:
    """Keeps a number and its unit in one line: "350 ml" is never broken."""
    return _UNIT.sub("\\1\u00a0", text)


def divide_at_hyphens(text: str) -> str:
    """Lets lines end after the hyphens of compounds: "Water-resistant" may take two lines."""
    return _HYPHEN.sub("\u200b", text)


def unbreakable_words(text: str) -> list[str]:
    """The pieces that a line break cannot divide; the widest of them limits the type size."""
    return [part for word in _BREAKS.split(text) for part in _BREAKS_ANYWHERE.split(word) if part]


def clusters(text: str) -> Iterator[str]:
    """Base characters with their marks, without characters that no font needs to cover (spaces, joiners, selectors)."""
    cluster = ""
    for char in _IGNORABLE.sub("", text):
        if unicodedata.category(char).startswith("M"):
            cluster += char
            continue
        if cluster.strip():
            yield cluster
        cluster = char
    if cluster.strip():
        yield cluster


def script_name(char: str) -> str:
    """The script of a character, from its Unicode name: ``Ethiopic``; ``unknown script`` when unassigned."""
    name = unicodedata.name(char, "")
    if not name:
        return "unknown script"
    return "Chinese" if name.startswith("CJK") else name.split()[0].split("-")[0].capitalize()


def _is_control(char: str) -> bool:
    return (unicodedata.category(char) in {"Cc", "Cs"} and char != "\n") or char == "\ufeff"


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZCM" or unicodedata.category(char) in {"Cn", "Co"}
