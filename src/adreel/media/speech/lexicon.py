"""Pronunciations of English words: a lexicon, and the rules for endings of words that it does not hold."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import cast

import adreel.assets
from adreel.domain.errors import SetupError

VOICE_FOLDER = Path(adreel.assets.__file__).parent / "voice"

VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ")
PRIMARY, SECONDARY = "ˈ", "ˌ"
_VOICELESS = frozenset("ptkfθ")
_HISSING = frozenset("szʃʒʧʤ")
_BEFORE_FLAP = frozenset("AIOWYiuæɑəɛɪɹʊʌ")
"""Sounds after which American speakers flap a t before a vowel: heated, sitting."""

Entry = str | Mapping[str, str | None]
"""Phonemes; for words with several, by part of speech: "DEFAULT", "NOUN", "VERB", "ADJ", "ADV" or a tag such as "VBD"; "None" is
for a word at the end of a phrase."""


def read_json(name: str) -> object:
    """A file of the voice, unpacked. Raises SetupError when it is missing or damaged."""
    path = VOICE_FOLDER / name
    try:
        data = path.read_bytes()
        return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    except (OSError, EOFError, ValueError) as error:
        raise SetupError(f"{path} is missing or damaged: install adreel again") from error


@cache
def lexicon() -> Lexicon:
    """The lexicon of the voice, read once."""
    checked = cast("Mapping[str, Entry]", read_json("lexicon_us_gold.json.gz"))
    derived = cast("Mapping[str, Entry]", read_json("lexicon_us_silver.json.gz"))
    return Lexicon(checked, derived)


class Lexicon:
    """`checked` entries were read by people and come before `derived` ones."""

    def __init__(self, checked: Mapping[str, Entry], derived: Mapping[str, Entry]) -> None:
        self._sources = (checked, derived)

    def find(self, word: str) -> Entry | None:
        """The entry of a word as it is written, in small letters or with a capital; else that of its stem with the sounds of its
        ending."""
        found = self._entry(word)
        if found is not None:
            return found
        return next((each for each in self._inflected(word.lower()) if each), None)

    def letter(self, letter: str) -> str | None:
        """The name of a letter."""
        found = self._sources[0].get(letter.upper())
        return found if isinstance(found, str) else None

    def _entry(self, word: str) -> Entry | None:
        lower = word.lower()
        for written in dict.fromkeys((word, lower, lower.capitalize())):
            for source in self._sources:
                found = source.get(written)
                if found is not None:
                    return found
        return None

    def _inflected(self, word: str) -> Iterator[str]:
        for ending, sounds in (("s", plural), ("ed", past), ("ing", progressive)):
            for stem in _stems(word, ending):
                entry = self._entry(stem)
                if entry is not None:
                    yield sounds(default_of(entry))
        if word.endswith("s'"):
            yield from (plural(default_of(entry)) for entry in [self._entry(word[:-2])] if entry is not None)


def default_of(entry: Entry) -> str:
    return entry if isinstance(entry, str) else entry["DEFAULT"] or ""


def _stems(word: str, ending: str) -> Iterator[str]:
    """What a word may be made of: mug from mugs, make from making, stop from stopped, glossy from glossies."""
    if ending == "s":
        yield from _singulars(word)
    elif word.endswith(ending) and len(word) > len(ending) + 2:
        stem = word[: -len(ending)]
        # After a single vowel a consonant is doubled, unless an e was left out: rated is of rate, ratted of rat.
        yield from (f"{stem}e", stem) if _lost_e(stem) else (stem, f"{stem}e")
        if stem[-1] == stem[-2]:
            yield stem[:-1]
        if ending == "ed" and stem.endswith("i"):
            yield f"{stem[:-1]}y"


def _lost_e(stem: str) -> bool:
    return len(stem) > 2 and stem[-1] not in "aeiouywx" and stem[-2] in "aeiou" and stem[-3] not in "aeiou"


def _singulars(word: str) -> Iterator[str]:
    if word.endswith("'s"):
        yield word[:-2]
    elif word.endswith("ies") and len(word) > 4:
        yield f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith("ss") and len(word) > 2:
        yield word[:-1]
        if word.endswith("es"):
            yield word[:-2]


def plural(stem: str) -> str:
    """The sounds of a plural, a genitive or a third person."""
    if stem[-1:] in _HISSING:
        return f"{stem}ᵻz"
    return f"{stem}s" if stem[-1:] in _VOICELESS else f"{stem}z"


def past(stem: str) -> str:
    if stem.endswith("t"):
        return f"{stem[:-1]}ɾᵻd" if stem[-2:-1] in _BEFORE_FLAP else f"{stem}ᵻd"
    if stem.endswith("d"):
        return f"{stem}ᵻd"
    return f"{stem}t" if stem[-1:] in _VOICELESS | frozenset("sʃʧ") else f"{stem}d"


def progressive(stem: str) -> str:
    flapped = stem.endswith("t") and stem[-2:-1] in _BEFORE_FLAP
    return f"{stem[:-1]}ɾɪŋ" if flapped else f"{stem}ɪŋ"
