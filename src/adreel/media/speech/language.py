"""Whether a text is in the language that the voice speaks. Another one is refused by its name, never mumbled."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from adreel.domain.errors import TextError
from adreel.media.cards.text import script_name
from adreel.media.speech.lexicon import lexicon
from adreel.media.speech.normalizer import Pronunciations, SpokenWord
from adreel.media.speech.tables import ABBREVIATIONS

_MARKERS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "German": "der das und ist nicht für mit ein eine einen dein deine ihr unser unsere aus auf von zu im wir sie ich jetzt "
        "nur auch wie bis bei nach den dem des oder mehr sich hier über heute",
        "French": "le les des une est et pour avec votre vos notre nos dans sur ce cette ces vous nous pas plus du au aux qui "
        "que la de un en maintenant chez tout",
        "Spanish": "el los las una y es para con tu su sus nuestro nuestra por que más del al muy ahora sin como este esta lo de "
        "en",
        "Italian": "il gli una e è per con tuo tua nostro nostra che più del della dei nel sono questo questa non ora di",
        "Portuguese": "o os as uma e é para com seu sua nosso nossa que mais do da dos das não agora em um de",
        "Dutch": "het een en is voor met jouw uw onze van niet op te zijn nu ook naar bij dit dat je wij",
        "Swedish": "och är för med din vår inte på av ett en det som nu till från",
        "Danish or Norwegian": "og er for med din vår vores ikke på af et en det som nå nu til fra",
        "Polish": "i jest dla z twój twoja nasz nasza nie na w się do od teraz to jak",
        "Turkish": "ve bir için ile senin bizim değil çok bu şimdi daha en",
    }.items()
}
"""Frequent words of languages written in Latin letters."""

_ENGLISH_TOO = frozenset(
    ("for", "is", "van", "to", "in", "on", "per", "plus", "sin", "den", "con", "do", "a", "i", "as", "me", "an")
)
_LEAST_SHARE = 0.5
"""Share of words above which a text is foreign that are frequent ones of another language or in no lexicon."""
_UNKNOWN_SHARE = 0.67
_FEWEST = 2
_FEW = 3


def check_language(text: str, words: Sequence[SpokenWord], pronunciations: Pronunciations) -> None:
    """Raises TextError for a text in another language than English. Words with a pronunciation of their own count as English."""
    for word in words:
        if all(each.startswith("/") for each in word.said) and word.said:
            continue
        foreign = _foreign_letter(word.shown)
        if foreign:
            raise TextError(_refusal(text, f"{foreign} script ({word.shown!r})"))
    written = [part for word in words if not _stands_for_another(word) for part in _plain(word.shown, pronunciations)]
    language = _foreign_language(written)
    if language:
        raise TextError(_refusal(text, language))


def _stands_for_another(word: SpokenWord) -> bool:
    """Whether a word is an abbreviation, such as est., which is a word of French without its point."""
    return f"{word.shown.rstrip(',;:.!?…')}.".casefold() in ABBREVIATIONS and "." in word.shown


def _refusal(text: str, language: str) -> str:
    return (
        f"the offline voice speaks English only, and the line {text!r} is in {language}; write it in English, or "
        "give the pronunciation of its foreign names"
    )


def _foreign_letter(word: str) -> str | None:
    for char in word:
        if unicodedata.category(char)[0] == "L" and (script := script_name(char)) not in (
            "Latin",
            "Masculine",
            "Feminine",
            "Micro",
        ):
            return script
    return None


def _plain(shown: str, pronunciations: Pronunciations) -> list[str]:
    """The letters of written words, without those in the dictionary, numbers and addresses."""
    stripped = [part.strip("\"'“”‘’«»()[]{}.,;:!?…—-") for part in shown.split()]
    return [
        part for part in stripped if part and part.replace("'", "").isalpha() and part.casefold() not in pronunciations
    ]


def _foreign_language(words: Sequence[str]) -> str | None:
    """The language of the text, "another language" where it cannot be named; None for English."""
    if not words:
        return None
    unknown = {word.casefold() for word in words if lexicon().find(word) is None}
    lower = [word.casefold() for word in words]
    best, hits = None, 0
    for language, markers in _MARKERS.items():
        found = sum(word in markers for word in lower)
        if found > hits:
            best, hits = language, found
    foreign = sum(word in unknown or (best is not None and word in _MARKERS[best]) for word in lower)
    if unknown and best is not None and foreign >= _FEWEST and foreign > _LEAST_SHARE * len(lower):
        return best if hits > 1 else "another language"
    if best is not None and _speaks(best, lower):
        return best
    return "another language" if len(lower) >= _FEW and len(unknown) >= _UNKNOWN_SHARE * len(lower) else None


def _speaks(language: str, words: Sequence[str]) -> bool:
    """Whether most words are frequent ones of the language and not of English, where the lexicon
    has them all as names: Das ist gut."""
    own = [word for word in words if word in _MARKERS[language] - _ENGLISH_TOO]
    return len(set(own)) > 1 and 3 * len(own) >= 2 * len(words)
