"""Facts as lines for the screen: split into sentences, ranked, shortened by leaving words out, never reworded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from adreel.domain.scripts.claims.tokens import fold, is_negated, is_quotation, quotation_parts, sentences
from adreel.domain.scripts.claims.vocabulary import NEUTRAL
from adreel.domain.scripts.reading_time import count_words


class LineKind(StrEnum):
    STATEMENT = "statement"
    QUESTION = "question"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the facts; a quotation is one line."""

    text: str
    kind: LineKind


Allowed = Callable[[str], bool]

_BULLET = re.compile(r"^\s*(?:[-*•·–✓✔]|\d+[.)])\s+")
_OPENERS = re.compile(
    r"^(?:it is|it's|it has|they are|they have|it|they|this product|es ist|es hat|er ist|er hat|sie ist|sie hat|"
    r"il est|elle est|il a|elle a|c'est|tiene|es)\s+(?=\S+\s+\S)",
    re.IGNORECASE,
)
"""Beginnings without which a sentence is a line: "It holds 350 ml" is "Holds 350 ml"."""
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_BREAKS = re.compile(
    r"\s*[,;:]\s+|\s+[–—-]\s+|\s+(?=(?:and|which|that|because|so|while|und|weil|damit|sodass|et|qui|parce|y|que|porque)\s)",
    re.IGNORECASE,
)
_CONDITIONS = frozenset(
    word
    for words in (
        "if when unless except excluding only provided until between both either",
        "wenn falls ausser nur sofern zwischen bis",
        "si sauf seulement hormis entre excepto salvo solo cuando",
    )
    for word in words.split()
)
"""A sentence with one of these is shown whole: without it the rest would say more."""
_CONJUNCTIONS = frozenset(["and", "or", "but", "und", "oder", "aber", "et", "ou", "mais", "y", "o", "pero", "nor"])
_FEWEST = 2
"""Words of a part that can stand alone."""
_IDEAL = (3, 7)


def fact_lines(facts: Iterable[str]) -> list[Line]:
    """Splits facts into lines, in their order."""
    return list(dict.fromkeys(line for fact in facts for line in _lines(_BULLET.sub("", fact).strip())))


def ranked(lines: Iterable[Line]) -> list[Line]:
    """Returns lines by what they say in little time: those with a number first, then those of a few words."""
    return sorted(lines, key=_rank)


def shortened(line: Line, most: float, allowed: Allowed) -> str | None:
    """Returns the longest form of a line of at most `most` words of which `allowed` is true; None when there is none."""
    forms = _quotations(line.text) if line.kind is LineKind.QUOTE else _forms(line)
    fitting = [form for form in forms if count_words(form) <= most and allowed(form)]
    return max(fitting, key=count_words, default=None)


def _lines(fact: str) -> Iterator[Line]:
    if is_quotation(fact):
        yield Line(fact, LineKind.QUOTE)
        return
    for sentence in sentences(fact):
        text = _BULLET.sub("", sentence).strip()
        if text.endswith(("?", "？")):
            yield Line(text, LineKind.QUESTION)
        elif any(letter.isalnum() for letter in text):
            yield Line(text, LineKind.STATEMENT)


def _rank(line: Line) -> tuple[bool, bool]:
    words = count_words(line.text)
    return not any(map(str.isdigit, line.text)), not _IDEAL[0] <= words <= _IDEAL[1]


def _forms(line: Line) -> Iterator[str]:
    """The ways to say a sentence in fewer words, all of them parts of it."""
    plain = _finished(line.text) if line.kind is LineKind.STATEMENT else line.text
    opened = _finished(_OPENERS.sub("", plain))
    yield opened
    if line.kind is LineKind.QUESTION or _words(plain) & _CONDITIONS:
        return
    bare = _finished(_BRACKETS.sub("", opened))
    yield bare
    breaks = list(_BREAKS.finditer(bare))
    for cut in breaks:
        yield from _standing(bare[: cut.start()])
    if not is_negated(fold(bare)):
        ends = [*(cut.start() for cut in breaks), len(bare)][1:]
        for cut, end in zip(breaks, ends, strict=True):
            if cut.group().strip():
                yield from _standing(bare[cut.end() : end])


def _standing(part: str) -> Iterator[str]:
    """A part that can stand alone: of some words, not ending or beginning in the middle of a phrase."""
    text = _finished(part)
    words = fold(text).split()
    if len(words) >= _FEWEST and words[0] not in _CONJUNCTIONS and words[-1] not in NEUTRAL:
        yield text


def _quotations(text: str) -> Iterator[str]:
    """A quotation with the name of who said it, without, and its first sentences."""
    yield text
    quoted = quotation_parts(text)
    if quoted is None:
        return
    first, said, last, _ = quoted
    yield f"{first}{said}{last}"
    parts = sentences(said)
    for count in range(len(parts) - 1, 0, -1):
        yield f"{first}{' '.join(parts[:count])}{last}"


def _finished(text: str) -> str:
    """Without a full stop at the end, and beginning with a capital unless its first word is written in a way of its own."""
    text = text.strip().rstrip(".。 ").strip()
    first = text.split(maxsplit=1)[0] if text else ""
    return text[:1].upper() + text[1:] if first.islower() else text


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", fold(text)))
