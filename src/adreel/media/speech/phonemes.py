"""Words to phonemes: by the lexicon, the words around them, and a network for what the lexicon lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adreel.media.speech.lexicon import PRIMARY, SECONDARY, VOWELS, Entry, default_of, lexicon
from adreel.media.speech.normalizer import SpokenWord
from adreel.media.speech.tagger import part_of_speech, tagger
from adreel.media.speech.unknown_words import unknown_words

_CONSONANTS = frozenset("bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ")


@dataclass(frozen=True, slots=True)
class Sounded:
    """A written word with its phonemes and the sign after it; empty for a word that is not said."""

    word: SpokenWord
    phonemes: str


@dataclass(frozen=True, slots=True)
class _Said:
    """A word to say: of which written word it is a part, and whether a pause follows it."""

    text: str
    owner: int
    before_pause: bool


def phonemes_of(sentence: Sequence[SpokenWord]) -> list[Sounded]:
    """The phonemes of each word of a sentence. Raises SetupError."""
    said = [
        _Said(text, owner, bool(word.pause) and place == len(word.said) - 1)
        for owner, word in enumerate(sentence)
        for place, text in enumerate(word.said)
    ]
    entries = [_entry_of(each.text) for each in said]
    tags = _tags(said) if any(not isinstance(entry, str) for entry in entries) else [""] * len(said)
    sounds = [""] * len(said)
    # From the last word on: some depend on the sound that follows.
    for place in reversed(range(len(said))):
        after = sounds[place + 1] if place + 1 < len(said) and not said[place].before_pause else ""
        sounds[place] = _in_context(said[place].text, entries[place], tags[place], after)
    return [
        Sounded(
            word, " ".join(sound for each, sound in zip(said, sounds, strict=True) if each.owner == owner and sound)
        )
        for owner, word in enumerate(sentence)
    ]


def _entry_of(word: str) -> Entry:
    if word.startswith("/"):
        return word.strip("/")
    if len(word) == 1 and word.isupper() and word not in ("A", "I"):
        return lexicon().letter(word) or unknown_words().read(word)
    return lexicon().find(word) or _spelled(word) or unknown_words().read(word)


def _spelled(word: str) -> str:
    """The letters of a short form such as BMW; the last one has the main stress."""
    if not (word.isupper() and 2 <= len(word) <= 5):
        return ""
    letters = [lexicon().letter(letter) for letter in word]
    if None in letters:
        return ""
    joined = "".join(filter(None, letters)).replace(PRIMARY, SECONDARY)
    head, _, tail = joined.rpartition(SECONDARY)
    return f"{head}{PRIMARY}{tail}"


def _tags(said: Sequence[_Said]) -> list[str]:
    return tagger().tags([each.text for each in said])


def _in_context(word: str, entry: Entry, tag: str, after: str) -> str:
    """The phonemes of a word before the phonemes `after`, which are empty at a pause."""
    before_vowel = _begins_with_vowel(after)
    lower = word.lower()
    if lower == "the":
        return "ði" if before_vowel else "ðə"
    if lower == "to" and after:
        return "tʊ" if before_vowel else "tə"
    if lower in ("a", "an") and after:
        return "ɐn" if lower == "an" else "ɐ"
    if isinstance(entry, str):
        return _alphabet(entry)
    if not after and entry.get("None"):
        return _alphabet(entry["None"] or "")
    chosen = entry.get(tag) or entry.get(part_of_speech(tag)) or default_of(entry)
    return _alphabet(chosen)


def _begins_with_vowel(phonemes: str) -> bool:
    first = next((char for char in phonemes if char in VOWELS or char in _CONSONANTS), "")
    return first in VOWELS


def _alphabet(phonemes: str) -> str:
    """The sounds as the voice writes them."""
    return phonemes.replace("ɾ", "T").replace("ʔ", "t")
