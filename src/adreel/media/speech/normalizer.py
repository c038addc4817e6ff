"""Turns written English into spoken words, keeping for each its written form: prices, numbers, units, addresses.

read_aloud("Lumen No. 4, only $24.99")  ->  Lumen | number | four, | only | twenty four dollars and ninety nine cents
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adreel.media.speech import addresses, amounts, dates
from adreel.media.speech import number_words as numbers
from adreel.media.speech.number_words import Words
from adreel.media.speech.tables import ABBREVIATIONS
from adreel.media.speech.tokens import Nearby, Reading, Token, tokens_of, word_of

Pronunciations = Mapping[str, str]
"""How words are said: written words, in small letters, to a respelling ("hail") or to phonemes between slashes ("/hˈAl/")."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """`shown`: written words as they stand in the text; `said`: the words to say, or phonemes between slashes. `pause` is the
    punctuation after it that the voice hears, `ends` whether a sentence ends here."""

    shown: str
    said: Words
    pause: str = ""
    ends: bool = False


def read_aloud(text: str, pronunciations: Pronunciations | None = None) -> tuple[SpokenWord, ...]:
    """The words of a text as they are said."""
    return tuple(_spoken(tokens_of(text), pronunciations or {}))


def sentences(words: Sequence[SpokenWord]) -> list[list[SpokenWord]]:
    """The words of each sentence."""
    found: list[list[SpokenWord]] = [[]]
    for word in words:
        found[-1].append(word)
        if word.ends:
            found.append([])
    return [each for each in found if any(word.said for word in each)]


def _spoken(tokens: Sequence[Token], pronunciations: Pronunciations) -> Iterator[SpokenWord]:
    place = 0
    while place < len(tokens):
        count, said, ends = _read(tokens, place, pronunciations)
        last = tokens[place + count - 1]
        shown = " ".join(token.shown for token in tokens[place : place + count])
        yield SpokenWord(shown, said, last.pause if ends else "", last.ends and ends)
        place += count


def _read(tokens: Sequence[Token], place: int, pronunciations: Pronunciations) -> Reading:
    given = _given(tokens, place, pronunciations)
    if given is not None:
        return given
    near = Nearby(tokens, place)
    for rule in _RULES:
        reading = rule(near)
        if reading is not None:
            return reading
    return 1, word_of(near.token.core), True


def _given(tokens: Sequence[Token], place: int, pronunciations: Pronunciations) -> Reading | None:
    """The longest written words from `place` that the dictionary knows, with an 's after them if there is one."""
    for count in range(min(4, len(tokens) - place), 0, -1):
        chosen = tokens[place : place + count]
        if any(token.tail for token in chosen[:-1]):
            continue
        written = " ".join(token.lower for token in chosen)
        for key, genitive in ((written, ""), (written.removesuffix("'s"), "'s")):
            if key in pronunciations and (not genitive or written.endswith("'s")):
                return count, _dictated(pronunciations[key], genitive), True
    return None


def _dictated(said: str, genitive: str) -> Words:
    if said.startswith("/"):
        return (said[:-1] + ("z" if genitive else "") + "/",)
    *first, last = said.split()
    return (*first, last + genitive)


def _number_sign(near: Nearby) -> Reading | None:
    """No. 4, Nos. 4 and 5, #1, #summer."""
    token, after = near.token, near.after
    if token.lower in ("no", "nos") and token.tail == "." and after.core[:1].isdigit():
        return 1, ("numbers" if token.lower == "nos" else "number",), False
    if match := re.fullmatch(r"(?:#|[Nn]o\.)(\d+)", token.core):
        return 1, ("number", *numbers.cardinal(int(match[1]))), True
    if match := re.fullmatch(r"#(\w+)", token.core):
        return 1, ("hashtag", *addresses.in_words(match[1])), True
    return None


def _abbreviation(near: Nearby) -> Reading | None:
    token = near.token
    for written, dotted in ((f"{token.lower}.", token.tail[:1] == "."), (token.lower, False)):
        if (dotted or not written.endswith(".")) and written in ABBREVIATIONS:
            rest = token.tail[1:] if dotted else token.tail
            return 1, tuple(ABBREVIATIONS[written].split()), bool(rest)
    return None


_RULES: Sequence[Callable[[Nearby], Reading | None]] = (
    _number_sign,
    addresses.street,
    dates.days,
    _abbreviation,
    amounts.price,
    dates.decade,
    amounts.measure,
    dates.time,
    dates.date,
    addresses.telephone,
    amounts.digits,
    addresses.address,
)
