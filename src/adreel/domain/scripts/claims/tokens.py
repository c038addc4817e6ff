"""Splits text into sentences, words and numbers, folded so that spelling does not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from adreel.domain.scripts.claims.vocabulary import NEGATIONS, NEUTRAL, NUMBER_WORDS, QUALIFIER, UNITS

_TOKEN = re.compile(r"\d[\d.,' ]*\d|\d|[^\W\d_]+(?:['-][^\W\d_]+)*|[%$€£¥°×]")
_SENTENCE = re.compile(r"(?<=[.!?…;])(?<!\d\.)(?<!\b[NnCc][ora]\.)\s+|\s*[\n•|·]\s*")
"""A full stop after a digit or in "No. 4" ends no sentence."""
_PART = re.compile(r"[,:;]\s+|\s+[-–—&/]\s+")
_GROUPED = re.compile(r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?")
_QUOTES = "\"'“„«»‹›‘”"
_QUOTED = re.compile(r"""\s*(["'“„«»‹›‘”])(.*)(["'“”«»‹›’])(.*)""", re.DOTALL)
_QUOTED_WITHIN = re.compile(
    r"""(?<!\w)(?:"(?=\S)|[“„«»‹›]\s?)([^"“”„«»‹›]{2,}?)\s?["“”«»‹›]|(?<!\w)['‘](?=\w)([^'‘’]* [^'‘’]*)['’](?!\w)"""
)
"""Between single marks, which are apostrophes too, only what has several words."""
_LETTERS_IN_COMMON = 4
_LETTERS_APART = 3


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. `values` are its possible readings ("1,500" is 1500 or 1.5), `unit` the canonical unit or the word
    after it, empty without one; `bound` the sense of what bounds it, such as "up to". `shown` is how it is written."""

    values: frozenset[Decimal]
    unit: str
    bound: str
    shown: str


def fold(text: str) -> str:
    """Returns text in small letters without accents, compatibility forms, invisible characters and typographic apostrophes."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'").replace("−", "-")).casefold()
    kept = (letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf"))
    return re.sub(r"[^\S\n]+", " ", "".join(_digit(letter) for letter in kept)).strip()


def sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part.strip()]


def parts(sentence: str) -> list[str]:
    """Returns the parts between commas, colons and dashes."""
    return [part for part in _PART.split(sentence) if part.strip()]


def is_quotation(text: str) -> bool:
    return text.lstrip()[:1] in tuple(_QUOTES)


def quotation_parts(text: str) -> tuple[str, str, str, str] | None:
    """Returns the opening mark, the quoted text, the closing mark and the rest of a quotation; None without a closing mark."""
    found = _QUOTED.match(text)
    return None if found is None else cast("tuple[str, str, str, str]", found.groups())


def quoted_within(text: str) -> list[str]:
    """Returns what stands in quotation marks anywhere in a text. An inch mark behind a number opens none."""
    return [match[1] or match[2] for match in _QUOTED_WITHIN.finditer(text)]


def bare(text: str) -> str:
    """Returns the words and numbers of a text, folded, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def content_words(folded: str) -> set[str]:
    """Returns the words that say something: no numbers, units, negations and words of `NEUTRAL`."""
    skipped = NEUTRAL | NEGATIONS | UNITS.keys() | NUMBER_WORDS.keys()
    words = {inner for word in _words(folded) for inner in word.split("-")}
    return {word for word in words if word not in skipped and len(word) > 1}


def is_negated(folded: str) -> bool:
    return any(word in NEGATIONS for word in _words(folded))


def numbers(folded: str) -> Iterator[Number]:
    """Yields every number, in digits or words, with its unit."""
    found = list(_pieces(folded))
    for place, (text, start, end) in enumerate(found):
        values = _values(text)
        if values:
            before = found[place - 1][0] if place and not folded[found[place - 1][2] : start].strip() else ""
            after = _after(folded, found, place)
            unit = UNITS[before] if before in UNITS and UNITS[before] in "$€£¥" else _unit(after)
            bound = QUALIFIER.search(folded[:start])
            yield Number(values, unit, (bound.lastgroup or "") if bound else "", folded[start:end])


def same_word(one: str, other: str) -> bool:
    """Whether two words are forms of one: they share their beginning, and differ by an ending of a few letters."""
    if one == other:
        return True
    common = next(
        (n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    return common >= _LETTERS_IN_COMMON and max(len(one), len(other)) - common <= _LETTERS_APART


def _digit(letter: str) -> str:
    value = unicodedata.digit(letter, None)
    return letter if value is None or letter.isascii() else str(value)


def _words(folded: str) -> list[str]:
    return [text for text, _, _ in _pieces(folded) if text[0].isalpha()]


def _pieces(folded: str) -> Iterator[tuple[str, int, int]]:
    """Yields tokens with their places; digits with spaces between them that are not thousands are separate numbers."""
    for match in _TOKEN.finditer(folded):
        text, start = match.group(), match.start()
        if " " in text and not _GROUPED.fullmatch(text):
            for inner in re.finditer(r"\d[\d.,']*\d|\d", text):
                yield inner.group(), start + inner.start(), start + inner.end()
        else:
            yield text, start, match.end()


def _values(token: str) -> frozenset[Decimal]:
    if not token[0].isdigit():
        word = NUMBER_WORDS.get(token.split("-")[0])
        return frozenset() if word is None else frozenset({Decimal(word)})
    digits = re.sub(r"[ ']", "", token)
    readings = {digits.replace(",", ""), digits.replace(".", "").replace(",", ".")}
    return frozenset(Decimal(reading).normalize() for reading in readings if re.fullmatch(r"\d+(?:\.\d+)?", reading))


def _after(folded: str, found: list[tuple[str, int, int]], place: int) -> str:
    """The token after a number, if only a space or hyphen separates them; of "12-hour" in one token, its second part."""
    text, _, end = found[place]
    if text[0].isalpha() and "-" in text:
        return text.split("-", 1)[1]
    if place + 1 >= len(found) or folded[end : found[place + 1][1]].strip(" -."):
        return ""
    return found[place + 1][0]


def _unit(token: str) -> str:
    if token in UNITS:
        return UNITS[token]
    return "" if not token or token in NEUTRAL or token[0].isdigit() or token in NEGATIONS else token
